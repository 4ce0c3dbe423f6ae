#include "host/cli/commands/run_comparison.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/report/comparison_report.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/comparison_files.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"
#include "host/cli/result/tables.hpp"

#include <algorithm>

namespace kindred::cli {
namespace {

/// Everything that is read, so that no output takes its place.
std::vector<std::filesystem::path> files_of(const Sides& sides) {
  auto files = sides.rows.files;
  if (sides.columns) files.insert(files.end(), sides.columns->files.begin(), sides.columns->files.end());
  return files;
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
  if (!o.report.empty()) {
    report::check_shown(std::max(sides.rows.size(), sides.columns ? sides.columns->size() : std::size_t{0}));
  }
  outputs.check(files_of(sides), o.no_clobber);
  Engine engine = make_engine(o.device, console, /*spectra=*/!o.report.empty());
  prepare(engine, sides.rows, steps);
  if (sides.columns) prepare(engine, *sides.columns, steps);
  warn_of_few_samples(sides.rows, metrics, console);
  if (sides.columns) warn_of_few_samples(*sides.columns, metrics, console);
  const Extras extras{.journal = o.journal, .alignment = !o.alignment.empty()};
  const Comparison comparison = compare(engine, sides, metrics, extras, console);
  note_gaps(sides.rows, comparison.row_facts, console);
  if (sides.columns) note_gaps(*sides.columns, comparison.column_facts, console);
  warn_about(comparison, console);

  RunSummary run = begin_summary(plan.command, o.arguments, engine.device(), o.input, outputs);
  if (steps != Preprocess{}) run.preprocess = steps;
  add(run, sides, comparison);
  if (!o.report.empty()) {
    add_eigenvalues(run.rows, sides.rows);
    if (sides.columns) add_eigenvalues(*run.columns, *sides.columns);
  }
  write_outputs(run, comparison, o, plan.title);
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
