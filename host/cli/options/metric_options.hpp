#pragma once
#include <kindred/io.hpp>
#include <kindred/metric_fields.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::cli {

/// The options from which every metric takes what concerns it.
struct MetricOptions {
  std::string metrics = "dsa";
  /// Text of each field that was given, or that the command presets ("delays", "33"); other fields stay as the metric's
  /// name says.
  std::map<std::string, std::string> fields;
  bool several_ranks = false;  ///< the command takes --rank 10,20,50
};

/// The option of one field, of the fields of Dmd, and of all.
void add_field_option(CLI::App& app, MetricOptions& options, std::string_view field);
void add_dmd_options(CLI::App& app, MetricOptions& options);
void add_metric_options(CLI::App& app, MetricOptions& options);

/// Delay embedding and operator, as the options say.
[[nodiscard]] Dmd dmd_of(const MetricOptions& options);
/// The same for one system, for which a manifest has fields of its own.
[[nodiscard]] Dmd with_fields(Dmd dmd, const FitFields& fields);
[[nodiscard]] std::uint64_t seed_of(const MetricOptions& options);
/// A field's text, given or preset, or its default.
[[nodiscard]] std::string value_of(const MetricOptions& options, std::string_view field);

/// One metric of a run.
struct MetricEntry {
  std::string name;  ///< as the user wrote it, in lower case; also the array's name in a .npz
  Metric metric;
};

/// The metrics of "a,b,c". Throws invalid_argument for an unknown or repeated name, or options that contradict a
/// metric.
[[nodiscard]] std::vector<MetricEntry> metric_list(const MetricOptions& options);

/// The options among `given` (long names) that are for metrics, but have no effect on any of `metrics`; where operators
/// are the input, also those of the fit.
[[nodiscard]] std::vector<std::string> unused_options(const std::vector<std::string>& given,
                                                      const std::vector<MetricEntry>& metrics, bool from_operators);

}  // namespace kindred::cli
