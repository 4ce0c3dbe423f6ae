#include "host/cli/commands/run_comparison.hpp"

#include "host/base/text.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/report/comparison_report.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/comparison_files.hpp"
#include "host/cli/result/memory_bound.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"
#include "host/cli/result/tables.hpp"
#include "host/cli/team.hpp"
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

/// What was computed of one part, and what is to be done with it.
void tell_of_part(const Shard& part, const Comparison& comparison, const Console& console) {
  Json list = Json::array();
  std::string text;
  for (const auto& [journal, state] : comparison.parts) {
    text += host::printable(journal) + ": part " + std::to_string(part.number) + " of " + std::to_string(part.count) +
            ", " + std::to_string(state.pairs) + " pairs, " + std::to_string(state.pairs - state.kept) +
            " of them computed now\n";
    list.push_back({{"journal", journal},
                    {"part", {part.number, part.count}},
                    {"pairs", state.pairs},
                    {"computed", state.pairs - state.kept}});
  }
  if (console.json()) console.result(text_of(list.size() == 1 ? list.front() : list, -1));
  console.print(text +
                "join all parts: kindred merge JOURNALS --out J; then the same command with --journal J, and "
                "without --shard, writes the results\n");
}

/// Throws invalid_argument where several processes cannot share what is asked for.
void check_team(const Sides& sides, const ComparisonOptions& o) {
  const auto refuse = [](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, what + " is for one process, not for several that share the pairs");
  };
  if (sides.paired) refuse("--paired");
  if (sides.identity) refuse("--against identity");
  if (!o.shard.empty()) refuse("--shard");
}

}  // namespace

void run_comparison(const RunPlan& plan) {
  const ComparisonOptions& o = plan.options;
  const Console console = console_for(o.say, {o.out, o.lower_bound, o.status, o.report, o.alignment});
  const auto metrics = metric_list(o.metric);
  warn_of_unused(o, metrics, console);
  const Shard part = shard_of(o);
  job::Exchange* const others = team();
  const Outputs outputs = outputs_of(o, metrics);
  if (!o.alignment.empty()) (void)alignment_metric(metrics);
  const Preprocess steps = preprocess_of(o);
  Sides sides = plan.read(console);
  check(sides, metrics);
  if (others != nullptr) check_team(sides, o);
  check_paired(o, sides);
  const bool whole = part.count == 1 && !is_member();
  const MemoryBound bound(o.device, sides, metrics, steps != Preprocess{}, whole);
  const bool streams = bound.streams();
  ComparisonFiles files(o);
  if (streams) {
    check_streamed(o, sides, bound);
    files.check_streamed(metrics.size());
  }
  if (!o.report.empty() && !streams) {
    report::check_shown(std::max(sides.rows.size(), sides.columns ? sides.columns->size() : std::size_t{0}));
  }
  if (!is_member()) outputs.check(files_of(sides), o.no_clobber);
  Engine engine = make_engine(share_of_machine(others, o.device), console, bound.beside(), !o.report.empty());
  prepare(engine, sides.rows, steps);
  if (sides.columns) prepare(engine, *sides.columns, steps);
  warn_of_few_samples(sides.rows, metrics, console);
  if (sides.columns) warn_of_few_samples(*sides.columns, metrics, console);
  Extras extras{.journal = o.journal,
                .alignment = !o.alignment.empty(),
                .stream = {},
                .bound = &bound,
                .part = part,
                .team = others};
  if (streams) {
    files.stream(sides, metrics);
    extras.stream = [&files](std::size_t k) { return files.sink(k); };
    console.note("results go to their files as they come, " + std::to_string(bound.matrices() >> 20) +
                 " MB of them: statistics of groups are left out" +
                 (o.report.empty() ? "" : ", and the page shows some of the systems"));
  }
  const Comparison comparison = compare(engine, sides, metrics, extras, console);
  if (is_member()) return;
  if (!whole) return tell_of_part(part, comparison, console);
  note_gaps(sides.rows, comparison.row_facts, console);
  if (sides.columns) note_gaps(*sides.columns, comparison.column_facts, console);
  warn_about(sides, comparison, console);

  RunSummary run = begin_summary(plan.command, o.arguments, engine.device(), o.input, outputs);
  if (steps != Preprocess{}) run.preprocess = steps;
  add(run, sides, comparison);
  if (!o.report.empty()) {
    add_eigenvalues(run.rows, sides.rows);
    if (sides.columns) add_eigenvalues(*run.columns, *sides.columns);
  }
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
