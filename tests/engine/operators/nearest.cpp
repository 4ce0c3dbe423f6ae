/// Lower bounds of all pairs by products of matrices, and neighbours that are found with them.
#include "host/engine/operators/operator_bounds.hpp"
#include "tests/support/operators.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

using namespace kindred;

namespace {

using test::Matrix;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Sorted eigenvalues of cos phi S + i sin phi K.
Eigen::VectorXd pencil(const Matrix& a, double degrees) {
  const double phi = degrees * std::numbers::pi / 180;
  const Matrix s = (a + a.transpose()) / 2, k = (a - a.transpose()) / 2;
  const Eigen::MatrixXcd h = std::cos(phi) * s + std::complex<double>(0, std::sin(phi)) * k;
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>(h, Eigen::EigenvaluesOnly).eigenvalues();
}

/// The bound as its definition says it, of operators of unit norm.
double bound_oracle(Matrix a, Matrix b) {
  a /= a.norm();
  b /= b.norm();
  double best = 0;
  for (const double phi : {0, 15, 30, 45}) {
    best = std::max(best, (pencil(a, phi) - pencil(b, phi)).squaredNorm() +
                              (pencil(a, 90 - phi) - pencil(b, 90 - phi)).squaredNorm());
  }
  return std::sqrt(best);
}

Matrix matrix_of(const Operator& o) { return Eigen::Map<const Matrix>(o.values.data(), o.size, o.size); }

/// Families of operators: turned copies of a few, each with a little noise.
OperatorSet families(int count, int members, index_t r, double noise) {
  OperatorSet set;
  for (int f = 0; f < count; ++f) {
    const Matrix a = test::gaussian(r, static_cast<unsigned>(100 + f)) / std::sqrt(static_cast<double>(r));
    for (int m = 0; m < members; ++m) {
      const auto seed = static_cast<unsigned>(1000 * f + m + 1);
      const Matrix q = test::orthogonal(r, seed), e = test::gaussian(r, seed + 500);
      set.push_back(
          test::as_operator(q * (a + noise * e) * q.transpose(), "f" + std::to_string(f) + "m" + std::to_string(m)));
    }
  }
  return set;
}

/// The neighbours that a matrix of all distances gives.
std::vector<std::vector<Neighbour>> from_all_pairs(const DistanceMatrix& d, const NearestOptions& options) {
  std::vector<std::vector<Neighbour>> out;
  for (index_t i = 0; i < d.rows(); ++i) {
    std::vector<Neighbour>& list = out.emplace_back();
    for (index_t j = 0; j < d.columns(); ++j) {
      if ((!d.symmetric() || i != j) && d(i, j) <= options.radius) list.push_back({j, d.at(i, j)});
    }
    std::stable_sort(list.begin(), list.end(),
                     [](const Neighbour& a, const Neighbour& b) { return a.result.distance < b.result.distance; });
    if (options.k > 0 && std::ssize(list) > options.k) list.resize(static_cast<std::size_t>(options.k));
  }
  return out;
}

void check_same(const Neighbours& found, const std::vector<std::vector<Neighbour>>& expected) {
  REQUIRE(found.of.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    REQUIRE(found.of[i].size() == expected[i].size());
    for (std::size_t k = 0; k < expected[i].size(); ++k) {
      CHECK(found.of[i][k].system == expected[i][k].system);
      CHECK(found.of[i][k].result.distance == expected[i][k].result.distance);
      CHECK(found.of[i][k].result.status == expected[i][k].result.status);
    }
  }
}

std::vector<Metric> metrics() {
  return {Dsa{.effort = Effort::fast}, Dsa{.score = DsaScore::euclidean, .effort = Effort::bound}, Spectral{},
          Spectral{.score = SpectralScore::root}};
}

}  // namespace

TEST_CASE("bounds are the largest distance of sorted eigenvalues over four angles", "[bounds][devices]") {
  Engine engine(test::device());
  const OperatorSet set = test::gaussians(6, 7);
  const auto d = engine.pairwise(set, Dsa{.score = DsaScore::euclidean, .effort = Effort::bound});
  for (index_t i = 0; i < 6; ++i) {
    CHECK(d(i, i) == 0);
    for (index_t j = i + 1; j < 6; ++j) {
      const double expected = bound_oracle(matrix_of(set[std::size_t(i)]), matrix_of(set[std::size_t(j)]));
      // The square is taken less 4 (2 r + 8) eps 2 = 4e-14, so that a bound of b loses 2e-14 / b; these b are above
      // 0.1.
      CHECK(d(i, j) <= expected + 1e-14);
      CHECK(d(i, j) >= expected - 1e-12);
      CHECK(d.status(i, j) == PairStatus::bound);
      CHECK(d.lower_bound(i, j) == d(i, j));
      CHECK(std::isnan(d.at(i, j).gap));
    }
  }
}

