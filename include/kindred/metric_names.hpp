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

/// The metric of a name or alias, in upper or lower case, with its default configuration. Throws Error{invalid_argument} that gives the nearest
/// known name.
[[nodiscard]] KINDRED_EXPORT Metric make_metric(std::string_view name);

}  // namespace kindred
