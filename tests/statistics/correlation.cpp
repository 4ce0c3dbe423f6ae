/// Mantel tests and coordinates: closed cases, long double with every relabelling and every resample written out.
#include "tests/statistics/matrices.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace kindred;
using namespace kindred::statistics;
using namespace kindred::test;

namespace {

using Wide = std::vector<long double>;

MatrixCorrelation correlate_two(const Distances& a, const Distances& b, const Options& options = {}) {
  const std::vector<Distances> both = {a, b};
  return correlate(both, options).front();
}

long double pearson(const Wide& x, const Wide& y) {
  const auto n = static_cast<long double>(x.size());
  const long double mx = std::accumulate(x.begin(), x.end(), 0.0L) / n,
                    my = std::accumulate(y.begin(), y.end(), 0.0L) / n;
  long double xx = 0, yy = 0, xy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    xx += (x[k] - mx) * (x[k] - mx);
    yy += (y[k] - my) * (y[k] - my);
    xy += (x[k] - mx) * (y[k] - my);
  }
  return xy / std::sqrt(xx * yy);
}

/// One more than the number of smaller values, and half of the other equal ones.
Wide ranked(const Wide& x) {
  Wide out;
  for (const long double v : x) {
    long double rank = 0.5L;
    for (const long double w : x) rank += w < v ? 1.0L : w == v ? 0.5L : 0.0L;
    out.push_back(rank);
  }
  return out;
}

long double spearman(const Wide& x, const Wide& y) { return pearson(ranked(x), ranked(y)); }

/// Entries (i, j) of the systems in this order, i before j; pairs of one system with itself are none.
Wide pairs(const Distances& d, const std::vector<std::size_t>& order, std::size_t n) {
  Wide out;
  for (std::size_t a = 0; a < order.size(); ++a) {
    for (std::size_t b = a + 1; b < order.size(); ++b) {
      if (order[a] != order[b]) out.push_back(d.values[order[a] * n + order[b]]);
    }
  }
  return out;
}

template <class Correlation>
double enumerated_p(const Distances& a, const Distances& b, std::size_t n, Correlation correlation) {
  std::vector<std::size_t> own(n), order(n);
  std::iota(own.begin(), own.end(), std::size_t{0});
  order = own;
  const long double observed = correlation(pairs(a, own, n), pairs(b, own, n));
  long double reached = 0, total = 0;
  do {
    reached += correlation(pairs(a, own, n), pairs(b, order, n)) >= observed - 1e-12L ? 1 : 0;
    ++total;
  } while (std::next_permutation(order.begin(), order.end()));
  return static_cast<double>(reached / total);
}

}  // namespace

TEST_CASE("a matrix correlates with itself, and as much with a multiple of it", "[statistics]") {
  const Distances d = random_distances(6, 1);
  Distances twice = d;
  for (double& v : twice.values) v *= 2;
  const auto c = correlate_two(d, twice);
  CHECK(std::fabs(c.pearson.value - 1) <= 1e-14);
  CHECK(std::fabs(c.spearman.value - 1) <= 1e-14);
  CHECK(c.pearson_test.exact);
  CHECK(c.pearson_test.permutations == 720);
  CHECK(c.pearson_test.p == 1.0 / 720);  // no relabelling leaves random distances as they are
  CHECK(std::fabs(c.pearson.low - 1) <= 1e-12);
  CHECK(std::fabs(c.pearson.high - 1) <= 1e-12);
  // Points on a line: the order from the other end has the same distances.
  CHECK(correlate_two(line({0, 1, 3, 7}), line({0, 1, 3, 7})).pearson_test.p == 1.0 / 24);
  CHECK(correlate_two(line({0, 1, 3, 4}), line({0, 1, 3, 4})).pearson_test.p == 2.0 / 24);
}

TEST_CASE("Mantel's figures are those of sums over pairs, and p of every relabelling", "[statistics]") {
  constexpr std::size_t n = 6;
  std::vector<std::size_t> own(n);
  std::iota(own.begin(), own.end(), std::size_t{0});
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Distances a = random_distances(n, seed);
    const Distances b = random_distances(n, 100 + seed);
    for (double& v : a.values) v = std::round(8 * v) / 8;  // with ties
    const auto c = correlate_two(a, b);
    // 15 terms of size below 1, a few roundings each.
    CHECK(std::fabs(static_cast<double>(c.pearson.value - pearson(pairs(a, own, n), pairs(b, own, n)))) <= 1e-14);
    CHECK(std::fabs(static_cast<double>(c.spearman.value - spearman(pairs(a, own, n), pairs(b, own, n)))) <= 1e-14);
    CHECK(std::fabs(c.pearson_test.p - enumerated_p(a, b, n, pearson)) <= 1e-15);
    CHECK(std::fabs(c.spearman_test.p - enumerated_p(a, b, n, spearman)) <= 1e-15);
  }
}

