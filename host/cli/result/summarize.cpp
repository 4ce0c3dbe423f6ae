#include "host/cli/result/summarize.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_fields.hpp>
#include <kindred/statistics.hpp>

#include <algorithm>
#include <cmath>

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

/// Figures of the groups that labels make, for every metric that is a distance. None where they make no groups that can
/// be compared: labels are there for pictures, too.
void add_groups(RunSummary& run, const Comparison& comparison) {
  std::vector<std::string> labels;
  for (const SystemSummary& system : run.rows) labels.push_back(system.label);
  std::vector<statistics::Distances> matrices;
  std::vector<MetricSummary*> metrics;
  for (std::size_t k = 0; k < comparison.metrics.size(); ++k) {
    const Compared& result = comparison.metrics[k];
    if (is_similarity(result.entry.metric)) continue;
    matrices.push_back({result.entry.name, result.matrix.distances()});
    metrics.push_back(&run.metrics[k]);
  }
  statistics::Options options;
  constexpr std::size_t many = 1000;  // systems, whose tests and intervals take longer than a second
  if (labels.size() > many) {
    options.permutations = 999;
    options.resamples = 0;
  }
  try {
    const auto groups = statistics::compare_groups(matrices, labels, options);
    for (std::size_t k = 0; k < groups.size(); ++k) metrics[k]->groups = groups[k];
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
  }
}

/// The mean distance between parts of one recording, of every metric that is a distance.
void add_floors(RunSummary& run, const std::vector<std::string>& part_of, const Comparison& comparison) {
  for (std::size_t i = 0; i < part_of.size(); ++i) run.rows[i].part_of = part_of[i];
  for (std::size_t k = 0; k < comparison.metrics.size(); ++k) {
    const DistanceMatrix& matrix = comparison.metrics[k].matrix;
    if (is_similarity(comparison.metrics[k].entry.metric)) continue;
    double sum = 0, count = 0;
    for (index_t i = 0; i < matrix.rows(); ++i) {
      for (index_t j = i + 1; j < matrix.rows(); ++j) {
        const bool same = part_of[static_cast<std::size_t>(i)] == part_of[static_cast<std::size_t>(j)];
        if (!same || !std::isfinite(matrix(i, j))) continue;
        sum += matrix(i, j);
        ++count;
      }
    }
    if (count > 0) run.metrics[k].noise_floor = sum / count;
  }
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

void add_eigenvalues(std::vector<SystemSummary>& systems, const Collection& collection) {
  for (std::size_t i = 0; i < collection.operators.size(); ++i) {
    const Operator& a = collection.operators[i];
    systems[i].eigenvalues = has_spectrum_alone(a) ? a.facts.spectrum : eigenvalues(a);
  }
}

void add(RunSummary& run, const Sides& sides, const Comparison& comparison) {
  run.fit_seconds = comparison.fit_seconds;
  for (const Compared& result : comparison.metrics) {
    run.metrics.push_back({.name = result.entry.name,
                           .metric = result.entry.metric,
                           .counts = result.counts,
                           .seconds = result.seconds,
                           .noise_floor = {},
                           .groups = {}});
  }
  run.rows = summarize(sides.rows, comparison.row_facts);
  run.paired = comparison.paired;
  if (const auto& sample = comparison.sample) {
    const PairSet pairs = pairs_of(sides);
    run.sampled = RunSummary::Sampled{.rows = std::ssize(sample->rows),
                                      .of_rows = pairs.rows(),
                                      .columns = std::ssize(sample->columns),
                                      .of_columns = pairs.columns()};
  }
  if (!sides.part_of.empty()) add_floors(run, sides.part_of, comparison);
  if (comparison.symmetric && !comparison.sample) add_groups(run, comparison);
  if (comparison.identities) run.columns = summarize(*comparison.identities, {});
  if (sides.columns) run.columns = summarize(*sides.columns, comparison.column_facts);
}

RunSummary shown_part(const RunSummary& run, const Sample& sample) {
  const auto part = [](const std::vector<SystemSummary>& systems, const std::vector<index_t>& places) {
    std::vector<SystemSummary> out;
    for (const index_t i : places) out.push_back(systems[static_cast<std::size_t>(i)]);
    return out;
  };
  RunSummary out = run;
  out.rows = part(run.rows, sample.rows);
  if (run.columns) out.columns = part(*run.columns, sample.columns);
  return out;
}

}  // namespace kindred::cli
