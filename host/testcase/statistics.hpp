#pragma once
#include <kindred/simulate.hpp>
#include <kindred/types.hpp>

#include <functional>
#include <span>
#include <vector>

/// Statistics of groups of distances. NaN values (failed pairs) are left out where a value is asked for; a statistic
/// without enough values is NaN.
namespace kindred::testcase {

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

/// One-sided permutation test of system labels: the share of relabellings whose statistic is at least that of `labels`
/// themselves (within a relative 1e-12). All distinct relabellings when there are at most `limit`, else `limit` random
/// ones, with the true one added to both counts.
[[nodiscard]] double label_permutation_p(const std::vector<int>& labels,
                                         const std::function<double(const std::vector<int>&)>& statistic, index_t limit,
                                         simulate::Random& random);

/// One-sided permutation test over units (rows of `values`, units x conditions): under the null hypothesis the
/// conditions of a unit are exchangeable. Statistic: sum over units and conditions of weight[condition] * value.
/// `draws` random permutations, the true one added to both counts.
[[nodiscard]] double within_unit_permutation_p(std::vector<double> values, std::span<const double> weights,
                                               index_t draws, simulate::Random& random);

/// The same where every seed has units of its own: `values` of a seed are permuted, and weighted by `weights` in place.
[[nodiscard]] double seedwise_permutation_p(std::vector<std::vector<double>> values,
                                            const std::vector<std::vector<double>>& weights, index_t draws,
                                            simulate::Random& random);

/// Probability of at least k successes of n when each is a fair coin.
[[nodiscard]] double sign_test_p(index_t k, index_t n);

/// Spearman's correlation of the pairs in which both are numbers: Pearson's of their ranks, ties sharing the mean of theirs.
[[nodiscard]] double rank_correlation(std::span<const double> x, std::span<const double> y);

/// Cluster quality by a distance matrix (n x n, row-major), Rousseeuw, doi 10.1016/0377-0427(87)90125-7: the mean over
/// items of (b - a) / max(a, b), a the mean distance to the own label, b the smallest mean distance to another; 0 for
/// an item alone in its label.
[[nodiscard]] double silhouette(std::span<const double> distances, const std::vector<int>& labels);

/// Share of items whose nearest other item (leave-one-out 1-nearest neighbour; the first of ties) has the same label.
[[nodiscard]] double nearest_neighbour_accuracy(std::span<const double> distances, const std::vector<int>& labels);

}  // namespace kindred::testcase
