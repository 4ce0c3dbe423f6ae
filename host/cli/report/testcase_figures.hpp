#pragma once
#include <kindred/testcase.hpp>

#include <string>
#include <vector>

namespace kindred::report {

/// Inline SVG, one a metric with its own scale, side by side where there is room: per group a box (quartiles, median,
/// Tukey's whiskers, dots at the extremes) of all distances of all seeds, the mean over seeds with its standard error,
/// and a diamond where a value is known from elsewhere. Where single distances are far above the others the scale ends
/// before them, and their number and the largest stand above the box; a mean above the scale is a triangle at its end.
[[nodiscard]] std::string box_plots(const testcase::View& view, const std::vector<testcase::Summary>& summaries);

/// Whether box_plots ends this metric's scale before its largest distance.
[[nodiscard]] bool ends_early(const testcase::View& view, const testcase::Summary& summary);

/// Inline SVG: mean distance against the group's position, a line a metric with a band of one standard error, each
/// divided by the metric's own mean over groups, so that steepness can be compared.
[[nodiscard]] std::string trend_lines(const testcase::View& view, const std::vector<testcase::Summary>& summaries);

/// Inline SVG: a row a view, a mark a metric at the ratio of the last group's distance to the first, logarithmic; right
/// of 1 is right.
[[nodiscard]] std::string ratio_rows(const testcase::Result& result);

/// HTML list of the metrics with their colours.
[[nodiscard]] std::string metric_legend(const std::vector<testcase::Summary>& summaries);

}  // namespace kindred::report
