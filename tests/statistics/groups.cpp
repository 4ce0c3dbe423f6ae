/// Groups of systems by their distances: closed cases, sums over pairs in long double with every relabelling written
/// out, p under the null hypothesis, and what is refused.
#include "tests/statistics/matrices.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace kindred;
using namespace kindred::statistics;
using namespace kindred::test;

namespace {

using Labels = std::vector<std::string>;

GroupComparison compare(const Distances& d, const Labels& labels, const Options& options = {}) {
  return compare_groups(std::span(&d, 1), labels, options).front();
}

struct Oracle {
  long double pseudo_f, r_squared, difference;
};

/// By the definitions, pair by pair.
Oracle oracle(const Distances& d, const Labels& labels) {
  const std::size_t n = labels.size();
  const std::set<std::string> groups(labels.begin(), labels.end());
  long double total = 0, within = 0, near_sum = 0, far_sum = 0, near = 0, far = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const long double v = d.values[i * n + j];
      total += v * v / static_cast<long double>(n);
      if (labels[i] == labels[j]) {
        within += v * v / static_cast<long double>(std::count(labels.begin(), labels.end(), labels[i]));
        near_sum += v, near += 1;
      } else {
        far_sum += v, far += 1;
      }
    }
  }
  const auto a = static_cast<long double>(groups.size());
  return {(total - within) / (a - 1) / (within / (static_cast<long double>(n) - a)), 1 - within / total,
          far_sum / far - near_sum / near};
}

/// Share of all orders of the labels whose statistic reaches that of the labels themselves.
double enumerated_p(const Distances& d, const Labels& labels, long double Oracle::*statistic) {
  const long double observed = oracle(d, labels).*statistic;
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  long double reached = 0, total = 0;
  do {
    Labels permuted;
    for (const std::size_t i : order) permuted.push_back(labels[i]);
    reached += oracle(d, permuted).*statistic >= observed - 1e-12L * std::fabs(observed) ? 1 : 0;
    ++total;
  } while (std::next_permutation(order.begin(), order.end()));
  return static_cast<double>(reached / total);
}

/// DSA distances of the paper's nine Lorenz systems (`kindred demo --metric dsa`, radians, rounded), three regimes of
/// three.
Distances nine_systems() {
  const std::vector<double> upper = {0.0359, 0.0448, 0.1414, 0.3004, 0.4594, 0.4481, 0.6828, 0.6717, 0.0349,
                                     0.1413, 0.3007, 0.4611, 0.4478, 0.685,  0.6746, 0.1528, 0.3131, 0.4713,
                                     0.4609, 0.6941, 0.6832, 0.1945, 0.3506, 0.342,  0.5739, 0.5645, 0.1863,
                                     0.194,  0.4265, 0.42,   0.1521, 0.2654, 0.2621, 0.3224, 0.31,   0.0964};
  Distances d{"dsa", std::vector<double>(81, 0.0)};
  std::size_t k = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    for (std::size_t j = i + 1; j < 9; ++j) d.values[9 * i + j] = d.values[9 * j + i] = upper[k++];
  }
  return d;
}

}  // namespace

TEST_CASE("groups on a line by hand", "[statistics]") {
  // 0, 1 | 4, 6: SS_W = 1/2 + 4/2, SS_T = 22.75 (about the mean 2.75), F = 20.25 / (2.5 / 2). Of the 6 orders of the
  // labels two make this partition.
  const auto g = compare(line({0, 1, 4, 6}), {"a", "a", "b", "b"});
  CHECK(std::fabs(g.pseudo_f - 16.2) <= 1e-13);
  CHECK(std::fabs(g.r_squared - 20.25 / 22.75) <= 1e-15);
  CHECK(g.permanova.exact);
  CHECK(g.permanova.permutations == 6);
  CHECK(g.permanova.p == 2.0 / 6);
  CHECK(g.permanova.q == g.permanova.p);
  CHECK(g.separation.p == 2.0 / 6);
  CHECK(g.within.value == 1.5);
  CHECK(g.between.value == 4.5);
  CHECK(g.ratio.value == 3);
  CHECK(g.difference.value == 3);
  CHECK(g.accuracy == 1);
  CHECK(g.largest_group == 0.5);
  // a = 1, 1, 2, 2; b = 5, 4, 3.5, 5.5.
  CHECK(std::fabs(g.silhouette - (4.0 / 5 + 3.0 / 4 + 1.5 / 3.5 + 3.5 / 5.5) / 4) <= 1e-15);
  // A resample of a group holds both systems, or one twice and then no pair: 1, 2, their mean, or nothing in a quarter.
  CHECK(g.within.low == 1);
  CHECK(g.within.high == 2);
  CHECK(std::abs(static_cast<double>(g.intervals_from) - 0.75 * 999) <= 6 * std::sqrt(999 * 0.75 * 0.25));
}

