/// What holds for every metric of operators, through the public API: symmetry, zero self-distance, permutation
/// equivariance, independence of tile size and thread count, bounds, and one bad system that spoils no other.
#include "tests/support/operators.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace kindred;

namespace {

using test::gaussians;

/// Q A Q^T, Q random and orthogonal.
Operator rotated(const Operator& a, unsigned seed) {
  const test::Matrix q = test::orthogonal(a.size, seed);
  const Eigen::Map<const test::Matrix> values(a.values.data(), a.size, a.size);
  return test::as_operator(q * values * q.transpose(), a.name);
}

std::vector<Metric> metrics() {
  if (!test::on_cpu()) {
    return {Dsa{.effort = Effort::fast},
            Dsa{.score = DsaScore::euclidean, .effort = Effort::fast, .precision = Precision::f64}, Spectral{}};
  }
  return {
      Dsa{},
      Dsa{.score = DsaScore::euclidean, .effort = Effort::fast},
      Dsa{.precision = Precision::f64, .certify = true},
      Dsa{.group = Group::special_orthogonal},
      Spectral{},
      Spectral{.score = SpectralScore::root},
  };
}

Device one_thread() { return test::on_cpu() ? Device::cpu(1) : test::device(); }

bool same_bits(const DistanceMatrix& a, const DistanceMatrix& b) { return a.distances() == b.distances(); }

}  // namespace

TEST_CASE("a distance matrix is symmetric to the bit with a zero diagonal", "[engine][devices]") {
  Engine engine(test::device());
  for (const index_t size : test::on_cpu() ? std::vector<index_t>{1, 2, 3, 7} : std::vector<index_t>{1, 4}) {
    const auto set = gaussians(5, size);
    for (std::size_t m = 0; m < metrics().size(); ++m) {
      CAPTURE(size, m);
      const auto d = engine.pairwise(set, metrics()[m]);
      for (index_t i = 0; i < 5; ++i) {
        CHECK(d(i, i) == 0.0);
        for (index_t j = 0; j < 5; ++j) {
          CHECK(d(i, j) == d(j, i));
          CHECK(d.lower_bound(i, j) <= d(i, j));
          CHECK(std::isfinite(d(i, j)));
        }
      }
    }
  }
}

TEST_CASE("results depend on the systems alone: order, tile, threads and repetition change no bit",
          "[engine][devices]") {
  const auto set = gaussians(6, 6);
  const std::vector<std::size_t> order = {3, 0, 5, 1, 4, 2};
  OperatorSet shuffled;
  for (const auto k : order) shuffled.push_back(set[k]);
  for (std::size_t m = 0; m < metrics().size(); ++m) {
    CAPTURE(m);
    const auto reference = Engine(one_thread()).pairwise(set, metrics()[m]);
    CHECK(same_bits(reference, Engine(one_thread()).pairwise(set, metrics()[m])));
    CHECK(same_bits(reference, Engine(test::device()).pairwise(set, metrics()[m])));
    CHECK(same_bits(reference, Engine(test::device(), {.tile_pairs = 1}).pairwise(set, metrics()[m])));
    CHECK(same_bits(reference, Engine(test::device(), {.tile_pairs = 4}).pairwise(set, metrics()[m])));
    const auto d = Engine(test::device()).pairwise(shuffled, metrics()[m]);
    const auto full = Engine(test::device()).cross(set, shuffled, metrics()[m]);
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = 0; j < order.size(); ++j) {
        CHECK(d(index_t(i), index_t(j)) == reference(index_t(order[i]), index_t(order[j])));
        CHECK(full(index_t(i), index_t(j)) == reference(index_t(i), index_t(order[j])));
      }
    }
  }
}

TEST_CASE("an orthogonal change of basis is at distance zero", "[engine][devices]") {
  Engine engine(test::device());
  // float64 residual after float64 polish: rounding of r^2 products of unit-norm matrices, far below 1e-7; the spectra
  // of non-normal matrices move by eps times their condition.
  for (const index_t size : test::on_cpu() ? std::vector<index_t>{2, 5, 10, 20} : std::vector<index_t>{2, 9}) {
    const Operator a = test::as_operator(test::gaussian(size, 11));
    const OperatorSet pair = {a, rotated(a, 12)};
    CHECK(engine.pairwise(pair, Dsa{})(0, 1) <= 1e-7);
    CHECK(engine.pairwise(pair, Spectral{})(0, 1) <= 1e-18);
  }
}

