#pragma once
/// The distances of a network case, as they come from a run, and what is made of them beyond the views.
#include "host/testcase/networks/layout.hpp"

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kindred::testcase {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One metric's matrices under one setting, seed by seed.
struct SeedMatrices {
  std::string setting, metric;
  std::vector<std::vector<double>> seeds;
};

/// Distances between groups: a master's is the mean over the masters.
class GroupDistances {
 public:
  GroupDistances(const NetworkLayout& layout, const std::vector<double>& matrix) : layout_(layout), matrix_(matrix) {}

  /// The mean distance of a group at a point of learning to the masters at the same point (without the group itself).
  [[nodiscard]] double to_masters(index_t group, index_t point) const;
  /// The mean distance between two groups as they ended; `masters` stands for all of them.
  [[nodiscard]] double between(const std::vector<index_t>& a, const std::vector<index_t>& b) const;

 private:
  [[nodiscard]] double at(index_t i, index_t j) const;

  const NetworkLayout& layout_;
  const std::vector<double>& matrix_;
};

/// Accuracy on the composed task at every point of learning, groups x points; NaN for the untrained.
using Accuracies = std::vector<std::vector<double>>;
[[nodiscard]] Accuracies accuracies(const NetworkLayout& layout, const NetworkSeed& networks);

[[nodiscard]] LearningSummary summarise_learning(const NetworkLayout& layout, const SeedMatrices& matrices);
[[nodiscard]] BehaviourSummary summarise_behaviour(const NetworkLayout& layout, const SeedMatrices& matrices,
                                                   const std::vector<Accuracies>& accuracy, index_t permutations);
[[nodiscard]] MatrixSummary summarise_matrix(const NetworkLayout& layout, const SeedMatrices& matrices,
                                             index_t permutations);

/// q over the metrics of each setting.
void correct_for_metrics(std::vector<LearningSummary>& all);
void correct_for_metrics(std::vector<BehaviourSummary>& all);
void correct_for_metrics(std::vector<MatrixSummary>& all);

/// What is found of the paper's claims.
[[nodiscard]] std::vector<Claim> judge_claims(const NetworkStudy& study, bool mamba);

}  // namespace kindred::testcase
