#include "host/statistics/elementary.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace kindred;
using namespace kindred::statistics;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();
using Values = std::vector<double>;

/// The sums below have at most ten terms near 1: a few dozen roundings.
bool near(double value, double expected) {
  return std::fabs(value - expected) <= 64 * 2.3e-16 * (1 + std::fabs(expected));
}

}  // namespace

TEST_CASE("mean and standard error", "[statistics]") {
  // 1, 2, 3, 6: mean 3, squared deviations 4 + 1 + 0 + 9 = 14, s^2 = 14 / 3, SE = sqrt(14 / 3 / 4) = sqrt(7 / 6).
  const auto e = estimate(Values{1, 2, not_a_number, 3, 6});
  CHECK(near(e.mean, 3));
  CHECK(near(e.standard_error, std::sqrt(7.0 / 6)));
  CHECK(e.count == 4);
  CHECK(std::isnan(estimate(Values{5}).standard_error));
  CHECK(std::isnan(estimate(Values{}).mean));
}

TEST_CASE("five numbers interpolate between order statistics", "[statistics]") {
  // Sorted 1 2 4 8: positions 0.75, 1.5, 2.25 give 1.75, 3, 5.
  const auto f = five_numbers({8, 1, 4, 2});
  CHECK(near(f.minimum, 1));
  CHECK(near(f.lower, 1.75));
  CHECK(near(f.median, 3));
  CHECK(near(f.upper, 5));
  CHECK(near(f.maximum, 8));
  CHECK(near(five_numbers({7}).lower, 7));

  // quartiles 2 and 4 (type 7): values from -1 to 7 are within reach
  const std::vector<double> values = {1, 2, 3, 4, 100};
  const auto w = whiskers(values, five_numbers(values));
  CHECK(near(w.low, 1));
  CHECK(near(w.high, 4));
  CHECK(w.beyond == 1);
}

TEST_CASE("area under the curve counts pairs, ties half", "[statistics]") {
  CHECK(near(area_under_curve(Values{1, 2}, Values{3, 4}), 1));
  CHECK(near(area_under_curve(Values{3, 4}, Values{1, 2}), 0));
  // (2 > 1), (2 = 2), (3 > 1), (3 > 2): 3.5 of 4.
  CHECK(near(area_under_curve(Values{1, 2}, Values{2, 3}), 0.875));
  CHECK(near(area_under_curve(Values{1, 1}, Values{1, 1, 1}), 0.5));
  CHECK(std::isnan(area_under_curve(Values{}, Values{1})));
}

TEST_CASE("least-squares line and its R^2", "[statistics]") {
  // x 1 2 3, y 6 5 1: slope (-1 * 2 + 0 + 1 * -3) / 2 = -2.5, intercept 4 + 5 = 9; yy = 4 + 1 + 9 = 14, R^2 = 25 / 28.
  const auto f = linear_fit(Values{1, 2, 3}, Values{6, 5, 1});
  CHECK(near(f.slope, -2.5));
  CHECK(near(f.intercept, 9));
  CHECK(near(f.r_squared, 25.0 / 28));
  CHECK(near(linear_fit(Values{0, 1}, Values{3, 5}).r_squared, 1));
  CHECK(std::isnan(linear_fit(Values{1, 2}, Values{3, 3}).r_squared));
  CHECK(std::isnan(linear_fit(Values{1, 1}, Values{3, 4}).slope));
}

TEST_CASE("Benjamini-Hochberg", "[statistics]") {
  // m = 4: 0.01 * 4 = 0.04, 0.03 * 4 / 2 = 0.06, 0.035 * 4 / 3 = 0.0466.., 0.5: from the end 0.5, 0.0466.., 0.0466..,
  // 0.04.
  const auto q = benjamini_hochberg(Values{0.035, 0.5, not_a_number, 0.01, 0.03});
  CHECK(near(q[0], 0.14 / 3));
  CHECK(near(q[1], 0.5));
  CHECK(std::isnan(q[2]));
  CHECK(near(q[3], 0.04));
  CHECK(near(q[4], 0.14 / 3));
}

