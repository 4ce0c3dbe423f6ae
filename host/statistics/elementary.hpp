#pragma once
#include <kindred/simulate.hpp>
#include <kindred/statistics.hpp>
#include <kindred/types.hpp>

#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

/// Statistics of groups of distances. NaN values (failed pairs) are left out where a value is asked for; a statistic
/// without enough values is NaN.
namespace kindred::statistics {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Mean and its standard error, s / sqrt(n) with the sample deviation s (n - 1).
struct Estimate {
  double mean = 0;
  double standard_error = 0;  ///< NaN for fewer than two values
  index_t count = 0;
};
[[nodiscard]] Estimate estimate(std::span<const double> values);

/// Minimum, lower quartile, median, upper quartile, maximum; quartiles by linear interpolation between order statistics
/// (type 7 of Hyndman and Fan, doi 10.2307/2684934).
struct FiveNumbers {
  double minimum, lower, median, upper, maximum;
};
[[nodiscard]] FiveNumbers five_numbers(std::vector<double> values);

/// The furthest values within 1.5 (upper - lower) of the quartiles (Tukey 1977), and the number of values beyond them.
struct Whiskers {
  double low, high;
  index_t beyond;
};
[[nodiscard]] Whiskers whiskers(std::span<const double> values, const FiveNumbers& five);

/// Probability that a value of `high` exceeds one of `low`, ties counting half: the area under the ROC curve, U / (n m)
/// of Mann and Whitney. O((n + m) log(n + m)).
[[nodiscard]] double area_under_curve(std::span<const double> low, std::span<const double> high);

/// Least-squares line y = intercept + slope x, and R^2 = 1 - residual / total sum of squares (NaN for constant y).
struct LinearFit {
  double slope, intercept, r_squared;
};
[[nodiscard]] LinearFit linear_fit(std::span<const double> x, std::span<const double> y);

/// Benjamini and Hochberg (1995): the smallest false-discovery rate at which each hypothesis is rejected,
/// q_(i) = min over j >= i of p_(j) m / j. NaN p-values stay NaN and do not count in m.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);

/// Sets q of one test of every result.
template <class Result>
void correct(std::vector<Result>& results, PermutationTest Result::*test) {
  std::vector<double> p;
  for (const Result& result : results) p.push_back((result.*test).p);
  const auto q = benjamini_hochberg(p);
  for (std::size_t i = 0; i < q.size(); ++i) (results[i].*test).q = q[i];
}

/// Whether a permuted statistic counts as at least as large as the observed one: within a relative 1e-12, the rounding
/// of a reordered sum.
[[nodiscard]] bool reaches(double value, double observed);

/// One-sided permutation test of system labels: all distinct relabellings when there are at most `limit`, else `limit`
/// random ones, with the true one added to both counts. p is NaN where the statistic is.
[[nodiscard]] PermutationTest label_permutation_test(const std::vector<int>& labels,
                                                     const std::function<double(const std::vector<int>&)>& statistic,
                                                     index_t limit, simulate::Random& random);

/// Puts the values in a random order, each with the same probability.
template <class T>
void shuffle(std::span<T> values, simulate::Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(static_cast<index_t>(i)))]);
  }
}

/// Ranks from 1; ties share the mean of theirs.
[[nodiscard]] std::vector<double> ranks(std::span<const double> values);

/// One-sided permutation test over units (rows of `values`, units x conditions): under the null hypothesis the
/// conditions of a unit are exchangeable. Statistic: sum over units and conditions of weight[condition] * value.
/// `draws` random permutations, the true one added to both counts.
[[nodiscard]] double within_unit_permutation_p(std::vector<double> values, std::span<const double> weights,
                                               index_t draws, simulate::Random& random);

/// The same where every seed has units of its own: the `values` of a seed are permuted among the places, and each place
/// keeps its weight.
[[nodiscard]] double seedwise_permutation_p(std::vector<std::vector<double>> values,
                                            const std::vector<std::vector<double>>& weights, index_t draws,
                                            simulate::Random& random);

/// Probability of at least k successes of n when each is a fair coin.
[[nodiscard]] double sign_test_p(index_t k, index_t n);

/// Spearman's correlation of the pairs in which both are numbers: Pearson's of their ranks, ties sharing the mean of
/// theirs.
[[nodiscard]] double rank_correlation(std::span<const double> x, std::span<const double> y);

/// Cluster quality by a distance matrix (n x n, row-major), Rousseeuw, doi 10.1016/0377-0427(87)90125-7: the mean over
/// items of (b - a) / max(a, b), a the mean distance to the own label, b the smallest mean distance to another; 0 for
/// an item alone in its label.
[[nodiscard]] double silhouette(std::span<const double> distances, const std::vector<int>& labels);

/// Share of items whose label has most votes among their k nearest others (leave-one-out; the first of equal distances;
/// of labels with equal votes the one with the nearest member). NaN distances never vote.
[[nodiscard]] double nearest_neighbour_accuracy(std::span<const double> distances, const std::vector<int>& labels,
                                                index_t k = 1);

}  // namespace kindred::statistics
