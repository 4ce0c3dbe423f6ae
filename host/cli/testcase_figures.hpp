#pragma once
#include <kindred/testcase.hpp>

#include <string>
#include <vector>

namespace kindred::report {

/// Inline SVG, a panel a metric with its own scale: per group a box (quartiles, median, whiskers to the extremes) of
/// all distances of all seeds, the mean over seeds with its standard error, and a diamond where a value is known from
/// elsewhere.
[[nodiscard]] std::string box_plots(const testcase::View& view, const std::vector<testcase::Summary>& summaries);

/// Inline SVG: mean distance against the group's position, a line a metric with a band of one standard error, each
/// divided by the metric's own mean over groups, so that steepness can be compared.
[[nodiscard]] std::string trend_lines(const testcase::View& view, const std::vector<testcase::Summary>& summaries);

/// Inline SVG: a row a view, a mark a metric at the ratio of the last group's distance to the first, logarithmic; right
/// of 1 is right.
[[nodiscard]] std::string ratio_rows(const testcase::Result& result);

/// HTML list of the metrics with their colours.
[[nodiscard]] std::string metric_legend(const std::vector<testcase::Summary>& summaries);

}  // namespace kindred::report