TEST_CASE("label permutations are enumerated when few", "[statistics]") {
  simulate::Random random(1);
  // Values 1 2 | 8 9, statistic: mean of label 1 less mean of label 0. Of the 6 relabellings the true one is the
  // largest.
  const Values x{1, 2, 8, 9};
  const auto statistic = [&x](const std::vector<int>& labels) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += labels[i] == 1 ? x[i] : -x[i];
    return sum;
  };
  CHECK(near(label_permutation_test({0, 0, 1, 1}, statistic, 100, random).p, 1.0 / 6));
  CHECK(near(label_permutation_test({1, 1, 0, 0}, statistic, 100, random).p, 1));
  // 1 8 | 2 9 (sum 2) is reached by itself, {2, 8}? -> 0 no; orders with sum >= 2: {8,9}: 14, {2,9}: 2: 2 of 6.
  CHECK(near(label_permutation_test({0, 1, 0, 1}, statistic, 100, random).p, 2.0 / 6));
}

TEST_CASE("random label permutations estimate the same probability", "[statistics]") {
  simulate::Random random(1);
  // Eight labels, C(8, 4) = 70 orders, limit 50 forces draws; the best order has p = 1/70, its estimate (1 + k) / 51
  // with k binomial(50, 1/70): above 7/51 with probability below 1e-5.
  const auto statistic = [](const std::vector<int>& labels) {
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) sum += labels[i] * static_cast<double>(1u << i);
    return sum;
  };
  const double p = label_permutation_test({0, 0, 0, 0, 1, 1, 1, 1}, statistic, 50, random).p;
  CHECK(p >= 1.0 / 51);
  CHECK(p <= 7.0 / 51);
}

TEST_CASE("permutations within units", "[statistics]") {
  simulate::Random random(2);
  // Ten units, each falling: the true order is one of 6^10; the estimate is the smallest possible.
  Values falling;
  for (int unit = 0; unit < 10; ++unit) falling.insert(falling.end(), {3.0 + unit, 2.0 + unit, 1.0 + unit});
  const Values weights{1, 0, -1};
  CHECK(near(within_unit_permutation_p(falling, weights, 999, random), 1.0 / 1000));
  CHECK(within_unit_permutation_p(falling, Values{-1, 0, 1}, 999, random) == 1);
  CHECK(std::isnan(within_unit_permutation_p({not_a_number, 1, 2}, weights, 9, random)));
}

TEST_CASE("silhouette and nearest neighbour by hand", "[statistics]") {
  // Points 0, 1 | 5 on a line. Item 0: a = 1, b = 5, 4/5. Item 1: a = 1, b = 4, 3/4. Item 2 is alone: 0.
  const Values d{0, 1, 5, 1, 0, 4, 5, 4, 0};
  CHECK(near(silhouette(d, {0, 0, 1}), (0.8 + 0.75) / 3));
  // Nearest of 0 is 1, of 1 is 0, of 2 is 1, whose label differs.
  CHECK(near(nearest_neighbour_accuracy(d, {0, 0, 1}), 2.0 / 3));
}

TEST_CASE("rank correlation shares the ranks of ties", "[statistics]") {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x{1, 2, 3, 4, missing}, rising{10, 20, 30, 1000, 5}, falling{4, 3, 2, 1, 0};
  CHECK(std::fabs(rank_correlation(x, rising) - 1) < 1e-14);
  CHECK(std::fabs(rank_correlation(x, falling) + 1) < 1e-14);
  // Ranks 1, 2, 3, 4 against 1.5, 1.5, 3.5, 3.5: covariance 4 of variances 5 and 4.
  CHECK(std::fabs(rank_correlation(x, std::vector<double>{1, 1, 2, 2, 2}) - 4 / std::sqrt(20.0)) < 1e-14);
  CHECK(std::isnan(rank_correlation(std::vector<double>{1, missing}, std::vector<double>{1, 2})));
}

TEST_CASE("seeds with units of their own are permuted each by itself", "[statistics]") {
  simulate::Random random(1);
  // One seed of three units in the only order that reaches the statistic: 1 of 6.
  const double p = seedwise_permutation_p({{3, 2, 1}}, {{1, 0, -1}}, 20000, random);
  CHECK(std::fabs(p - 1.0 / 6) < 0.013);  // five standard deviations, sqrt(p (1 - p) / 20000)
  CHECK(std::isnan(seedwise_permutation_p({{}}, {{}}, 10, random)));
  CHECK(sign_test_p(2, 2) == 0.25);
  CHECK(sign_test_p(0, 3) == 1);
}
