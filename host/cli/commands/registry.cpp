#include "host/cli/commands/commands.hpp"

namespace kindred::cli {
namespace {

/// What the program says of a command.
struct Entry {
  const char* name;
  Command (*make)(CLI::App* app);
  const char *summary, *examples;
};

constexpr Entry entries[] = {
    {"pairwise", pairwise_command, "Distances between all pairs of one collection of systems",
     "Examples:\n"
     "  kindred pairwise runs/*.npy --delays 33 --interval 6 --rank 20 --out D.npy --report report.html\n"
     "  kindred pairwise --operators ops.npy --effort thorough --certify --out D.npy --lower-bound L.npy\n"
     "  kindred pairwise systems.json --metric dsa,spectral --delays 10 --rank 12 --out results.npz\n"
     "  kindred pairwise runs/ --rank 10 --split 2 --report floor.html\n"
     "  kindred pairwise runs/ --rank 10 --json --quiet | jq '.metrics[0].distances'"},
    {"cross", cross_command, "Distances between two collections: rows against columns",
     "Examples:\n"
     "  kindred cross models/*.npy --against brain/*.npy --delays 20 --rank 15 --out D.npy\n"
     "  kindred cross --operators A.npy --against B.npy --out D.npy --alignment C.npz\n"
     "  kindred cross run1/*.npy --against run2/*.npy --paired --rank 15 --out curve.npy --report curve.html\n"
     "  kindred cross runs/*.npy --against identity --rank 15 --out still.npy"},
    {"nearest", nearest_command, "The nearest systems of each system or query, without all pairs",
     "Examples:\n"
     "  kindred nearest --operators ops.npz --k 5 --out neighbours.csv\n"
     "  kindred nearest runs/ --query new.npy --delays 33 --interval 6 --rank 20 --k 3\n"
     "  kindred nearest --operators ops.npz --effort bound --k 20 --json"},
    {"status", status_command, "How far comparisons with a journal have come, while they run too",
     "Examples:\n  kindred status run.journal\n  kindred status run.journal.* --json"},
    {"merge", merge_command, "Joins the journals of parts of one comparison (--shard)",
     "Example:\n"
     "  for k in 1 2 3; do kindred pairwise --operators ops.npz --shard $k/3 --journal part.$k; done\n"
     "  kindred merge part.* --out whole.journal\n"
     "  kindred pairwise --operators ops.npz --journal whole.journal --out D.npy"},
    {"fit", fit_command, "DMD operators of systems, to compare later with --operators",
     "Examples:\n"
     "  kindred fit runs/*.npy --delays 33 --interval 6 --rank 20 --out ops.npz --report spectra.html\n"
     "  kindred fit runs/*.npy --control stimuli/*.npy --rank 20 --out ops.npz\n"
     "  kindred pairwise --operators ops.npz --out D.npy\n"
     "  kindred fit runs/*.npy --control stimuli/*.npy --regression n4sid --delays 10 --rank 6 --out ops.npz\n"
     "  kindred fit runs/*.npy --delays 33 --rank 10,20,50 --out ops.npz    (ops-rank-10.npz, ops-rank-20.npz ...)\n"
     "  kindred fit runs/*.npy --delays 33 --rank svht --rank-shared median --out ops.npz"},
    {"predict", predict_command, "How well operators predict trials, or ends of trials, held out of the fit",
     "Examples:\n"
     "  kindred predict runs/*.npy --delays 33 --interval 6 --rank 20\n"
     "  kindred predict run.npy --hold-out time:0.25 --reseed 0 --delays 10 --rank 8 --out predicted.npz\n"
     "  kindred predict runs/*.npy --control stimuli/*.npy --rank 20    (with the inputs of what is held out)"},
    {"sweep", sweep_command, "Delays, interval and rank chosen by how well they predict what was held out",
     "Examples:\n"
     "  kindred sweep runs/*.npy --delays 1:40:5 --interval 1,2,6 --rank 5:100:5 --out sweep.json --report sweep.html\n"
     "  kindred sweep runs/*.npy --control stimuli/*.npy --delays 1:10 --rank 2:40:2 --report sweep.html\n"
     "  kindred pairwise runs/*.npy $(kindred sweep runs/*.npy --delays 1:20 --rank 2:40:2 --recommend --quiet) --out "
     "D.npy"},
    {"info", info_command, "Devices and build, or how files of recordings are understood",
     "Examples:\n  kindred info\n  kindred info run1.npy --layout channels,time"},
    {"simulate", simulate_command, "Recordings of known systems",
     "Example:\n  kindred simulate lorenz --rho 28 --trials 200 --steps 200 --seed 1 --out x.npy"},
    {"demo", demo_command, "Nine Lorenz systems in three regimes, compared and pictured",
     "Examples:\n  kindred demo --out demo\n  kindred demo --metric dsa --rank 10 --out demo10"},
    {"testcase", testcase_command, "Judge metrics on systems whose relations are known",
     "Examples:\n"
     "  kindred testcase all --report report.html\n"
     "  kindred testcase regimes --metric dsa --effort thorough --seeds 5 --json\n"
     "  kindred testcase motifs --seeds 1 --save-trajectories data --out results\n"
     "  kindred testcase regimes --seeds 1 --distances mine=results\n"
     "  kindred testcase rnn --seeds 5 --keep networks --report rnn.html\n"
     "  kindred testcase recordings BasicMotions.json --delays 10 --rank 10"},
    {"train", train_command, "A small network that learns to decide, and its recordings",
     "Examples:\n"
     "  kindred train rnn --group full --seed 0 --out full.npz --record full.npy\n"
     "  kindred train mamba --group master --out master.npz"},
    {"stats", stats_command, "Tests of groups and of each other on matrices of distances",
     "Examples:\n"
     "  kindred stats D.npy --labels a,a,a,b,b,b\n"
     "  kindred stats results.npz --labels @labels.txt --neighbours 3 --json\n"
     "  kindred stats D.npy behaviour.npy --embedding D.csv"},
    {"mean", mean_command, "The mean shape of recordings, and where each lies about it",
     "Examples:\n"
     "  kindred mean models/*.npy --out mean.npy --coordinates plane.csv\n"
     "  kindred mean models/*.npy --unit-norm --trial-average --dimensions 5 --json"},
    {"metrics", metrics_command, "Every metric: formula, range, what it does not see, cost, source",
     "Examples:\n  kindred metrics\n  kindred metrics cka shape --json"},
};

}  // namespace

std::vector<Command> commands_of(CLI::App& program) {
  std::vector<Command> out;
  for (const Entry& entry : entries) {
    out.push_back(entry.make(program.add_subcommand(entry.name, entry.summary)));
    out.back().app->footer(entry.examples);
  }
  return out;
}

}  // namespace kindred::cli
