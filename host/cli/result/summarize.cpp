#include "host/cli/result/summarize.hpp"

#include <algorithm>

namespace kindred::cli {
namespace {

SystemSummary::Recording recording_of(const TrajectorySet& system) {
  SystemSummary::Recording out{.trials = system.trial_count(),
                               .shortest = 0,
                               .longest = 0,
                               .channels = system.channels(),
                               .inputs = system.input_count(),
                               .is_float32 = system.is_float32()};
  for (index_t k = 0; k < out.trials; ++k) {
    out.shortest = k == 0 ? system.steps(k) : std::min(out.shortest, system.steps(k));
    out.longest = std::max(out.longest, system.steps(k));
  }
  return out;
}

}  // namespace

RunSummary begin_summary(const std::string& command, const std::vector<std::string>& arguments,
                         const DeviceInfo& device, const InputOptions& input, const Outputs& outputs) {
  RunSummary run;
  run.command = command;
  run.arguments = arguments;
  run.created = utc_now();
  run.device = device;
  run.layout = input.layout;
  for (const auto& [option, path] : outputs.list()) {
    run.outputs.emplace_back(option.substr(option.find_first_not_of('-')), path.string());
  }
  return run;
}

std::vector<SystemSummary> summarize(const Collection& collection, std::span<const FitFacts> fits) {
  std::vector<SystemSummary> out(collection.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    SystemSummary& system = out[i];
    if (collection.from_operators) {
      const Operator& a = collection.operators[i];
      system.name = a.name;
      system.label = a.label;
      system.operator_size = a.size;
    } else {
      const TrajectorySet& set = collection.systems[i];
      system.name = set.name;
      system.label = set.label;
      system.recording = recording_of(set);
      system.gaps = set.gaps;
      if (i < collection.own_steps.size()) system.preprocess = collection.own_steps[i];
      if (i < collection.fits.size()) system.own = collection.fits[i];
    }
    if (i < fits.size()) system.fit = fits[i];
  }
  return out;
}

void add(RunSummary& run, const Sides& sides, const Comparison& comparison) {
  run.fit_seconds = comparison.fit_seconds;
  for (const Compared& result : comparison.metrics) {
    run.metrics.push_back(
        {result.entry.name, result.entry.metric, count_pairs(result.matrix, comparison.symmetric), result.seconds});
  }
  run.rows = summarize(sides.rows, comparison.row_facts);
  if (sides.columns) run.columns = summarize(*sides.columns, comparison.column_facts);
}

}  // namespace kindred::cli
