#include "host/statistics/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace kindred::statistics {
namespace {

std::vector<double> finite(std::span<const double> values) {
  std::vector<double> out;
  std::copy_if(values.begin(), values.end(), std::back_inserter(out), [](double v) { return !std::isnan(v); });
  return out;
}

/// Number of distinct orders of a multiset, or `limit` + 1 when there are more.
index_t distinct_orders(const std::vector<int>& labels, index_t limit) {
  std::map<int, index_t> seen;
  double orders = 1;
  index_t placed = 0;
  for (const int label : labels) orders *= static_cast<double>(++placed) / static_cast<double>(++seen[label]);
  return orders > static_cast<double>(limit) + 0.5 ? limit + 1 : static_cast<index_t>(std::llround(orders));
}

}  // namespace

bool reaches(double value, double observed) { return value >= observed - 1e-12 * std::fabs(observed); }

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&values](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    const double rank = 0.5 * static_cast<double>(i + 1 + j);
    for (; i < j; ++i) out[order[i]] = rank;
  }
  return out;
}

Estimate estimate(std::span<const double> values) {
  const auto x = finite(values);
  const auto n = static_cast<double>(x.size());
  if (x.empty()) return {nan, nan, 0};
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double square = 0;
  for (const double v : x) square += (v - mean) * (v - mean);
  return {mean, x.size() > 1 ? std::sqrt(square / (n - 1) / n) : nan, static_cast<index_t>(x.size())};
}

FiveNumbers five_numbers(std::vector<double> values) {
  auto x = finite(values);
  if (x.empty()) return {nan, nan, nan, nan, nan};
  std::sort(x.begin(), x.end());
  const auto quantile = [&x](double q) {
    const double position = q * static_cast<double>(x.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const auto above = std::min(below + 1, x.size() - 1);
    return x[below] + (position - static_cast<double>(below)) * (x[above] - x[below]);
  };
  return {x.front(), quantile(0.25), quantile(0.5), quantile(0.75), x.back()};
}

Whiskers whiskers(std::span<const double> values, const FiveNumbers& five) {
  const double reach = 1.5 * (five.upper - five.lower);
  Whiskers out{five.lower, five.upper, 0};
  for (const double value : values) {
    if (std::isnan(value)) continue;
    if (value < five.lower - reach || value > five.upper + reach) {
      ++out.beyond;
    } else {
      out.low = std::min(out.low, value);
      out.high = std::max(out.high, value);
    }
  }
  return out;
}

double area_under_curve(std::span<const double> low, std::span<const double> high) {
  auto below = finite(low);
  const auto above = finite(high);
  if (below.empty() || above.empty()) return nan;
  std::sort(below.begin(), below.end());
  double wins = 0;
  for (const double v : above) {
    const auto [first, last] = std::equal_range(below.begin(), below.end(), v);
    wins += static_cast<double>(first - below.begin()) + 0.5 * static_cast<double>(last - first);
  }
  return wins / (static_cast<double>(below.size()) * static_cast<double>(above.size()));
}

LinearFit linear_fit(std::span<const double> x, std::span<const double> y) {
  const auto n = static_cast<double>(x.size());
  const double x_mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double y_mean = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - x_mean) * (x[i] - x_mean);
    xy += (x[i] - x_mean) * (y[i] - y_mean);
    yy += (y[i] - y_mean) * (y[i] - y_mean);
  }
  if (!(xx > 0)) return {nan, nan, nan};
  const double slope = xy / xx;
  return {slope, y_mean - slope * x_mean, yy > 0 ? xy * xy / (xx * yy) : nan};
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&p](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> q(p.size(), nan);
  double smallest = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t i = order[rank - 1];
    smallest = std::min(smallest, p[i] * static_cast<double>(order.size()) / static_cast<double>(rank));
    q[i] = smallest;
  }
  return q;
}

PermutationTest label_permutation_test(const std::vector<int>& labels,
                                       const std::function<double(const std::vector<int>&)>& statistic, index_t limit,
                                       simulate::Random& random) {
  PermutationTest test;
  const double observed = statistic(labels);
  if (std::isnan(observed)) return test;
  auto permuted = labels;
  test.exact = distinct_orders(labels, limit) <= limit;
  index_t reached = 0;
  const auto evaluate = [&] {
    reached += reaches(statistic(permuted), observed) ? 1 : 0;
    ++test.permutations;
  };
  if (test.exact) {
    std::sort(permuted.begin(), permuted.end());
    do {
      evaluate();
    } while (std::next_permutation(permuted.begin(), permuted.end()));
  } else {
    for (index_t i = 0; i < limit; ++i) {
      shuffle(std::span<int>(permuted), random);
      evaluate();
    }
  }
  const index_t own = test.exact ? 0 : 1;
  test.p = static_cast<double>(reached + own) / static_cast<double>(test.permutations + own);
  return test;
}

