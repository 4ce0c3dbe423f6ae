/// What the metrics of recordings have in common: agreement with the oracle, ranks below the channels, small angles,
/// constant systems, scales and offsets, float32.
#include "host/engine/representations/principal.hpp"
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

/// X times a fixed rotation in the planes of neighbouring channels, and a shift.
simulate::Recording rotated(const simulate::Recording& x, double angle, double shift) {
  simulate::Recording out = x;
  for (index_t c = 0; c + 1 < x.channels; ++c) {
    for (index_t k = 0; k < x.trials; ++k) {
      for (index_t t = 0; t < x.steps; ++t) {
        const double a = out.at(k, t)[c], b = out.at(k, t)[c + 1];
        out.at(k, t)[c] = std::cos(angle) * a - std::sin(angle) * b + shift;
        out.at(k, t)[c + 1] = std::sin(angle) * a + std::cos(angle) * b;
      }
    }
  }
  return out;
}

/// A recording, and a copy with a little noise, rotated.
std::vector<TrajectorySet> nearly_rotated(const simulate::Recording& recording, double noise) {
  auto moved = recording;
  simulate::Random random(3);
  for (double& x : moved.values) x += noise * random.normal();
  return {simulate::own(recording, "recording"), simulate::own(rotated(moved, 0.7, 2.0), "moved")};
}

}  // namespace

TEST_CASE("unbiased CKA, canonical correlations, shape metrics and regression agree with the oracle",
          "[shape][devices]") {
  const auto systems = collection(3, 40, {2, 7, 5, 26, 7});
  const auto score = SimilarityScore::similarity;
  // eps times the condition of the signals (about 100 squared) and a few hundred terms.
  const double tolerance = 1e-10;
  check_pairs(systems, Cka{.estimator = CkaEstimator::song, .score = score}, tolerance, oracle::cka_song);
  check_pairs(systems, Cca{.score = score}, tolerance, oracle::mean_cca);
  check_pairs(systems, Cca{}, 1e-7,
              [](const auto& x, const auto& y) { return std::acos(std::min(1.0L, oracle::mean_cca(x, y))); });
  check_pairs(systems, LinearRegression{}, tolerance,
              [](const auto& x, const auto& y) { return 1 - (oracle::r_squared(x, y) + oracle::r_squared(y, x)) / 2; });
  check_pairs(systems, LinearRegression{.score = RegressionScore::similarity}, tolerance,
              [](const auto& x, const auto& y) { return (oracle::r_squared(x, y) + oracle::r_squared(y, x)) / 2; });
  for (const double alpha : {0.0, 0.3, 1.0}) {
    check_pairs(systems, Shape{.alpha = alpha, .score = ProcrustesScore::similarity}, tolerance,
                [alpha](const auto& x, const auto& y) {
                  return oracle::procrustes(oracle::partially_whitened(x, alpha), oracle::partially_whitened(y, alpha));
                });
    check_pairs(systems, Shape{.alpha = alpha, .score = ProcrustesScore::euclidean}, tolerance,
                [alpha](const auto& x, const auto& y) {
                  return std::sqrt(oracle::procrustes_squared(oracle::partially_whitened(x, alpha),
                                                              oracle::partially_whitened(y, alpha)));
                });
  }
}

TEST_CASE("fewer samples than channels, and rank-deficient systems, change nothing", "[shape][devices]") {
  const auto systems = collection(1, 20, {33, 21, 20, 3});
  check_pairs(systems, Procrustes{.score = ProcrustesScore::similarity}, 1e-12, oracle::procrustes);
  check_pairs(systems, Cka{.score = SimilarityScore::similarity}, 1e-12, oracle::cka);
}

