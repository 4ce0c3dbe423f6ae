#include "host/testcase/summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "host/base/index.hpp"
#include "host/statistics/elementary.hpp"

namespace kindred::testcase {
namespace {

using host::at;

using namespace statistics;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr Figure no_figure{nan, nan};
/// Of the permutation draws: fixed, so that a p-value repeats.
constexpr std::uint64_t permutation_seed = 20241031;

Figure figure(const std::vector<double>& per_seed) {
  const auto e = estimate(per_seed);
  return {e.mean, e.standard_error};
}

GroupSummary summarise_group(const View& view, const Samples& samples, int group) {
  GroupSummary out;
  std::vector<double> pooled;
  for (const auto& seed : samples) {
    std::vector<double> values;
    for (std::size_t i = 0; i < seed.size(); ++i) {
      if (view.comparisons[i].group == group) values.push_back(seed[i]);
    }
    out.per_seed.push_back(estimate(values).mean);
    pooled.insert(pooled.end(), values.begin(), values.end());
  }
  out.distance = figure(out.per_seed);
  const auto five = five_numbers(pooled);
  const auto reach = whiskers(pooled, five);
  out.minimum = five.minimum, out.lower = five.lower, out.median = five.median;
  out.upper = five.upper, out.maximum = five.maximum;
  out.low_whisker = reach.low, out.high_whisker = reach.high, out.outliers = reach.beyond;
  return out;
}

/// Falling distances answer a trend; the first group is the smaller one of the other questions.
bool in_order(Question question, double first, double second) {
  return question == Question::trend ? first > second : first < second;
}

/// Weight of a group in the permutation statistic, larger when the groups are in the expected order.
std::vector<double> contrast(const View& view) {
  if (view.question != Question::trend) return {-1, 1};
  const double mean = estimate(view.positions).mean;
  std::vector<double> out;
  for (const double x : view.positions) out.push_back(mean - x);
  return out;
}

/// Exchangeable systems: sum over comparisons of weight[group] * (distance averaged over seeds), each weight divided by
/// the size of its group.
double permuted_systems_p(const View& view, const Samples& samples, index_t permutations, simulate::Random& random) {
  std::vector<double> average(view.comparisons.size(), 0.0);
  for (const auto& seed : samples) {
    for (std::size_t i = 0; i < seed.size(); ++i) average[i] += seed[i] / static_cast<double>(samples.size());
  }
  auto weight = contrast(view);
  std::vector<double> size(weight.size(), 0.0);
  for (const auto& comparison : view.comparisons) size[at(comparison.group)] += 1;
  for (std::size_t g = 0; g < weight.size(); ++g) weight[g] /= size[g];
  // Weight of a pair of labels, tabulated: the statistic is evaluated for every permutation.
  const auto labels = static_cast<std::size_t>(*std::max_element(view.labels.begin(), view.labels.end()) + 1);
  std::vector<double> pair_weight(labels * labels, 0.0);
  for (const int a : view.labels) {
    for (const int b : view.labels) {
      const auto group = at(view.group_of(a, b));
      if (group < weight.size()) {
        pair_weight[at(a) * labels + at(b)] = weight[group];
      }
    }
  }
  const auto statistic = [&](const std::vector<int>& permuted) {
    double sum = 0;
    for (std::size_t i = 0; i < average.size(); ++i) {
      const auto a = at(permuted[at(view.comparisons[i].row)]);
      const auto b = at(permuted[at(view.comparisons[i].column)]);
      sum += pair_weight[a * labels + b] * average[i];
    }
    return sum;
  };
  return label_permutation_test(view.labels, statistic, permutations, random).p;
}

/// Exchangeable groups within a unit: a replicate of one seed with one comparison in every group.
double permuted_groups_p(const View& view, const Samples& samples, index_t permutations, simulate::Random& random) {
  const std::size_t width = view.groups.size();
  std::vector<double> table;
  for (const auto& seed : samples) {
    std::map<index_t, std::vector<double>> units;
    for (std::size_t i = 0; i < seed.size(); ++i) {
      auto& unit = units.try_emplace(view.comparisons[i].unit, width, nan).first->second;
      unit[at(view.comparisons[i].group)] = seed[i];
    }
    for (const auto& [key, unit] : units) table.insert(table.end(), unit.begin(), unit.end());
  }
  return within_unit_permutation_p(std::move(table), contrast(view), permutations, random);
}

/// Exchangeable units: those of a seed, each the mean of its comparisons, are permuted over the groups. Sum over seeds
/// and units of weight[group] * mean / (units of the group). A unit without a distance in some seed is left out of that
/// seed.
double permuted_units_p(const View& view, const Samples& samples, index_t permutations, simulate::Random& random) {
  const auto weight = contrast(view);
  struct Unit {
    std::size_t group;
    double sum;
    index_t count;
  };
  std::vector<std::vector<double>> weights, values;  // a seed
  for (const auto& seed : samples) {
    std::map<index_t, Unit> units;
    for (std::size_t i = 0; i < seed.size(); ++i) {
      if (std::isnan(seed[i])) continue;
      const auto group = at(view.comparisons[i].group);
      auto& unit = units.try_emplace(view.comparisons[i].unit, Unit{group, 0, 0}).first->second;
      unit.sum += seed[i];
      ++unit.count;
    }
    std::vector<double> size(weight.size(), 0.0);
    for (const auto& [key, unit] : units) size[unit.group] += 1;
    auto& w = weights.emplace_back();
    auto& v = values.emplace_back();
    for (const auto& [key, unit] : units) {
      w.push_back(weight[unit.group] / size[unit.group]);
      v.push_back(unit.sum / static_cast<double>(unit.count));
    }
  }
  return seedwise_permutation_p(values, weights, permutations, random);
}

void summarise_order(const View& view, Summary& out) {
  std::vector<double> ratio, change;
  const auto all = at(out.seeds);
  for (std::size_t s = 0; s < all; ++s) {
    const double first = out.groups.front().per_seed[s], last = out.groups.back().per_seed[s];
    if (std::isnan(first) && std::isnan(last)) {
      --out.seeds;  // a seed without distances says nothing
      continue;
    }
    ratio.push_back(last / first);
    change.push_back(last / first - 1);
    bool ordered = true;
    for (std::size_t g = 1; g < out.groups.size(); ++g) {
      ordered = ordered && in_order(view.question, out.groups[g - 1].per_seed[s], out.groups[g].per_seed[s]);
    }
    out.ordered_seeds += ordered ? 1 : 0;
  }
  out.ratio = figure(ratio);
  out.relative_change = figure(change);
}

void summarise_area(const View& view, const Samples& samples, Summary& out) {
  std::vector<double> area;
  const int last = static_cast<int>(view.groups.size()) - 1;
  for (const auto& seed : samples) {
    std::vector<double> low, high;
    for (std::size_t i = 0; i < seed.size(); ++i) {
      if (view.comparisons[i].group == 0) low.push_back(seed[i]);
      if (view.comparisons[i].group == last) high.push_back(seed[i]);
    }
    area.push_back(view.question == Question::trend ? area_under_curve(high, low) : area_under_curve(low, high));
  }
  out.area_under_curve = figure(area);
}

void summarise_trend(const View& view, Summary& out) {
  std::vector<double> slope, relative, curve;
  for (std::size_t s = 0; s < out.groups.front().per_seed.size(); ++s) {
    std::vector<double> means;
    for (const auto& group : out.groups) means.push_back(group.per_seed[s]);
    slope.push_back(linear_fit(view.positions, means).slope);
    relative.push_back(slope.back() / estimate(means).mean);
  }
  for (const auto& group : out.groups) curve.push_back(group.distance.mean);
  out.slope = figure(slope);
  out.relative_slope = figure(relative);
  out.r_squared = linear_fit(view.positions, curve).r_squared;
}

}  // namespace

Summary summarise(const View& view, const std::string& metric, const Samples& samples, index_t permutations) {
  Summary out;
  out.metric = metric;
  out.seeds = static_cast<index_t>(samples.size());
  for (const auto& seed : samples)
    out.missing += std::count_if(seed.begin(), seed.end(), [](double v) { return std::isnan(v); });
  for (std::size_t g = 0; g < view.groups.size(); ++g) {
    out.groups.push_back(summarise_group(view, samples, static_cast<int>(g)));
  }
  summarise_order(view, out);
  summarise_area(view, samples, out);
  out.slope = out.relative_slope = no_figure;
  out.r_squared = nan;
  if (view.question == Question::trend) summarise_trend(view, out);
  simulate::Random random(permutation_seed);
  if (view.question == Question::ranking) {
    out.p = sign_test_p(out.ordered_seeds, out.seeds);
  } else if (view.units_exchange) {
    out.p = permuted_units_p(view, samples, permutations, random);
  } else if (view.group_of) {
    out.p = permuted_systems_p(view, samples, permutations, random);
  } else {
    out.p = permuted_groups_p(view, samples, permutations, random);
  }
  out.q = out.p;
  return out;
}

Verdict verdict(const Summary& summary) {
  if (20 * summary.ordered_seeds >= 19 * summary.seeds) return Verdict::right;
  return 2 * summary.ordered_seeds <= summary.seeds ? Verdict::wrong : Verdict::unsure;
}

void correct_for_metrics(std::vector<Summary>& summaries) {
  std::vector<double> p;
  for (const auto& summary : summaries) p.push_back(summary.p);
  const auto q = benjamini_hochberg(p);
  for (std::size_t i = 0; i < q.size(); ++i) summaries[i].q = q[i];
}

}  // namespace kindred::testcase
