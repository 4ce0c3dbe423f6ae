#include "host/testcase/networks/matrices.hpp"

#include "host/base/index.hpp"
#include "host/statistics/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace kindred::testcase {
namespace {

using namespace statistics;
using host::at;

constexpr std::uint64_t permutation_seed = 20241031;
constexpr auto points = static_cast<std::size_t>(learning_points);

Figure figure(const std::vector<double>& values) {
  const auto e = estimate(values);
  return {e.mean, e.standard_error};
}

double mean(const std::vector<double>& values) { return estimate(values).mean; }

std::vector<index_t> of_share(const NetworkLayout& layout, double shared) {
  std::vector<index_t> out;
  for (const index_t g : layout.frozen(true)) {
    if (std::fabs(layout.groups()[at(g)].shared - shared) < 1e-6) out.push_back(g);
  }
  return out;
}

/// Seeds in which a falls short of b, and how many have both.
std::pair<index_t, index_t> below(const std::vector<double>& a, const std::vector<double>& b) {
  index_t count = 0, all = 0;
  for (std::size_t s = 0; s < a.size(); ++s) {
    if (std::isnan(a[s]) || std::isnan(b[s])) continue;
    ++all;
    count += a[s] < b[s] ? 1 : 0;
  }
  return {count, all};
}

/// The groups of the behaviour view: those that learn the task with parts learned before.
std::vector<index_t> learned_parts(const NetworkLayout& layout) {
  auto out = layout.frozen(false);
  out.push_back(layout.full_unfrozen());
  return out;
}

/// Points of one seed: x and y of every group at every point.
struct SeedPoints {
  std::vector<std::vector<double>> difference, distance;
};

SeedPoints seed_points(const NetworkLayout& layout, const std::vector<double>& matrix, const Accuracies& accuracy) {
  const GroupDistances distances(layout, matrix);
  SeedPoints out;
  for (const index_t g : learned_parts(layout)) {
    auto& x = out.difference.emplace_back();
    auto& y = out.distance.emplace_back();
    for (index_t k = 0; k < learning_points; ++k) {
      std::vector<double> apart;
      for (const index_t m : layout.masters())
        apart.push_back(std::fabs(accuracy[at(m)][at(k)] - accuracy[at(g)][at(k)]));
      x.push_back(mean(apart));
      y.push_back(distances.to_masters(g, k));
    }
  }
  return out;
}

/// Sum over points of x of group a and y of group b, where both are numbers.
std::vector<double> cross_sums(const SeedPoints& p) {
  const std::size_t n = p.distance.size();
  std::vector<double> out(n * n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      for (std::size_t k = 0; k < points; ++k) {
        const double product = p.difference[a][k] * p.distance[b][k];
        if (!std::isnan(product)) out[a * n + b] += product;
      }
    }
  }
  return out;
}

/// Means and squares of x and y do not change when groups are permuted, so that the slope goes with the sum of
/// products.
double behaviour_p(const std::vector<SeedPoints>& seeds, index_t permutations) {
  std::vector<std::vector<double>> sums;
  for (const auto& seed : seeds) sums.push_back(cross_sums(seed));
  const std::size_t n = seeds.front().distance.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  double observed = 0;
  for (const auto& sum : sums) {
    for (std::size_t g = 0; g < n; ++g) observed += sum[g * n + g];
  }
  simulate::Random random(permutation_seed);
  index_t reached = 1;
  for (index_t draw = 0; draw < permutations; ++draw) {
    double value = 0;
    for (const auto& sum : sums) {
      for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[at(random.below(static_cast<index_t>(i)))]);
      for (std::size_t g = 0; g < n; ++g) value += sum[order[g] * n + g];
    }
    reached += value >= observed - 1e-12 * std::fabs(observed) ? 1 : 0;
  }
  return static_cast<double>(reached) / static_cast<double>(permutations + 1);
}

/// The rules that shaped a group's recurrent weights.
std::set<train::Rule> shaped_by(const NetworkGroup& group) {
  std::set<train::Rule> out(group.parts.begin(), group.parts.end());
  if (group.trained && !group.frozen) out.insert(train::Rule::anti_delay);
  return out;
}