TEST_CASE("a rank below the channels is found and used, exactly", "[shape][devices]") {
  // 48 channels of rank 5 and 12 (of which 20 channels are silent), a rank that is not worth a basis, and a full one.
  auto silent = low_rank_signals(2, 100, 48, 12, 2);
  for (std::size_t i = 0; i < silent.values.size(); ++i) {
    if (i % 48 >= 28) silent.values[i] = 0.25;
  }
  const auto five = low_rank_signals(2, 100, 48, 5, 1);
  auto near = five;
  simulate::Random random(4);
  for (double& x : near.values) x += 1e-4 * random.normal();
  std::vector<TrajectorySet> systems = {simulate::own(five, "five"), simulate::own(silent, "silent"),
                                        simulate::own(low_rank_signals(2, 100, 48, 47, 3), "almost all"),
                                        simulate::own(signals(2, 100, 48, 4), "all"), simulate::own(near, "near five")};
  const auto backend = make_backend();
  auto factors = host::survey(systems, 1);
  host::compress(*backend, factors);
  CHECK(factors[0].columns == 5);
  CHECK(factors[1].columns == 12);
  for (const std::size_t i : {2, 3, 4}) CHECK(factors[i].columns == 48);

  check_pairs(systems, Procrustes{.score = ProcrustesScore::similarity}, 1e-12, oracle::procrustes);
  check_pairs(systems, Cka{.score = SimilarityScore::similarity}, 1e-12, oracle::cka);
  check_pairs(systems, Cka{.estimator = CkaEstimator::song, .score = SimilarityScore::similarity}, 1e-12,
              oracle::cka_song);
  const auto x = rows_of(systems[0]), y = rows_of(systems[4]);
  const auto angle = static_cast<double>(std::acos(std::min(1.0L, oracle::procrustes(x, y))));
  CHECK(std::abs(pairwise(systems, Procrustes{})(0, 4) - angle) <= 1e-8 * angle + 4e-18 / angle);
  systems[3] = systems[0];
  systems[4] = simulate::own(rotated(five, 0.4, 1.5), "turned");
  for (const auto& d : {pairwise(systems, Procrustes{}), pairwise(systems, Cka{})}) {
    CHECK(d(0, 3) == 0);
    CHECK(d(0, 4) <= 1e-13);
  }
}

TEST_CASE("small angles are accurate, and zero for rotated copies", "[shape][devices]") {
  const auto base = signals(2, 150, 6, 1);
  for (const double size : {1e-3, 1e-5, 1e-7, 1e-9}) {
    const std::vector<TrajectorySet> systems = nearly_rotated(base, size);
    const auto x = rows_of(systems[0]), y = rows_of(systems[1]);
    const auto cka = static_cast<double>(std::acos(std::min(1.0L, oracle::cka(x, y))));
    const auto procrustes = static_cast<double>(std::acos(std::min(1.0L, oracle::procrustes(x, y))));
    CAPTURE(size, cka, procrustes);
    // The oracle's own arccos is good to some eps80 / angle; the residual to a few eps of the data's mean and size.
    REQUIRE(std::abs(pairwise(systems, Cka{})(0, 1) - cka) <= 1e-8 * cka + 1e-14 + 4e-18 / cka);
    REQUIRE(std::abs(pairwise(systems, Procrustes{})(0, 1) - procrustes) <=
            1e-8 * procrustes + 1e-14 + 4e-18 / procrustes);
  }
  // The same over pairs of samples: few of them, of many channels.
  const auto wide = signals(1, 12, 40, 1);
  for (const double size : {1e-3, 1e-5, 1e-7}) {
    const std::vector<TrajectorySet> systems = nearly_rotated(wide, size);
    const auto x = rows_of(systems[0]), y = rows_of(systems[1]);
    const auto cka = static_cast<double>(std::acos(std::min(1.0L, oracle::cka(x, y))));
    const auto rsa =
        static_cast<double>(std::acos(std::min(1.0L, oracle::pearson(oracle::rdm(x, false), oracle::rdm(y, false)))));
    CAPTURE(size, cka, rsa);
    REQUIRE(std::abs(pairwise(systems, Cka{})(0, 1) - cka) <= 1e-8 * cka + 1e-14 + 4e-18 / cka);
    REQUIRE(std::abs(pairwise(systems, Rsa{.rdm = Rdm::squared_euclidean})(0, 1) - rsa) <=
            1e-8 * rsa + 1e-14 + 4e-18 / rsa);
  }
  const std::vector<TrajectorySet> same = {simulate::own(base, "base"),
                                           simulate::own(rotated(base, 0.3, -1.0), "turned")};
  CHECK(pairwise(same, Cka{})(0, 1) <= 1e-14);
  CHECK(pairwise(same, Procrustes{})(0, 1) <= 1e-14);
  CHECK(pairwise(same, Shape{.alpha = 0.5})(0, 1) <= 1e-13);
  CHECK(pairwise(same, Cca{})(0, 1) <= 1e-6);
  CHECK(pairwise(same, Rsa{.rdm = Rdm::squared_euclidean})(0, 1) <= 1e-14);
  CHECK(pairwise(same, LinearRegression{})(0, 1) <= 1e-12);
}

