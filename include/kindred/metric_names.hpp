#pragma once
#include <kindred/export.hpp>
#include <kindred/metrics.hpp>

#include <span>
#include <string_view>

namespace kindred {

/// One name of the registry.
struct MetricName {
  std::string_view name;
  std::span<const std::string_view> aliases;  ///< among them the names of similarity-repository
  std::string_view summary;                   ///< one line for people
};

/// All metrics by name, in the order in which they are listed to people.
[[nodiscard]] KINDRED_EXPORT std::span<const MetricName> metric_names();

/// The metric of a name or alias, in upper or lower case, with its default configuration. Throws
/// Error{invalid_argument} that gives the nearest known name.
[[nodiscard]] KINDRED_EXPORT Metric make_metric(std::string_view name);

/// What is to be known of a metric before it is used. m samples, C channels, r the rank; X and Y two recordings, A and
/// B two operators.
struct MetricFacts {
  std::string_view formula;
  std::string_view range;
  std::string_view invariances;  ///< what may be done to one of the two systems without changing the value
  std::string_view cost;         ///< flops a system and a pair
  std::string_view source;       ///< a paper
  /// Whether its distances are those of a metric space, of systems up to the invariances (a similarity is none, nor is
  /// a square).
  bool is_metric = false;
};

/// The facts of a metric as it is configured.
[[nodiscard]] KINDRED_EXPORT const MetricFacts& metric_facts(const Metric& metric);

}  // namespace kindred