/// 1 - |A and B| / |A or B|; NaN for two empty sets.
double expected_distance(const std::set<train::Rule>& a, const std::set<train::Rule>& b) {
  std::set<train::Rule> either = a;
  either.insert(b.begin(), b.end());
  if (either.empty()) return nan;
  return 1 - static_cast<double>(a.size() + b.size() - either.size()) / static_cast<double>(either.size());
}

/// Rank correlation of the pairs above the diagonal, the expected ones with their groups in another order.
double matrix_correlation(const std::vector<double>& found, const std::vector<double>& expected,
                          const std::vector<std::size_t>& order, const std::vector<bool>& counts) {
  const std::size_t n = order.size();
  std::vector<double> x, y;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      if (!counts[i] || !counts[j]) continue;
      x.push_back(found[i * n + j]);
      y.push_back(expected[order[i] * n + order[j]]);
    }
  }
  return rank_correlation(x, y);
}

template <class Summary>
void correct(std::vector<Summary>& all, double Summary::*p, double Summary::*q) {
  std::set<std::string> settings;
  for (const auto& one : all) settings.insert(one.setting);
  for (const auto& setting : settings) {
    std::vector<double> values;
    for (const auto& one : all) {
      if (one.setting == setting) values.push_back(one.*p);
    }
    const auto corrected = benjamini_hochberg(values);
    std::size_t i = 0;
    for (auto& one : all) {
      if (one.setting == setting) one.*q = corrected[i++];
    }
  }
}

}  // namespace

double GroupDistances::at(index_t i, index_t j) const {
  return matrix_[static_cast<std::size_t>(i * layout_.size() + j)];
}

double GroupDistances::to_masters(index_t group, index_t point) const {
  std::vector<double> values;
  for (const index_t m : layout_.masters()) {
    if (m != group) values.push_back(at(layout_.at(m, point), layout_.at(group, point)));
  }
  return mean(values);
}

double GroupDistances::between(const std::vector<index_t>& a, const std::vector<index_t>& b) const {
  std::vector<double> values;
  for (const index_t i : a) {
    for (const index_t j : b) {
      if (i != j) values.push_back(at(i, j));
    }
  }
  return values.empty() ? 0 : mean(values);  // a group of one against itself
}

Accuracies accuracies(const NetworkLayout& layout, const NetworkSeed& networks) {
  Accuracies out(at(layout.group_count()), std::vector<double>(points, nan));
  for (const index_t g : layout.learners()) {
    if (networks[at(g)].status == train::Status::diverged) continue;
    const auto& curve = networks[at(g)].phases.back();
    for (index_t k = 0; k < learning_points; ++k) {
      out[at(g)][at(k)] = curve[checkpoint_at(curve.size(), k)].accuracy.front();
    }
  }
  return out;
}

LearningSummary summarise_learning(const NetworkLayout& layout, const SeedMatrices& matrices) {
  struct Row {
    const char* name;
    std::vector<index_t> groups;
  };
  const std::vector<Row> rows{{"none", of_share(layout, 0)},
                              {"1/3", of_share(layout, 1.0 / 3)},
                              {"2/3", of_share(layout, 2.0 / 3)},
                              {"all", of_share(layout, 1)},
                              {"trained alike", layout.masters()}};
  LearningSummary out;
  out.setting = matrices.setting, out.metric = matrices.metric;
  std::vector<std::vector<double>> change(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<std::vector<double>> by_point(points);
    for (const auto& matrix : matrices.seeds) {
      const GroupDistances distances(layout, matrix);
      for (index_t k = 0; k < learning_points; ++k) {
        std::vector<double> values;
        for (const index_t g : rows[r].groups) values.push_back(distances.to_masters(g, k));
        by_point[at(k)].push_back(mean(values));
      }
      change[r].push_back(by_point.back().back() - by_point.front().back());
    }
    auto& row = out.rows.emplace_back();
    row.group = rows[r].name;
    for (const auto& values : by_point) row.distance.push_back(figure(values));
    row.change = figure(change[r]);
  }
  const auto none = below(change[3], change[0]), third = below(change[3], change[1]);
  out.below_none = none.first, out.seeds = none.second, out.below_third = third.first;
  out.p = out.q = sign_test_p(none.first, none.second);
  out.p_graded = out.q_graded = sign_test_p(third.first, third.second);
  return out;
}