TEST_CASE("intervals are those of resamples written out", "[statistics]") {
  constexpr std::size_t n = 7;
  Distances a = random_distances(n, 4);
  for (double& v : a.values) v = std::round(8 * v) / 8;
  const Distances b = random_distances(n, 5);
  const Options options{.permutations = 9, .resamples = 101, .confidence = 0.9, .seed = 3};
  const auto c = correlate_two(a, b, options);
  simulate::Random random(options.seed, 1);
  Wide straight, ranks;
  for (index_t r = 0; r < options.resamples; ++r) {
    std::vector<std::size_t> drawn;
    for (std::size_t k = 0; k < n; ++k) drawn.push_back(static_cast<std::size_t>(random.below(n)));
    const Wide x = pairs(a, drawn, n), y = pairs(b, drawn, n);
    const long double r_straight = pearson(x, y), r_ranks = spearman(x, y);
    REQUIRE(std::isfinite(r_straight));
    straight.push_back(r_straight);
    ranks.push_back(r_ranks);
  }
  std::sort(straight.begin(), straight.end());
  std::sort(ranks.begin(), ranks.end());
  // Of 101 sorted values the 5th and 95th percentile are numbers 5 and 95. About 20 terms, a few roundings each.
  CHECK(std::fabs(static_cast<double>(c.pearson.low - straight[5])) <= 1e-13);
  CHECK(std::fabs(static_cast<double>(c.pearson.high - straight[95])) <= 1e-13);
  CHECK(std::fabs(static_cast<double>(c.spearman.low - ranks[5])) <= 1e-13);
  CHECK(std::fabs(static_cast<double>(c.spearman.high - ranks[95])) <= 1e-13);
}

TEST_CASE("p of unrelated matrices is uniform", "[statistics]") {
  // 500 pairs of independent matrices of 8 systems, 99 random relabellings: 1.95 / sqrt(500) is exceeded with a chance
  // of 1e-3 (Kolmogorov); the matrices are fixed.
  constexpr int repeats = 500;
  std::vector<double> p;
  for (std::uint64_t k = 0; k < repeats; ++k) {
    p.push_back(correlate_two(random_distances(8, 2 * k), random_distances(8, 2 * k + 1),
                              {.permutations = 99, .resamples = 0, .seed = k})
                    .pearson_test.p);
  }
  double largest = 0;
  for (int step = 1; step <= 100; ++step) {
    const auto below = std::count_if(p.begin(), p.end(), [step](double v) { return v <= step / 100.0 + 1e-12; });
    largest = std::max(largest, std::fabs(static_cast<double>(below) / repeats - step / 100.0));
  }
  CHECK(largest <= 1.95 / std::sqrt(static_cast<double>(repeats)));
}

TEST_CASE("every two matrices, and what is refused of them", "[statistics]") {
  const std::vector<Distances> three = {random_distances(5, 1), random_distances(5, 2), random_distances(5, 3)};
  const auto found = correlate(three);
  REQUIRE(found.size() == 3);
  CHECK(found[1].first == "random1");
  CHECK(found[1].second == "random3");
  for (const auto& c : found) CHECK(c.pearson_test.q >= c.pearson_test.p);
  Distances equal = random_distances(5, 1);
  for (double& v : equal.values) v = v > 0 ? 0.7 : 0;
  const auto c = correlate_two(equal, three[0]);
  CHECK(std::isnan(c.pearson.value));
  CHECK(std::isnan(c.spearman_test.p));
  Distances gap = three[1];
  for (std::size_t j = 0; j < 5; ++j) gap.values[5 + j] = gap.values[5 * j + 1] = std::nan("");
  CHECK(correlate_two(three[0], gap).left_out == std::vector<index_t>{1});
  CHECK_THROWS_WITH(correlate_two(three[0], random_distances(4, 1)),
                    "random1 has 5 systems and random1 4; expected distances between the same systems");
  CHECK_THROWS_WITH(correlate_two(line({0, 1}), line({0, 1})), Catch::Contains("2 systems have all distances in both"));
}

TEST_CASE("coordinates give the distances back", "[statistics]") {
  constexpr std::size_t n = 9;
  simulate::Random random(2);
  std::vector<double> points(3 * n);
  for (double& v : points) v = random.normal();
  Distances d{"space", std::vector<double>(n * n)};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      d.values[i * n + j] = std::hypot(points[3 * i] - points[3 * j], points[3 * i + 1] - points[3 * j + 1],
                                       points[3 * i + 2] - points[3 * j + 2]);
    }
  }
  for (std::size_t j = 0; j < n; ++j) d.values[4 * n + j] = d.values[n * j + 4] = std::nan("");
  const auto e = classical_mds(d, 3);
  CHECK(e.left_out == std::vector<index_t>{4});
  CHECK(std::isnan(e.coordinates[12]));
  CHECK(e.eigenvalues[0] >= e.eigenvalues[1]);
  CHECK(e.eigenvalues[1] >= e.eigenvalues[2]);
  // Eigenvalues near 10 with an error of 81 eps of the largest, and their roots.
  CHECK(e.stress <= 1e-12);
  const auto* x = e.coordinates.data();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (i == 4 || j == 4) continue;
      const double shown = std::hypot(x[3 * i] - x[3 * j], x[3 * i + 1] - x[3 * j + 1], x[3 * i + 2] - x[3 * j + 2]);
      CHECK(std::fabs(shown - d.values[i * n + j]) <= 1e-12);
    }
  }
  // Equilateral but for one long side: no space has it, the last eigenvalue is below 0 and shows nothing.
  const Distances bent{"bent", {0, 1, 3, 1, 0, 1, 3, 1, 0}};
  const auto b = classical_mds(bent, 3);
  CHECK(b.eigenvalues[2] < 0);
  CHECK(b.coordinates[2] == 0);
  CHECK(b.stress > 0.01);
  CHECK_THROWS_WITH(classical_mds(bent, 4), Catch::Contains("expected from 1 to 3"));
  CHECK_THROWS_WITH(classical_mds(bent, 0), Catch::Contains("0 dimensions"));
}