TEST_CASE("one bad operator spoils no other", "[engine][devices]") {
  Engine engine(test::device());
  auto set = gaussians(4, 5);
  for (std::size_t m = 0; m < metrics().size(); ++m) {
    CAPTURE(m);
    const auto clean = engine.pairwise(set, metrics()[m]);
    auto bad = set;
    bad[2].values[7] = std::numeric_limits<double>::quiet_NaN();
    const auto d = engine.pairwise(bad, metrics()[m]);
    for (index_t i = 0; i < 4; ++i) {
      for (index_t j = 0; j < 4; ++j) {
        if (i == 2 || j == 2) {
          CHECK(d.status(i, j) == PairStatus::failed);
          CHECK(std::isnan(d(i, j)));
        } else {
          CHECK(d(i, j) == clean(i, j));
        }
      }
    }
  }
}

TEST_CASE("a silent recording fails alone, at whatever rank", "[engine][devices]") {
  // The rank that the data have: 3 of each oscillation seen through 3 channels, none of the silent system.
  std::vector<TrajectorySet> systems;
  for (std::uint64_t k = 0; k < 3; ++k)
    systems.push_back(simulate::own(simulate::lorenz({.trials = 4, .seed = k}), "l"));
  systems.insert(systems.begin() + 1, simulate::own(simulate::Recording(4, 200, 3), "silent"));
  Engine engine(test::device());
  for (const index_t rank : {0, 3}) {
    const Dmd dmd{.delays = 1, .rank = rank};
    for (const Metric& metric : {Metric(Dsa{.dmd = dmd}), Metric(Spectral{.dmd = dmd}), Metric(Cka{})}) {
      const auto d = engine.pairwise(std::span<const TrajectorySet>(systems), metric);
      for (index_t i = 0; i < 4; ++i) {
        for (index_t j = 0; j < 4; ++j) {
          CAPTURE(rank, i, j);
          const bool failed = i == 1 || j == 1;
          CHECK((d.status(i, j) == PairStatus::failed) == failed);
          CHECK(std::isnan(d(i, j)) == failed);
          if (i == j && !failed) CHECK(d(i, j) == 0);
        }
      }
    }
  }
}

TEST_CASE("operators of different size are an error naming both, unless padded", "[engine][devices]") {
  Engine engine(test::device());
  const OperatorSet set = {test::as_operator(test::gaussian(4, 1), "small"),
                           test::as_operator(test::gaussian(6, 2), "large")};
  CHECK_THROWS_WITH(engine.pairwise(set, Dsa{}), Catch::Contains("small") && Catch::Contains("large") &&
                                                     Catch::Contains("4") && Catch::Contains("6"));
  CHECK(std::isfinite(engine.pairwise(set, Dsa{.zero_pad = true})(0, 1)));
  CHECK(std::isfinite(engine.pairwise(set, Spectral{})(0, 1)));
}

TEST_CASE("the progress callback sees every stage and can cancel", "[engine][devices]") {
  Engine engine(test::device(), {.tile_pairs = 2});
  const auto set = gaussians(5, 4);
  index_t last = -1;
  (void)engine.pairwise(set, Dsa{}, [&](const ProgressEvent& e) {
    if (std::string(e.stage) == "pairs") last = e.done;
    return true;
  });
  CHECK(last == 10);
  try {
    (void)engine.pairwise(set, Dsa{}, [](const ProgressEvent& e) { return e.done == 0; });
    FAIL("not cancelled");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::cancelled);
  }
}

TEST_CASE("empty and single collections have empty and zero matrices", "[engine][devices]") {
  Engine engine(test::device());
  for (const auto& metric : metrics()) {
    CHECK(engine.pairwise(OperatorSet{}, metric).rows() == 0);
    const auto one = engine.pairwise(gaussians(1, 3), metric);
    CHECK(one.rows() == 1);
    CHECK(one(0, 0) == 0.0);
    CHECK(engine.cross(gaussians(2, 3), OperatorSet{}, metric).columns() == 0);
  }
}

TEST_CASE("contradictory parameters are refused", "[engine][devices]") {
  Engine engine(test::device());
  CHECK_THROWS_AS(engine.pairwise(gaussians(2, 3), Dsa{.unit_norm = false}), Error);  // angular needs unit norms
  CHECK_NOTHROW(engine.pairwise(gaussians(2, 3), Dsa{.score = DsaScore::euclidean, .unit_norm = false}));
}