TEST_CASE("bounds of symmetric and of skew operators are their distances", "[bounds]") {
  // Such operators are aligned by their eigenvectors, whatever the order of the eigenvalues: the minimum is the
  // distance of the sorted eigenvalues, which phi = 0 (or 90) gives.
  Engine engine(test::device());
  for (const double sign : {1.0, -1.0}) {
    OperatorSet set;
    for (unsigned k = 0; k < 5; ++k) {
      const Matrix a = test::gaussian(6, k + 1);
      set.push_back(test::as_operator(a + sign * a.transpose()));
    }
    const auto bound = engine.pairwise(set, Dsa{.effort = Effort::bound});
    const auto exact = engine.pairwise(set, Dsa{.precision = Precision::f64});
    for (index_t i = 0; i < 5; ++i) {
      for (index_t j = 0; j < 5; ++j) CHECK(std::abs(bound(i, j) - exact(i, j)) <= 1e-7);
    }
  }
}

TEST_CASE("no bound is above the distance that is found", "[bounds][devices]") {
  Engine engine(test::device());
  OperatorSet set = families(3, 3, test::either<index_t>(8, 4), 0.02);
  set.push_back(test::as_operator(Matrix::Identity(set[0].size, set[0].size)));
  set.push_back(set[0]);
  const OperatorSet mixed = {test::gaussians(1, 3)[0], test::gaussians(2, 5)[1], test::gaussians(3, 5)[2],
                             test::gaussians(4, 2)[3]};
  for (const OperatorSet& operators : {set, mixed}) {
    const bool equal = operators.size() == set.size();
    for (const bool unit_norm : {true, false}) {
      Dsa dsa{.score = DsaScore::euclidean, .effort = Effort::fast, .precision = Precision::f64};
      dsa.unit_norm = unit_norm;
      dsa.zero_pad = !equal;
      const auto found = engine.pairwise(operators, dsa);
      dsa.effort = Effort::bound;
      const auto bound = engine.pairwise(operators, dsa);
      for (index_t i = 0; i < found.rows(); ++i) {
        for (index_t j = 0; j < found.rows(); ++j) {
          CAPTURE(unit_norm, equal, i, j);
          CHECK(bound(i, j) <= found(i, j));
          CHECK(bound(i, j) == bound(j, i));
        }
      }
    }
    for (const auto& rule : {host::bound_rule(Spectral{.score = SpectralScore::root}, operators, {})}) {
      const auto found = engine.pairwise(operators, Spectral{.score = SpectralScore::root});
      const auto backend = test::make_backend();
      host::OperatorBounds bounds(*backend, operators, {}, rule, {});
      const index_t n = std::ssize(operators);
      std::vector<double> lower(static_cast<std::size_t>(n * n));
      bounds.of({0, 0, n, n}, lower);
      double largest = 0;
      for (index_t i = 0; i < n; ++i) {
        for (index_t j = 0; j < n; ++j) {
          CAPTURE(i, j);
          const double b = lower[static_cast<std::size_t>(i * n + j)];
          CHECK(b <= found(i, j));
          largest = std::max(largest, found(i, j) > 0 ? b / found(i, j) : 0.0);
        }
      }
      CHECK(largest >= 0.5);  // a bound that says something
    }
  }
}

TEST_CASE("bounds depend on the two operators alone", "[bounds][devices]") {
  const OperatorSet set = test::gaussians(9, 4);
  const Dsa dsa{.effort = Effort::bound};
  const auto reference = Engine(test::device()).pairwise(set, dsa);
  CHECK(Engine(test::device(), {.tile_pairs = 1}).pairwise(set, dsa).distances() == reference.distances());
  CHECK(Engine(test::device(), {.tile_pairs = 5}).pairwise(set, dsa).distances() == reference.distances());
  const OperatorSet part = {set[8], set[1], set[4]};
  const auto d = Engine(test::device()).cross(part, set, dsa);
  for (index_t j = 0; j < 9; ++j) {
    CHECK(d(0, j) == reference(8, j));
    CHECK(d(1, j) == reference(1, j));
    CHECK(d(2, j) == reference(4, j));
  }
}

TEST_CASE("the nearest systems are those of the matrix of all pairs", "[nearest][devices]") {
  OperatorSet set = families(test::either(4, 2), test::either(6, 3), 5, 0.01);
  set.push_back(set[2]);  // equal distances: the earlier system first
  set[1].values[3] = not_a_number;
  const OperatorSet queries = families(2, 2, 5, 0.05);
  for (const Metric& metric : metrics()) {
    Engine engine(test::device());
    const auto all = engine.pairwise(set, metric), cross = engine.cross(queries, set, metric);
    const double median = all(0, std::ssize(set) / 2);
    for (const NearestOptions& options :
         {NearestOptions{.k = 1}, NearestOptions{.k = 3}, NearestOptions{.k = 100},
          NearestOptions{.k = 0, .radius = median}, NearestOptions{.k = 2, .radius = median}}) {
      CAPTURE(text_of(metric), options.k, options.radius);
      const Neighbours found = engine.nearest(set, metric, options);
      check_same(found, from_all_pairs(all, options));
      check_same(engine.nearest(queries, set, metric, options), from_all_pairs(cross, options));
      CHECK(found.pairs == std::ssize(set) * (std::ssize(set) - 1) / 2);
      CHECK(found.scored <= found.pairs);
      CHECK(found.of[1].empty());
    }
  }
}

