#include "host/cli/commands/commands.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/preprocess_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"

#include "host/io/save.hpp"

namespace kindred::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  InputOptions input;
  PreprocessOptions preprocess;
  MetricOptions metric;
  DeviceOptions device;
  SayOptions say;
  std::string out;
  bool no_clobber = false;
};

/// The operators that could be computed. A .npz leaves the others out; in a .npy, whose operators are known by their
/// place, none may be missing.
OperatorSet usable(const OperatorSet& operators, const std::string& out, const Console& console) {
  OperatorSet good;
  for (const Operator& a : operators) {
    if (a.facts.status != FitStatus::failed) {
      good.push_back(a);
      continue;
    }
    if (out.ends_with(".npy")) {
      throw Error(ErrorCode::invalid_data,
                  "system '" + a.name + "': " + a.facts.detail + "; a .npz would hold the other systems' operators");
    }
    console.warn("system '" + a.name + "' is left out: " + a.facts.detail);
  }
  if (good.empty()) throw Error(ErrorCode::invalid_data, "no system could be fitted");
  return good;
}

void print_facts(const OperatorSet& operators, const Console& console) {
  for (const Operator& a : operators) {
    console.print(a.name + ": rank " + std::to_string(a.facts.rank) + " of " + std::to_string(a.facts.numerical_rank) +
                  " (" + std::to_string(a.facts.rows) + " x " + std::to_string(a.facts.columns) +
                  (a.inputs > 0 ? ", " + counted(static_cast<std::size_t>(a.inputs), "input") : std::string()) +
                  "), sigma_r / sigma_1 " + report::significant(a.facts.sigma_ratio) + ", residual " +
                  report::significant(a.facts.residual) +
                  (a.facts.status == FitStatus::ok ? "" : std::string(", ") + status_name(a.facts.status)) + "\n");
  }
}

void run(const Options& o, const std::vector<std::string>& arguments) {
  const Console console = console_for(o.say, {o.out});
  if (o.files.empty()) throw Error(ErrorCode::invalid_argument, "no input: give recordings (FILES)");
  if (o.out.empty() && !o.say.json) throw Error(ErrorCode::invalid_argument, "nothing to write: give --out or --json");
  require_ending("--out", o.out, {".npz", ".npy"});
  Outputs outputs;
  outputs.add("--out", o.out);
  outputs.add("--sidecar", sidecar_of(o.out));
  const Preprocess steps = preprocess_of(o.preprocess);
  Collection collection = read_systems(o.files, o.input, console);
  outputs.check(collection.files, o.no_clobber);
  Engine engine = make_engine(o.device, console);
  prepare(engine, collection, steps);
  OperatorSet operators;
  {
    ProgressMeter meter(console);
    operators = engine.fit(collection.systems, dmd_of(o.metric), meter.callback());
  }
  std::vector<FitFacts> fits;
  for (const Operator& a : operators) fits.push_back(a.facts);
  note_gaps(collection, fits, console);
  const OperatorSet good = usable(operators, o.out, console);

  RunSummary run = begin_summary("fit", arguments, engine.device(), o.input, outputs);
  run.dmd = dmd_of(o.metric);
  if (steps != Preprocess{}) run.preprocess = steps;
  run.rows = summarize(collection, fits);
  Json document = json_of(run);
  check_interrupt();
  if (!o.out.empty()) {
    io::AtomicFiles files;
    if (const auto beside = sidecar_of(o.out); !beside.empty()) files.add(beside).write(text_of(document));
    io::write_operators(files.add(o.out), good);
    files.commit();
  }
  if (o.say.json) {
    for (std::size_t i = 0; i < operators.size(); ++i) document["systems"][i]["operator"] = operators[i].values;
    for (std::size_t i = 0; i < operators.size(); ++i) {
      if (operators[i].inputs > 0) document["systems"][i]["input_matrix"] = operators[i].input_matrix;
    }
    console.result(text_of(document, -1));
  }
  print_facts(operators, console);
  for (const auto& output : outputs.list()) console.print("wrote " + output.second.string() + "\n");
}

}  // namespace

Command fit_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("fit", "DMD operators of systems, to compare later with --operators");
  auto options = std::make_shared<Options>();
  add_files(*app, options->files);
  add_read_options(*app, options->input);
  add_name_options(*app, options->input);
  add_control_option(*app, options->input);
  add_preprocess_options(*app, options->preprocess, /*one_collection=*/true);
  add_dmd_options(*app, options->metric);
  app->add_option(
         "-o,--out", options->out,
         "Operators: .npz (one array a system) or .npy (N x r x r); a .json goes beside it (-: .npz to standard output)")
      ->transform(output_name())
      ->group("Output");
  app->add_flag("--no-clobber", options->no_clobber, "Refuse to replace outputs that are there")->group("Output");
  add_say_options(*app, options->say);
  add_device_options(*app, options->device);
  app->footer(
      "Examples:\n"
      "  kindred fit runs/*.npy --delays 33 --interval 6 --rank 20 --out ops.npz\n"
      "  kindred fit runs/*.npy --control stimuli/*.npy --rank 20 --out ops.npz\n"
      "  kindred pairwise --operators ops.npz --out D.npy");
  return {app, [options](const std::vector<std::string>& arguments) { run(*options, arguments); }};
}

}  // namespace kindred::cli