TEST_CASE("a constant system fails in every metric and spoils no other", "[shape][devices]") {
  auto systems = collection(1, 12, {3, 4, 5});
  systems.push_back(simulate::own(simulate::Recording(1, 12, 3), "constant"));
  const auto check_one = [&](const auto& metric) {
    const auto d = pairwise(systems, metric);
    for (index_t i = 0; i < d.rows(); ++i) {
      CHECK(d.status(i, 3) == PairStatus::failed);
      CHECK(std::isnan(d(3, i)));
      for (index_t j = 0; j < 3; ++j) CHECK(std::isfinite(d(std::min<index_t>(i, 2), j)));
    }
  };
  check_one(Cka{.estimator = CkaEstimator::song});
  check_one(Shape{.alpha = 0.2});
  check_one(Cca{.explained_variance = 0.9});
  check_one(Rsa{});
  check_one(LinearRegression{});
}

TEST_CASE("angles between recordings do not depend on their scale or offset", "[shape][devices]") {
  const simulate::Recording x = signals(2, 60, 5, 1), y = signals(2, 60, 5, 4);
  const auto changed = [&](double scale, double offset) {
    simulate::Recording out = x;
    for (double& v : out.values) v = scale * v + offset;
    return std::vector{simulate::own(out, "x"), simulate::own(y, "y")};
  };
  const auto check = [&](const auto& metric) {
    const std::vector<TrajectorySet> plain = {simulate::own(x, "x"), simulate::own(y, "y")};
    const double angle = pairwise(plain, metric)(0, 1);
    REQUIRE(angle > 0.1);
    // Of values near 1e-310 about 46 bits are left, 1e-14 each; an offset of 1e8 leaves 1e-8.
    CHECK(std::abs(pairwise(changed(1e-310, 0), metric)(0, 1) - angle) <= 1e-12);
    CHECK(std::abs(pairwise(changed(1e-160, 0), metric)(0, 1) - angle) <= 1e-13);
    CHECK(std::abs(pairwise(changed(1e200, 0), metric)(0, 1) - angle) <= 1e-13);
    CHECK(std::abs(pairwise(changed(1, 1e8), metric)(0, 1) - angle) <= 1e-7);
  };
  check(Cka{});
  check(Procrustes{});
  check(Shape{.alpha = 0});
  check(Cca{});
  check(Rsa{});
  check(DistanceCorrelation{});
}

TEST_CASE("float32 products are accurate to float32", "[shape][devices]") {
  const auto systems = collection(2, 300, {5, 20, 33});
  const auto exact = pairwise(systems, Cka{}), single = pairwise(systems, Cka{.precision = ProductPrecision::f32});
  const auto nuclear = pairwise(systems, Procrustes{}),
             single_nuclear = pairwise(systems, Procrustes{.precision = ProductPrecision::f32});
  for (index_t i = 0; i < exact.rows(); ++i) {
    for (index_t j = 0; j < exact.rows(); ++j) {
      REQUIRE(std::abs(single(i, j) - exact(i, j)) <= 1e-5);
      REQUIRE(std::abs(single_nuclear(i, j) - nuclear(i, j)) <= 1e-5);
    }
  }
}

TEST_CASE("parameters of the family are checked", "[shape][devices]") {
  const auto systems = collection(1, 12, {3, 4});
  CHECK_THROWS_AS(pairwise(systems, Shape{.alpha = -0.1}), Error);
  CHECK_THROWS_AS(pairwise(systems, Cca{.explained_variance = 0}), Error);
  CHECK_THROWS_AS(pairwise(*make_backend(500), systems, Rsa{}), Error);
}