TEST_CASE("group figures are those of sums over pairs, and p of every relabelling", "[statistics]") {
  const std::vector<Labels> all = {
      {"a", "a", "a", "b", "b", "b", "b"}, {"a", "b", "c", "c", "b", "a", "a"}, {"a", "a", "b", "b", "c", "c", "d"}};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Distances d = random_distances(7, seed);
    for (const Labels& labels : all) {
      const auto g = compare(d, labels);
      const Oracle o = oracle(d, labels);
      // 21 terms, each rounded a few times: 1e-14 of SS_T, which F divides by SS_W > SS_T / 20.
      CHECK(std::fabs(static_cast<double>(g.pseudo_f - o.pseudo_f)) <= 1e-12 * (1 + std::fabs(g.pseudo_f)));
      CHECK(std::fabs(static_cast<double>(g.r_squared - o.r_squared)) <= 1e-13);
      CHECK(std::fabs(static_cast<double>(g.difference.value - o.difference)) <= 1e-13);
      CHECK(g.permanova.exact);
      CHECK(std::fabs(g.permanova.p - enumerated_p(d, labels, &Oracle::pseudo_f)) <= 1e-15);
      CHECK(std::fabs(g.separation.p - enumerated_p(d, labels, &Oracle::difference)) <= 1e-15);
      // Names of groups and the order of systems change nothing.
      Labels other = labels;
      for (std::string& label : other) label = label == "a" ? "z" : label == "z" ? "a" : label + label;
      CHECK(compare(d, other).permanova.p == g.permanova.p);
    }
  }
}

TEST_CASE("random relabellings are counted with the observed one", "[statistics]") {
  const Distances d = random_distances(7, 3);
  const Labels labels = {"a", "b", "b", "a", "c", "c", "a"};
  const double exact = compare(d, labels).permanova.p;
  const auto test = compare(d, labels, {.permutations = 199, .seed = 5}).permanova;
  CHECK_FALSE(test.exact);
  CHECK(test.permutations == 199);
  CHECK(std::fabs(test.p * 200 - std::round(test.p * 200)) <= 1e-12);
  CHECK(test.p >= 1.0 / 200);
  CHECK(std::fabs(test.p - exact) <= 1.0 / 200 + 5 * std::sqrt(exact * (1 - exact) / 199));  // five standard deviations
  CHECK(compare(d, labels, {.permutations = 199, .seed = 5}).permanova.p == test.p);
}

TEST_CASE("p is uniform when labels are shuffled", "[statistics]") {
  // All 280 partitions of nine systems in three groups of three are equally likely, and no two have the same SS_W: p is
  // uniform on k / 280. By the law of Kolmogorov 1.95 / sqrt(1000) is exceeded with a chance of 1e-3; the shuffles are
  // fixed.
  const Distances d = nine_systems();
  constexpr int shuffles = 1000;
  const double bound = 1.95 / std::sqrt(static_cast<double>(shuffles));
  for (const index_t permutations : {9999, 199}) {
    Labels labels = {"one", "one", "one", "two", "two", "two", "chaos", "chaos", "chaos"};
    const auto own = compare(d, labels, {.permutations = permutations, .resamples = 0});
    if (permutations == 9999) {
      CHECK(own.permanova.exact);
      CHECK(own.permanova.permutations == 1680);
      CHECK(own.permanova.p == 12.0 / 1680);  // one of the other 279 partitions is better
    }
    simulate::Random random(11);
    std::vector<double> p, q;
    for (int k = 0; k < shuffles; ++k) {
      for (std::size_t i = labels.size(); i > 1; --i) {
        std::swap(labels[i - 1], labels[static_cast<std::size_t>(random.below(static_cast<index_t>(i)))]);
      }
      const auto g =
          compare(d, labels, {.permutations = permutations, .resamples = 0, .seed = static_cast<std::uint64_t>(k)});
      p.push_back(g.permanova.p);
      q.push_back(g.separation.p);
    }
    for (const auto& values : {p, q}) {
      double largest = 0;
      const int steps = permutations == 9999 ? 280 : 200;
      for (int step = 1; step <= steps; ++step) {
        const double at = static_cast<double>(step) / steps;
        const auto below = std::count_if(values.begin(), values.end(), [at](double v) { return v <= at + 1e-12; });
        largest = std::max(largest, std::fabs(static_cast<double>(below) / shuffles - at));
      }
      INFO(permutations << ": Kolmogorov-Smirnov distance " << largest);
      // Random relabellings of 280 partitions tie with the observed one: p exceeds the share of true reaches by
      // 1 / 280.
      CHECK(largest <= bound + (permutations == 9999 ? 0 : 1.0 / 280));
    }
  }
}