TEST_CASE("neighbours do not depend on how many queries are searched for at once", "[nearest]") {
  const OperatorSet set = families(5, 8, 5, 0.01);
  const Dsa dsa{.effort = Effort::fast};
  const NearestOptions options{.k = 3};
  Engine engine(Device::cpu(2));
  const auto expected = from_all_pairs(engine.pairwise(set, dsa), options);
  const Neighbours once = engine.nearest(set, dsa, options);
  check_same(once, expected);
  CHECK(once.scored < once.pairs / 2);  // families are far apart, and their bounds tell
  // 40 systems of 17 bytes each, a quarter of the budget: strips of one, three and seven queries
  for (const std::size_t rows : {1, 3, 7}) {
    check_same(Engine(Device::cpu(1), {.memory_budget = 4 * rows * 40 * 17 + 16}).nearest(set, dsa, options), expected);
  }
}

TEST_CASE("neighbours by bounds alone are those of the matrix of bounds, in tiles of any size",
          "[nearest][bounds][devices]") {
  // 110 systems: whole panels of 24 or 64 columns and a rest; one of them unusable, some of another size.
  OperatorSet set = test::gaussians(110, 3);
  set[7].values[2] = std::numeric_limits<double>::quiet_NaN();
  OperatorSet mixed = set;
  for (const std::size_t k : {5, 60}) mixed[k] = test::gaussians(1, 2)[0];
  const Dsa dsa{.effort = Effort::bound, .zero_pad = true};
  const NearestOptions options{.k = 4};
  for (const OperatorSet& systems : {set, mixed}) {
    Engine whole(test::device());
    const auto expected = from_all_pairs(whole.pairwise(systems, dsa), options);
    check_same(whole.nearest(systems, dsa, options), expected);
    // A quarter of the budget holds tiles of 90 x 90 bounds: 768 is halved to 48.
    Engine small(Device::cpu(2), {.memory_budget = 4 * 90 * 90 * sizeof(double)});
    check_same(small.nearest(systems, dsa, options), from_all_pairs(small.pairwise(systems, dsa), options));
  }
}

TEST_CASE("neighbours of unequal operators and of recordings", "[nearest]") {
  OperatorSet set = test::gaussians(4, 3);
  for (const Operator& o : test::gaussians(4, 5)) set.push_back(o);
  const NearestOptions options{.k = 3};
  Engine engine(Device::cpu(1));
  const Dsa dsa{.effort = Effort::fast, .zero_pad = true};
  check_same(engine.nearest(set, dsa, options), from_all_pairs(engine.pairwise(set, dsa), options));
  check_same(engine.nearest(set, Spectral{}, options), from_all_pairs(engine.pairwise(set, Spectral{}), options));

  std::vector<TrajectorySet> systems;
  for (std::uint64_t k = 0; k < 5; ++k) {
    systems.push_back(simulate::own(simulate::lorenz({.trials = 4, .seed = k}), "l" + std::to_string(k)));
  }
  const std::span<const TrajectorySet> all(systems);
  const Dsa fitted{.dmd = {.delays = 4, .rank = 6}, .effort = Effort::fast};
  const Neighbours found = engine.nearest(all, fitted, options);
  check_same(found, from_all_pairs(engine.pairwise(all, fitted), options));
  CHECK(found.facts.size() == 5);
  CHECK(found.names[4] == "l4");
  check_same(engine.nearest(all.first(2), all, fitted, options),
             from_all_pairs(engine.cross(all.first(2), all, fitted), options));
}

TEST_CASE("what nearest and bounds refuse", "[nearest]") {
  Engine engine(Device::cpu(1));
  const OperatorSet set = test::gaussians(3, 4);
  const auto message = [&](const Metric& metric, const NearestOptions& options) {
    try {
      (void)engine.nearest(set, metric, options);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      return std::string(error.what());
    }
    return std::string();
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(message(Dsa{}, {.k = -1}), Contains("NearestOptions::k") && Contains("-1"));
  CHECK_THAT(message(Dsa{}, {.k = 0}), Contains("NearestOptions::radius"));
  CHECK_THAT(message(Dsa{}, {.k = 1, .radius = not_a_number}), Contains("NearestOptions::radius"));
  CHECK_THAT(message(Cka{}, {}), Contains("dsa or spectral"));
  CHECK_THAT(message(Dsa{.effort = Effort::bound, .certify = true}, {}), Contains("Dsa::certify"));
  CHECK_THROWS_AS(engine.align(set[0], set[1], Dsa{.effort = Effort::bound}), Error);
  CHECK_THROWS_AS(engine.pairwise(set, Dsa{.effort = Effort::bound, .certify = true}), Error);
}

TEST_CASE("a search for neighbours can be cancelled", "[nearest]") {
  const OperatorSet set = families(3, 6, 5, 0.01);
  Engine engine(Device::cpu(1));
  CHECK_THROWS_AS(engine.nearest(set, Dsa{.effort = Effort::fast}, {.k = 2},
                                 [](const ProgressEvent& event) { return std::string(event.stage) != "queries"; }),
                  Error);
}
