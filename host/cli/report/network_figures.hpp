#pragma once
#include <kindred/networks.hpp>

#include <string>

namespace kindred::report {

/// Inline SVG, one a metric: distance to the masters over learning, a line a share of parts with a band of one standard
/// error, and the legend.
[[nodiscard]] std::string learning_lines(const testcase::NetworkStudy& study, const std::string& setting);

/// Inline SVG, one a metric: distance against difference in accuracy, a dot a network and share of learning, and the
/// line through them.
[[nodiscard]] std::string behaviour_scatter(const testcase::NetworkStudy& study, const std::string& setting);

/// Inline SVG, one a metric: mean distance of every group to the masters, a bar a group with its standard error.
[[nodiscard]] std::string group_bars(const testcase::NetworkStudy& study, const std::string& setting);

/// Inline SVG, one a metric: mean distances between groups in the order of their clustering. `id` begins the pictures'
/// names.
[[nodiscard]] std::string group_maps(const testcase::NetworkStudy& study, const std::string& setting,
                                     const std::string& id);

/// Inline SVG, one a group: accuracy on the composed task against updates, a line a seed.
[[nodiscard]] std::string training_curves(const testcase::NetworkStudy& study);

}  // namespace kindred::report