TEST_CASE("q is over the metrics", "[statistics]") {
  const std::vector<Distances> several = {line({0, 1, 2, 10, 11, 12}), random_distances(6, 1), random_distances(6, 2)};
  const Labels labels = {"a", "a", "a", "b", "b", "b"};
  const auto found = compare_groups(several, labels);
  CHECK(found[0].permanova.p == 2.0 / 20);
  CHECK(found[0].permanova.q == Approx(std::min({3 * 0.1, found[1].permanova.q, found[2].permanova.q})));
  for (const auto& g : found) CHECK(g.permanova.q >= g.permanova.p);
}

TEST_CASE("systems without a distance or a label are left out", "[statistics]") {
  const Labels labels = {"a", "a", "b", "b", "a", "b", ""};
  Distances d = line({0, 1, 4, 6, 1.5, 4.5, 9});
  const auto blank = [&d](std::size_t i, std::size_t j) {
    d.values[7 * i + j] = d.values[7 * j + i] = std::numeric_limits<double>::quiet_NaN();
  };
  for (std::size_t j = 0; j < 7; ++j) blank(4, j);  // a system that failed
  blank(2, 5);                                      // a pair that failed: the later of its systems goes
  const auto g = compare(d, labels);
  CHECK(g.left_out == std::vector<index_t>{4, 5, 6});
  CHECK(g.systems == 4);
  const auto expected = compare(line({0, 1, 4, 6}), {"a", "a", "b", "b"});
  CHECK(g.pseudo_f == expected.pseudo_f);
  CHECK(g.permanova.p == expected.permanova.p);
  CHECK(g.within.low == expected.within.low);
}

TEST_CASE("equal distances, and groups without a spread", "[statistics]") {
  Distances same = line({0, 0, 0, 0});
  const Labels labels = {"a", "a", "b", "b"};
  auto g = compare(same, labels);
  CHECK(std::isnan(g.pseudo_f));
  CHECK(std::isnan(g.permanova.p));
  CHECK(std::isnan(g.permanova.q));
  CHECK(g.separation.p == 1);
  g = compare(line({0, 0, 5, 5}), labels);
  CHECK(std::isinf(g.pseudo_f));
  CHECK(g.r_squared == 1);
  CHECK(g.permanova.p == 2.0 / 6);
  CHECK(std::isnan(g.ratio.value));
}

TEST_CASE("what is no matrix of distances is refused", "[statistics]") {
  const Labels labels = {"a", "a", "b"};
  const auto refused = [&](const Distances& d, const Labels& given, const std::string& part, const Options& o = {}) {
    try {
      (void)compare(d, given, o);
      FAIL("not refused: " << part);
    } catch (const Error& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(part) != std::string::npos);
    }
  };
  const Distances good = line({0, 1, 5});
  const auto with = [&](std::size_t k, double value) {
    Distances d = good;
    d.values[k] = value;
    return d;
  };
  refused({"x", {0, 1, 1}}, labels, "x: has 3 values, expected n x n");
  refused(with(1, 2), labels, "entry (0, 1) is 2 and entry (1, 0) is 1, expected a symmetric matrix");
  refused(with(1, std::nan("")), labels, "expected a symmetric matrix");
  refused(with(5, -0.5), labels, "entry (1, 2) is -0.5, expected a distance, 0 or more");
  refused(with(5, std::numeric_limits<double>::infinity()), labels, "infinite");
  refused(with(4, 1), labels, "entry (1, 1) is 1, expected 0");
  refused(good, {"a", "b"}, "has 3 systems, and there are 2 labels");
  refused(good, {"a", "a", "a"}, "make 1 group, expected 2 or more");
  refused(good, {"", "", ""}, "make 0 groups");
  refused(good, {"a", "b", "c"}, "each of the 3 groups has one system");
  refused(good, labels, "permutations is 0", {.permutations = 0});
  refused(good, labels, "confidence is 1,", {.confidence = 1});
  refused(good, labels, "neighbours is 3, expected fewer than the 3 systems", {.neighbours = 3});
  CHECK(compare(with(1, 1 + 1e-7), labels).systems == 3);  // the rounding of a float32 result
}

TEST_CASE("nearest neighbours vote, and ties go to the nearest", "[statistics]") {
  // 0, 1, 2 | 3.5, 10, 10.5. Of the three nearest of each: 0: a a b, right. 1: a a b, right. 2: a (1), b (1.5), a (2),
  // right. 3.5: a a a, wrong. 10: b (0.5), b (6.5), a (8), right. 10.5: b b a, right.
  const Distances d = line({0, 1, 2, 3.5, 10, 10.5});
  const Labels labels = {"a", "a", "a", "b", "b", "b"};
  CHECK(compare(d, labels, {.neighbours = 3}).accuracy == 5.0 / 6);
  // Of the two nearest one vote each where they differ: the nearer decides, as with one neighbour.
  CHECK(compare(d, labels, {.neighbours = 2}).accuracy == compare(d, labels, {.neighbours = 1}).accuracy);
}
