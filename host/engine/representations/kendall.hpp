#pragma once
/// Comparison of dissimilarity matrices by Kendall's rank correlation.
#include "host/engine/representations/pair_values.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// Ranks of n values, and the order that sorts them.
struct Ranked {
  std::vector<double> rank;          ///< equal for ties
  std::vector<std::uint32_t> order;  ///< ascending, ties by place
  std::int64_t tied = 0;             ///< pairs of equal values
};
/// The ranks of each system (an empty vector where it has none) with their order. The device sorts them.
[[nodiscard]] std::vector<Ranked> ranked(Backend& backend, std::vector<std::vector<double>> ranks);

/// Kendall's tau: (concordant - discordant pairs) / n0, n0 all pairs (`a`), or / sqrt((n0 - ties of x)
/// (n0 - ties of y)) (b); NaN where that is 0. Counts are exact, so that (x, y) and (y, x) have the same bits. Cost
/// O(n log n). Source: Knight 1966, doi 10.1080/01621459.1966.10480879.
[[nodiscard]] double kendall_tau(const Ranked& x, const Ranked& y, bool a);

/// Ranks are made on the device's products for a tile of systems at a time, as many as the budget of memory holds;
/// pairs are counted on the processor. Throws Error{out_of_memory} when the ranks of two systems exceed the budget.
[[nodiscard]] std::unique_ptr<PairScorer> make_kendall_scorer(Backend& backend, Factors factors, const Rsa& metric);

}  // namespace kindred::host