BehaviourSummary summarise_behaviour(const NetworkLayout& layout, const SeedMatrices& matrices,
                                     const std::vector<Accuracies>& accuracy, index_t permutations) {
  BehaviourSummary out;
  out.setting = matrices.setting, out.metric = matrices.metric;
  std::vector<SeedPoints> seeds;
  std::vector<double> slopes;
  for (std::size_t s = 0; s < matrices.seeds.size(); ++s) {
    seeds.push_back(seed_points(layout, matrices.seeds[s], accuracy[s]));
    std::vector<double> x, y;
    for (std::size_t g = 0; g < seeds.back().distance.size(); ++g) {
      for (std::size_t k = 0; k < points; ++k) {
        if (std::isnan(seeds.back().distance[g][k]) || std::isnan(seeds.back().difference[g][k])) continue;
        x.push_back(seeds.back().difference[g][k]);
        y.push_back(seeds.back().distance[g][k]);
      }
    }
    slopes.push_back(linear_fit(x, y).slope);
    out.difference.insert(out.difference.end(), x.begin(), x.end());
    out.distance.insert(out.distance.end(), y.begin(), y.end());
  }
  const auto line = linear_fit(out.difference, out.distance);
  out.slope = figure(slopes);
  out.pooled_slope = line.slope, out.intercept = line.intercept, out.r_squared = line.r_squared;
  out.relative_slope = line.slope / mean(out.distance);
  out.rank_correlation = rank_correlation(out.difference, out.distance);
  out.p = out.q = out.difference.empty() ? nan : behaviour_p(seeds, permutations);
  return out;
}

MatrixSummary summarise_matrix(const NetworkLayout& layout, const SeedMatrices& matrices, index_t permutations) {
  MatrixSummary out;
  out.setting = matrices.setting, out.metric = matrices.metric;
  std::vector<std::vector<index_t>> members;
  std::vector<std::set<train::Rule>> sets;
  std::vector<bool> trained, all;
  for (index_t g = 0; g < layout.group_count(); ++g) {
    const auto& group = layout.groups()[at(g)];
    if (group.master && g != layout.masters().front()) continue;
    members.push_back(group.master ? layout.masters() : std::vector<index_t>{g});
    out.groups.push_back(group.name);
    sets.push_back(shaped_by(group));
    trained.push_back(!sets.back().empty());
    all.push_back(true);
  }
  const std::size_t n = members.size();
  std::vector<double> expected(n * n, nan);
  out.distances.assign(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      expected[i * n + j] = expected_distance(sets[i], sets[j]);
      std::vector<double> values;
      for (const auto& matrix : matrices.seeds)
        values.push_back(GroupDistances(layout, matrix).between(members[i], members[j]));
      out.distances[i * n + j] = mean(values);
      if (j + 1 == n) out.to_master.push_back(figure(values));
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  out.rank_correlation = matrix_correlation(out.distances, expected, order, all);
  out.rank_correlation_trained = matrix_correlation(out.distances, expected, order, trained);
  simulate::Random random(permutation_seed);
  index_t reached = 1;
  for (index_t draw = 0; draw < permutations; ++draw) {
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[at(random.below(static_cast<index_t>(i)))]);
    reached += matrix_correlation(out.distances, expected, order, all) >= out.rank_correlation - 1e-12 ? 1 : 0;
  }
  out.p = out.q =
      std::isnan(out.rank_correlation) ? nan : static_cast<double>(reached) / static_cast<double>(permutations + 1);
  return out;
}

void correct_for_metrics(std::vector<LearningSummary>& all) {
  correct(all, &LearningSummary::p, &LearningSummary::q);
  correct(all, &LearningSummary::p_graded, &LearningSummary::q_graded);
}
void correct_for_metrics(std::vector<BehaviourSummary>& all) {
  correct(all, &BehaviourSummary::p, &BehaviourSummary::q);
}
void correct_for_metrics(std::vector<MatrixSummary>& all) { correct(all, &MatrixSummary::p, &MatrixSummary::q); }

}  // namespace kindred::testcase
