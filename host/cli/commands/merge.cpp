#include "host/base/text.hpp"
#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"

#include <kindred/journal.hpp>

#include <filesystem>

namespace kindred::cli {
namespace {

struct MergeOptions {
  std::vector<std::string> journals;
  std::string out;
  bool no_clobber = false;
  SayOptions say;
};

void run(const MergeOptions& o, const Call&) {
  const Console console(o.say.quiet, o.say.json);
  const std::vector<std::filesystem::path> journals(o.journals.begin(), o.journals.end());
  Outputs outputs;
  outputs.add("--out", o.out);
  outputs.check(journals, o.no_clobber);
  const JournalMerge merge = merge_journals(journals, o.out);
  std::size_t unreadable = 0;
  for (std::size_t k = 0; k < journals.size(); ++k) {
    unreadable += merge.unreadable[k];
    if (merge.unreadable[k] == 0) continue;
    console.warn("journal " + host::printable(o.journals[k]) + ": " + std::to_string(merge.unreadable[k]) +
                 " of its bytes are in no whole tile and are left out");
  }
  const index_t left = merge.pairs - merge.kept;
  const std::string name = host::printable(o.out);
  console.print(name + ": " + std::to_string(merge.kept) + " of " + std::to_string(merge.pairs) + " pairs of " +
                counted(journals.size(), "journal") +
                (left > 0 ? ", " + std::to_string(left) + " left: the same command as before with --journal " + name +
                                " computes them and writes the results\n"
                          : "; the same command as before with --journal " + name +
                                ", and without --shard, writes the results\n"));
  if (!o.say.json) return;
  console.result(text_of(Json{{"journal", o.out},
                              {"journals", o.journals},
                              {"metric", merge.comparison.metric},
                              {"pairs", merge.pairs},
                              {"done", merge.kept},
                              {"left", left},
                              {"duplicates", merge.duplicates},
                              {"unreadable_bytes", unreadable}}));
}

void declare(CLI::App& app, MergeOptions& o) {
  app.add_option("JOURNALS", o.journals, "Journals of one comparison, in any order")->required();
  app.add_option("-o,--out", o.out, "The journal of the whole comparison")->required()->group("Output");
  add_output_flag(app, "--no-clobber", o.no_clobber, "Refuse to replace outputs that are there");
  add_say_options(app, o.say);
}

}  // namespace

Command merge_command(CLI::App* app) { return make_command<MergeOptions>(app, declare, run); }

}  // namespace kindred::cli
