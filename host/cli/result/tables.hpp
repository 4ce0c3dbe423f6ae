#pragma once
#include "host/cli/report/cross_report.hpp"
#include "host/cli/report/pairwise_report.hpp"
#include "host/cli/result/comparison.hpp"

#include <string>
#include <vector>

namespace kindred::cli {

/// The matrix as a table of plain text, names ahead; three decimals, or as many digits as small numbers need.
[[nodiscard]] std::string matrix_table(const DistanceMatrix& matrix);

/// Lines about one metric: its pairs and range, and with labels the means within and between groups.
[[nodiscard]] std::string metric_summary(const Compared& result, const std::vector<std::string>& labels);

/// Throw invalid_argument, if there is to be a report: for similarities, and for more systems than one can show.
void check_report(const std::string& path, const std::vector<MetricEntry>& metrics);
void check_report_size(const std::string& path, std::size_t systems);

/// The report of rows against columns.
[[nodiscard]] report::CrossReport report_of(const Comparison& comparison, const Collection& rows,
                                            const Collection& columns, const Json& sidecar);

/// The report of all pairs of one collection. `configuration` is the sidecar.
[[nodiscard]] report::PairwiseReport report_of(const Comparison& comparison, const Collection& collection,
                                               const Json& sidecar, const std::string& title);

}  // namespace kindred::cli
