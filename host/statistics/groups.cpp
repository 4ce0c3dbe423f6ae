#include <kindred/error.hpp>
#include <kindred/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include "host/base/text.hpp"
#include "host/statistics/distances.hpp"
#include "host/statistics/elementary.hpp"

namespace kindred::statistics {
namespace {

/// Systems in groups, and how many each group has.
struct Grouping {
  std::vector<int> of;  ///< group of each system, from 0 in order of first appearance
  std::vector<index_t> sizes;

  [[nodiscard]] index_t count() const { return static_cast<index_t>(sizes.size()); }
};

Grouping grouped(const std::vector<std::string>& labels, const std::vector<index_t>& systems) {
  std::map<std::string, int> numbers;
  Grouping out;
  for (const index_t i : systems) {
    const int number = numbers.try_emplace(labels[at(i)], static_cast<int>(numbers.size())).first->second;
    out.of.push_back(number);
    out.sizes.resize(numbers.size());
    ++out.sizes[at(number)];
  }
  return out;
}

void check_groups(const std::string& name, const Grouping& groups) {
  const auto n = static_cast<index_t>(groups.of.size());
  if (groups.count() < 2) {
    host::fail(ErrorCode::invalid_argument, host::printable(name), ": the labels of its ", n,
               " systems that count make ", groups.count(), groups.count() == 1 ? " group" : " groups",
               ", expected 2 or more");
  }
  if (groups.count() == n) {
    host::fail(ErrorCode::invalid_argument, host::printable(name), ": each of the ", n,
               " groups has one system that counts, expected a group of 2 or more");
  }
}

/// Sum over groups g of weight_g times the sum of `table` over the pairs within g. Every relabelling has groups of the
/// same sizes; `members` is scratch.
double sum_within(const std::vector<double>& table, const std::vector<int>& labels, const std::vector<double>& weights,
                  std::vector<std::vector<std::size_t>>& members) {
  const std::size_t n = labels.size();
  for (auto& group : members) group.clear();
  for (std::size_t i = 0; i < n; ++i) members[at(labels[i])].push_back(i);
  double sum = 0;
  for (std::size_t g = 0; g < members.size(); ++g) {
    double own = 0;
    for (std::size_t a = 0; a < members[g].size(); ++a) {
      const double* row = table.data() + members[g][a] * n;
      for (std::size_t b = 0; b < a; ++b) own += row[members[g][b]];
    }
    sum += weights[g] * own;
  }
  return sum;
}

/// The smaller `sum_within`, the larger the statistic: pseudo-F falls with SS_W, as SS_T stays, and between - within
/// falls with the sum of the distances within, as the sum of all stays. The sums are permuted in their place.
PermutationTest test_within(const std::vector<double>& table, const Grouping& groups,
                            const std::vector<double>& weights, const Options& o) {
  std::vector<std::vector<std::size_t>> members(groups.sizes.size());
  simulate::Random random(o.seed);
  return label_permutation_test(
      groups.of, [&](const std::vector<int>& labels) { return -sum_within(table, labels, weights, members); },
      o.permutations, random);
}

struct Means {
  double within = nan, between = nan;
  [[nodiscard]] bool both() const { return !std::isnan(within) && !std::isnan(between); }
};

/// Mean distances over the pairs i < j, each as often as copies[i] copies[j].
Means means_of(const std::vector<double>& d, const std::vector<int>& labels, const std::vector<index_t>& copies) {
  const std::size_t n = labels.size();
  double sums[2] = {0, 0}, counts[2] = {0, 0};
  for (std::size_t i = 0; i < n; ++i) {
    if (copies[i] == 0) continue;
    for (std::size_t j = i + 1; j < n; ++j) {
      const auto times = static_cast<double>(copies[i] * copies[j]);
      const int kind = labels[i] == labels[j] ? 0 : 1;
      sums[kind] += times * d[i * n + j];
      counts[kind] += times;
    }
  }
  return {counts[0] > 0 ? sums[0] / counts[0] : nan, counts[1] > 0 ? sums[1] / counts[1] : nan};
}

double ratio_of(const Means& m) { return m.within > 0 ? m.between / m.within : nan; }

void add_permanova(const std::vector<double>& d, const Grouping& groups, const Options& o, GroupComparison& out) {
  const auto n = static_cast<double>(groups.of.size()), a = static_cast<double>(groups.count());
  std::vector<double> squares(d), weights;
  for (double& v : squares) v *= v;
  for (const index_t size : groups.sizes) weights.push_back(1 / static_cast<double>(size));
  const std::vector<int> together(groups.of.size(), 0);
  std::vector<std::vector<std::size_t>> all(1), members(groups.sizes.size());
  const double total = sum_within(squares, together, {1 / n}, all);
  const double within = sum_within(squares, groups.of, weights, members);
  if (!(total > 0)) {
    out.pseudo_f = out.r_squared = nan;
    return;
  }
  out.pseudo_f = ((total - within) / (a - 1)) / (within / (n - a));
  out.r_squared = 1 - within / total;
  out.permanova = test_within(squares, groups, weights, o);
}

void add_separation(const std::vector<double>& d, const Grouping& groups, const Options& o, GroupComparison& out) {
  const std::size_t n = groups.of.size();
  const Means observed = means_of(d, groups.of, std::vector<index_t>(n, 1));
  std::vector<std::vector<index_t>> members(groups.sizes.size());
  for (std::size_t i = 0; i < n; ++i) members[at(groups.of[i])].push_back(static_cast<index_t>(i));
  std::vector<double> within, between, difference, ratio;
  simulate::Random random(o.seed, 1);
  for (index_t r = 0; r < o.resamples; ++r) {
    std::vector<index_t> copies(n, 0);
    for (const auto& group : members) {
      for (std::size_t k = 0; k < group.size(); ++k) {
        ++copies[at(group[at(random.below(static_cast<index_t>(group.size())))])];
      }
    }
    const Means m = means_of(d, groups.of, copies);
    if (!m.both()) continue;
    within.push_back(m.within);
    between.push_back(m.between);
    difference.push_back(m.between - m.within);
    ratio.push_back(ratio_of(m));
  }
  out.intervals_from = static_cast<index_t>(within.size());
  const auto of = [&](double value, std::vector<double>& resampled) {
    return with_interval(value, std::move(resampled), o.confidence, (o.resamples + 1) / 2);
  };
  out.within = of(observed.within, within);
  out.between = of(observed.between, between);
  out.difference = of(observed.between - observed.within, difference);
  out.ratio = of(ratio_of(observed), ratio);
  out.separation = test_within(d, groups, std::vector<double>(groups.sizes.size(), 1.0), o);
}

GroupComparison compare_one(const Distances& distances, const std::vector<std::string>& labels, const Options& o) {
  const index_t n = checked_size(distances);
  if (labels.size() != at(n)) {
    host::fail(ErrorCode::invalid_argument, host::printable(distances.name), ": has ", n, " systems, and there are ",
               labels.size(), " labels; expected one a system");
  }
  std::vector<bool> labelled;
  for (const std::string& label : labels) labelled.push_back(!label.empty());
  const Distances* const one[] = {&distances};
  const Complete kept = complete(one, labelled);
  const Grouping groups = grouped(labels, kept.systems);
  check_groups(distances.name, groups);
  GroupComparison out;
  out.name = distances.name;
  out.systems = static_cast<index_t>(kept.systems.size());
  out.groups = groups.count();
  out.left_out = kept.left_out;
  if (o.neighbours >= out.systems) {
    host::fail(ErrorCode::invalid_argument, "statistics::Options::neighbours is ", o.neighbours,
               ", expected fewer than the ", out.systems, " systems of ", host::printable(distances.name),
               " that count");
  }
  const std::vector<double> d = part(distances, n, kept.systems);
  add_permanova(d, groups, o, out);
  add_separation(d, groups, o, out);
  out.silhouette = silhouette(d, groups.of);
  out.accuracy = nearest_neighbour_accuracy(d, groups.of, o.neighbours);
  out.largest_group = static_cast<double>(*std::max_element(groups.sizes.begin(), groups.sizes.end())) /
                      static_cast<double>(out.systems);
  return out;
}

}  // namespace

std::vector<GroupComparison> compare_groups(std::span<const Distances> matrices, const std::vector<std::string>& labels,
                                            const Options& options) {
  check(options);
  std::vector<GroupComparison> out;
  for (const Distances& matrix : matrices) out.push_back(compare_one(matrix, labels, options));
  correct(out, &GroupComparison::permanova);
  correct(out, &GroupComparison::separation);
  return out;
}

}  // namespace kindred::statistics
