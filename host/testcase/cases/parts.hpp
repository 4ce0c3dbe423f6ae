#pragma once
/// What several cases are made of.
#include <kindred/testcase.hpp>

#include <functional>
#include <string>
#include <vector>

namespace kindred::testcase {

/// 0, 1, ..., n - 1.
[[nodiscard]] std::vector<index_t> range(index_t n);

/// Every pair of two different systems; `labels` gives one label a system, `group_of` the group of two labels.
[[nodiscard]] std::vector<Comparison> all_pairs(const std::vector<int>& labels,
                                                const std::function<int(int, int)>& group_of);

/// "delays 33, interval 6, rank 20".
[[nodiscard]] std::string describe(const Dmd& dmd);

/// What the paper finds for each group by DSA, CKA and Procrustes.
[[nodiscard]] std::vector<Known> from_paper(std::vector<double> dsa, std::vector<double> cka,
                                            std::vector<double> procrustes);

/// "rho 0.25".
[[nodiscard]] std::string rho_name(double rho);

/// A case of `systems` systems under every feasible choice of delays, interval and rank: a setting a choice, with the
/// view that `view` makes of it.
[[nodiscard]] Case study_of(Case test, const std::string& title, index_t systems,
                            View (*view)(std::size_t setting, const Dmd& dmd));

}  // namespace kindred::testcase