double within_unit_permutation_p(std::vector<double> values, std::span<const double> weights, index_t draws,
                                 simulate::Random& random) {
  const std::size_t width = weights.size();
  const auto statistic = [&] {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i % width] * values[i];
    return sum;
  };
  const double observed = statistic();
  if (values.empty() || std::isnan(observed)) return nan;
  index_t reached = 1;
  for (index_t draw = 0; draw < draws; ++draw) {
    for (std::size_t unit = 0; unit < values.size(); unit += width) {
      shuffle(std::span<double>(values).subspan(unit, width), random);
    }
    reached += reaches(statistic(), observed) ? 1 : 0;
  }
  return static_cast<double>(reached) / static_cast<double>(draws + 1);
}

double seedwise_permutation_p(std::vector<std::vector<double>> values, const std::vector<std::vector<double>>& weights,
                              index_t draws, simulate::Random& random) {
  const auto statistic = [&] {
    double sum = 0;
    for (std::size_t s = 0; s < values.size(); ++s) {
      for (std::size_t i = 0; i < values[s].size(); ++i) sum += weights[s][i] * values[s][i];
    }
    return sum;
  };
  const double observed = statistic();
  const bool any = std::any_of(values.begin(), values.end(), [](const auto& seed) { return !seed.empty(); });
  if (!any || std::isnan(observed)) return nan;
  index_t reached = 1;
  for (index_t draw = 0; draw < draws; ++draw) {
    for (auto& seed : values) shuffle(std::span<double>(seed), random);
    reached += reaches(statistic(), observed) ? 1 : 0;
  }
  return static_cast<double>(reached) / static_cast<double>(draws + 1);
}

double sign_test_p(index_t k, index_t n) {
  double tail = 0, term = std::pow(0.5, static_cast<double>(n));  // of 0 successes
  for (index_t i = 0; i <= n; ++i) {
    if (i >= k) tail += term;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1);
  }
  return std::min(1.0, tail);
}

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  std::vector<double> a, b;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    a.push_back(x[i]);
    b.push_back(y[i]);
  }
  if (a.size() < 2) return nan;
  const auto fit = linear_fit(ranks(a), ranks(b));
  if (std::isnan(fit.slope)) return nan;
  return std::isnan(fit.r_squared) ? 0 : std::copysign(std::sqrt(fit.r_squared), fit.slope);
}

double silhouette(std::span<const double> distances, const std::vector<int>& labels) {
  const std::size_t n = labels.size();
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::map<int, std::pair<double, double>> by_label;  // sum and count of the distances from i
    for (std::size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      auto& [total, count] = by_label[labels[j]];
      total += distances[i * n + j];
      count += 1;
    }
    const auto own = by_label.find(labels[i]);
    if (own == by_label.end()) continue;
    const double inside = own->second.first / own->second.second;
    double outside = std::numeric_limits<double>::infinity();
    for (const auto& [label, entry] : by_label) {
      if (label != labels[i]) outside = std::min(outside, entry.first / entry.second);
    }
    const double larger = std::max(inside, outside);
    if (std::isfinite(outside) && larger > 0) sum += (outside - inside) / larger;
  }
  return sum / static_cast<double>(n);
}

double nearest_neighbour_accuracy(std::span<const double> distances, const std::vector<int>& labels, index_t k) {
  const std::size_t n = labels.size();
  std::size_t right = 0;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = distances.data() + i * n;
    others.clear();
    for (std::size_t j = 0; j < n; ++j) {
      if (j != i && !std::isnan(row[j])) others.push_back(j);
    }
    const std::size_t voters = std::min(others.size(), static_cast<std::size_t>(k));
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(voters), others.end(),
                      [row](std::size_t a, std::size_t b) { return row[a] < row[b] || (row[a] == row[b] && a < b); });
    others.resize(voters);
    std::map<int, index_t> votes;
    for (const std::size_t j : others) ++votes[labels[j]];
    // The first of the most voted, from the nearest on.
    const auto winner = std::max_element(others.begin(), others.end(), [&](std::size_t a, std::size_t b) {
      return votes[labels[a]] < votes[labels[b]];
    });
    if (winner != others.end() && labels[*winner] == labels[i]) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(n);
}

}  // namespace kindred::statistics
