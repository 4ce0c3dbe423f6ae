#pragma once
#include <kindred/testcase.hpp>

#include <vector>

namespace kindred::testcase {

/// Distances of one view's comparisons, in their order, seed by seed.
using Samples = std::vector<std::vector<double>>;

/// Everything but q, which needs the other metrics.
[[nodiscard]] Summary summarise(const View& view, const std::string& metric, const Samples& samples,
                                index_t permutations);

/// Sets q of every metric's summary of one view.
void correct_for_metrics(std::vector<Summary>& summaries);

}  // namespace kindred::testcase
