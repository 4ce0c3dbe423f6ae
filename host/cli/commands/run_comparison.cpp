#include "host/cli/commands/run_comparison.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/report/comparison_report.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/comparison_files.hpp"
#include "host/cli/result/memory_bound.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"
#include "host/cli/result/tables.hpp"
#include "host/io/file.hpp"

#include <kindred/error.hpp>

#include <algorithm>

namespace kindred::cli {
namespace {

/// Everything that is read, so that no output takes its place.
std::vector<std::filesystem::path> files_of(const Sides& sides) {
  auto files = sides.rows.files;
  if (sides.columns) files.insert(files.end(), sides.columns->files.begin(), sides.columns->files.end());
  return files;
}

/// Throws invalid_argument for files that hold matrices, where there is a value a row.
void check_paired(const ComparisonOptions& o, const Sides& sides) {
  if (!sides.paired && !sides.identity) return;
  if (o.float32 || io::ending_of(o.out) == ".h5") {
    throw Error(ErrorCode::invalid_argument, std::string(o.float32 ? "--float32" : "--out " + o.out) +
                                                 ": one value a row goes to .npy or .npz, in float64");
  }
}

/// Throws invalid_argument for what takes the whole matrix in memory, where that is more than there may be.
void check_streamed(const ComparisonOptions& o, const Sides& sides, const MemoryBound& bound) {
  const std::string option = o.say.json               ? "--json"
                             : !o.alignment.empty()   ? "--alignment"
                             : !sides.part_of.empty() ? "--split"
                                                      : "";
  if (option.empty()) return;
  throw Error(ErrorCode::invalid_argument, option + " takes all results in memory, " +
                                               std::to_string((bound.matrices() >> 20) + 1) +
                                               " MB: allow twice that (--memory), or leave it out");
}

}  // namespace

void run_comparison(const RunPlan& plan) {
  const ComparisonOptions& o = plan.options;
  const Console console = console_for(o.say, {o.out, o.lower_bound, o.status, o.report, o.alignment});
  const auto metrics = metric_list(o.metric);
  warn_of_unused(o, metrics, console);
  const Outputs outputs = outputs_of(o, metrics);
  if (!o.alignment.empty()) (void)alignment_metric(metrics);
  const Preprocess steps = preprocess_of(o);
  Sides sides = plan.read(console);
  check(sides, metrics);
  check_paired(o, sides);
  const MemoryBound bound(o.device, sides, metrics, steps != Preprocess{});
  const bool streams = bound.streams() && !sides.identity && !sides.paired;
  ComparisonFiles files(o);
  if (streams) {
    check_streamed(o, sides, bound);
    files.check_streamed(metrics.size());
  }
  if (!o.report.empty() && !streams) {
    report::check_shown(std::max(sides.rows.size(), sides.columns ? sides.columns->size() : std::size_t{0}));
  }
  outputs.check(files_of(sides), o.no_clobber);
  Engine engine = make_engine(o.device, console, bound.beside());
  prepare(engine, sides.rows, steps);
  if (sides.columns) prepare(engine, *sides.columns, steps);
  warn_of_few_samples(sides.rows, metrics, console);
  if (sides.columns) warn_of_few_samples(*sides.columns, metrics, console);
  Extras extras{.journal = o.journal, .alignment = !o.alignment.empty(), .stream = {}, .bound = &bound};
  if (streams) {
    files.stream(sides, metrics);
    extras.stream = [&files](std::size_t k) { return files.sink(k); };
    console.note("results go to their files as they come, " + std::to_string(bound.matrices() >> 20) +
                 " MB of them: statistics of groups are left out" +
                 (o.report.empty() ? "" : ", and the page shows some of the systems"));
  }
  const Comparison comparison = compare(engine, sides, metrics, extras, console);
  note_gaps(sides.rows, comparison.row_facts, console);
  if (sides.columns) note_gaps(*sides.columns, comparison.column_facts, console);
  warn_about(sides, comparison, console);

  RunSummary run = begin_summary(plan.command, o.arguments, engine.device(), o.input, outputs);
  if (steps != Preprocess{}) run.preprocess = steps;
  add(run, sides, comparison);
  files.write(run, sides, comparison, plan.title);
  if (o.say.json) console.result(text_of(json_with_distances(run, comparison), -1));
  console.print(text_of(run, comparison, plan.opening ? plan.opening(run) : std::string()));
}

Command comparison_command(CLI::App* app, const std::shared_ptr<ComparisonOptions>& options,
                           const std::function<RunPlan()>& plan) {
  return {app, [app, options, plan](const std::vector<std::string>& arguments) {
            options->arguments = arguments;
            options->given = given_options(*app);
            run_comparison(plan());
          }};
}

}  // namespace kindred::cli
