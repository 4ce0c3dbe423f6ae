#pragma once
#include <kindred/metrics.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace kindred::cli {

/// The options from which every metric takes what concerns it.
struct MetricOptions {
  std::string metrics = "dsa";
  Dmd dmd;
  std::string rank_excess = "warn";
  std::string score;  ///< empty: the metric's own
  std::string effort = "default";
  std::string precision = "mixed";
  std::string group = "orthogonal";
  double alpha = 1;
  index_t folds = -1;  ///< below 0: the metric's own
  std::string fold_by = "blocks";
  bool normalized = false;
  bool no_normalize = false;
  bool zero_pad = false;
  bool certify = false;
  std::uint64_t seed = 0;
};

void add_dmd_options(CLI::App& app, MetricOptions& options);
void add_metric_options(CLI::App& app, MetricOptions& options);

/// Delay embedding and operator, as the options say.
[[nodiscard]] Dmd dmd_of(const MetricOptions& options);

/// One metric of a run.
struct MetricEntry {
  std::string name;  ///< as the user wrote it; also the array's name in a .npz
  Metric metric;
};

/// The metrics of "a,b,c". Throws invalid_argument for an unknown or repeated name, or options that contradict a
/// metric.
[[nodiscard]] std::vector<MetricEntry> metric_list(const MetricOptions& options);

/// Those of the options `given` (long names) that concern metrics, but none of these; with operators for input, also
/// those of the fit.
[[nodiscard]] std::vector<std::string> unused_options(const std::vector<std::string>& given,
                                                      const std::vector<MetricEntry>& metrics, bool from_operators);

/// The fit that the metric's operators come from; null for a metric that compares recordings.
[[nodiscard]] const Dmd* dmd_of(const Metric& metric);
/// Whether its numbers grow with likeness, so that they are no distances.
[[nodiscard]] bool is_similarity(const Metric& metric);
/// What a distance is measured in, for axes and headings.
[[nodiscard]] std::string unit_of(const Metric& metric);
/// Everything that defines the metric's value.
[[nodiscard]] nlohmann::ordered_json describe_metric(const Metric& metric);
[[nodiscard]] nlohmann::ordered_json describe_dmd(const Dmd& dmd);

}  // namespace kindred::cli
