#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

/// Systems whose channels cross the panels' and the stacks' boundaries.
const std::vector<std::vector<index_t>> shapes = {
    {1}, {3, 3}, {1, 2, 7, 24, 25}, {31, 5, 33, 65, 24, 1, 2, 48, 49, 130}};

}  // namespace

TEST_CASE("CKA and Procrustes agree with the oracle", "[shape][devices]") {
  for (const auto& channels : shapes) {
    const auto systems = collection(4, 100, channels);
    const auto cka = pairwise(systems, Cka{}), cka_score = pairwise(systems, Cka{.score = SimilarityScore::similarity});
    const auto angle = pairwise(systems, Procrustes{}),
               squared = pairwise(systems, Procrustes{.score = ProcrustesScore::squared}),
               euclidean = pairwise(systems, Procrustes{.score = ProcrustesScore::euclidean}),
               over_half_pi = pairwise(systems, Procrustes{.over_half_pi = true});
    for (index_t i = 0; i < cka.rows(); ++i) {
      CHECK(cka(i, i) == 0);
      CHECK(cka_score(i, i) == 1);
      for (index_t j = i + 1; j < cka.rows(); ++j) {
        const auto x = rows_of(systems[static_cast<std::size_t>(i)]), y = rows_of(systems[static_cast<std::size_t>(j)]);
        const auto c = oracle::cka(x, y), p = oracle::procrustes(x, y), d = oracle::procrustes_squared(x, y);
        CAPTURE(i, j, static_cast<double>(c), static_cast<double>(p));
        REQUIRE(std::abs(cka_score(i, j) - c) <= 1e-13);
        REQUIRE(std::abs(cka(i, j) - std::acos(c)) <= 1e-10 * std::acos(c));
        REQUIRE(std::abs(angle(i, j) - std::acos(p)) <= 1e-10 * std::acos(p));
        REQUIRE(std::abs(over_half_pi(i, j) - angle(i, j) / (std::numbers::pi / 2)) <= 1e-15);
        REQUIRE(std::abs(squared(i, j) - d) <= 1e-10 * d);
        REQUIRE(std::abs(euclidean(i, j) - std::sqrt(d)) <= 1e-10 * std::sqrt(d));
        REQUIRE(cka.status(i, j) == PairStatus::exact);
        REQUIRE(cka.lower_bound(i, j) == cka(i, j));
      }
    }
  }
}

TEST_CASE("a comparison does not depend on order, tiles, memory, threads or the other systems", "[shape][devices]") {
  const index_t wide = on_cpu() ? 130 : 13, widest = on_cpu() ? 400 : 70;
  const auto systems = collection(3, 70, {24, 7, wide, wide, 49, 24, 24, 65, widest, 3, wide, 7});
  const std::size_t little = on_cpu() ? 4'200'000 : 1'100'000;  // two of the largest systems and their tile
  const std::size_t twice = on_cpu() ? 4'200'000 : 1'700'000;   // regression keeps two operands a system
  std::vector<std::size_t> order = {5, 2, 11, 0, 7, 1, 9, 3, 8, 10, 6, 4};
  std::vector<TrajectorySet> shuffled;
  for (const std::size_t i : order) shuffled.push_back(systems[i]);
  const auto check = [&](const auto& metric, std::size_t budget) {
    const auto d = pairwise(systems, metric);
    const auto p = pairwise(*make_backend(), shuffled, metric);
    const auto tight = pairwise(*make_backend(budget, 1), systems, metric),
               small_tiles = pairwise(*make_backend(), systems, metric, 5);
    const std::vector<TrajectorySet> first(systems.begin(), systems.begin() + 5);
    const auto few = pairwise(first, metric), across = cross(first, systems, metric),
               back = cross(systems, first, metric);
    for (index_t i = 0; i < d.rows(); ++i) {
      for (index_t j = 0; j < d.rows(); ++j) {
        CAPTURE(i, j);
        REQUIRE(same_bits(d(i, j), d(j, i)));
        REQUIRE(same_bits(d(i, j), tight(i, j)));
        REQUIRE(same_bits(d(i, j), small_tiles(i, j)));
        REQUIRE(same_bits(p(i, j), d(static_cast<index_t>(order[static_cast<std::size_t>(i)]),
                                     static_cast<index_t>(order[static_cast<std::size_t>(j)]))));
        if (i < few.rows() && j < few.rows()) REQUIRE(same_bits(d(i, j), few(i, j)));
        if (i < few.rows()) REQUIRE(same_bits(d(i, j), across(i, j)));
        if (j < few.rows()) REQUIRE(same_bits(d(i, j), back(i, j)));
      }
    }
  };
  check(Cka{}, little);
  check(Procrustes{}, little);
  check(Cka{.precision = ProductPrecision::f32}, little);
  check(Shape{.alpha = 0.3}, little);
  check(Cca{.explained_variance = 0.9}, little);
  check(LinearRegression{}, twice);
}

/// Scores tiles of systems (against themselves, and against others) at random, and compares them with the whole.
template <class M>
void check_tiles(const std::vector<TrajectorySet>& systems, const M& metric, std::size_t few_systems, int threads = 1) {
  const std::vector<TrajectorySet> others(systems.begin() + 2, systems.begin() + 7);
  for (const bool symmetric : {true, false}) {
    const auto whole = symmetric ? pairwise(systems, metric) : cross(systems, others, metric);
    // Plenty of memory, and what a few systems take, so that what is packed changes all the time.
    for (const std::size_t budget : on_cpu() ? std::vector<std::size_t>{0, few_systems} : std::vector<std::size_t>{0}) {
      const auto backend = make_backend(budget, threads);
      const auto scorer = host::make_scorer(*backend, {systems, others, symmetric}, metric, {});
      std::mt19937 random(11);
      for (int repeat = 0; repeat < (on_cpu() ? 12 : 4); ++repeat) {
        const auto any = [&](index_t n) { return static_cast<index_t>(random() % static_cast<unsigned>(n)); };
        const index_t row = any(whole.rows()), column = any(whole.columns());
        const Tile tile{row, column, 1 + any(whole.rows() - row), 1 + any(whole.columns() - column)};
        constexpr double untouched = 12345;
        std::vector<PairResult> out(static_cast<std::size_t>(tile.rows * tile.columns), host::exact(untouched));
        scorer->score(tile, out);
        for (index_t i = 0; i < tile.rows; ++i) {
          for (index_t j = 0; j < tile.columns; ++j) {
            const double d = out[static_cast<std::size_t>(i * tile.columns + j)].distance;
            CAPTURE(Metric(metric).index(), symmetric, row + i, column + j);
            if (symmetric && row + i >= column + j) {
              REQUIRE(d == untouched);
            } else {
              REQUIRE(same_bits(d, whole(row + i, column + j)));
            }
          }
        }
      }
      if (!symmetric) continue;
      for (index_t i = 0; i < whole.rows(); ++i) REQUIRE(same_bits(scorer->self(i).distance, whole(i, i)));
    }
  }
}

TEST_CASE("any tile of a comparison, in any order, has the bits of the whole", "[shape][devices]") {
  auto systems = collection(2, 60, {24, 7, 31, 13, 49, 24, 65, 3, 12});
  systems.insert(systems.begin() + 3, simulate::own(simulate::Recording(2, 60, 4), "silent"));
  constexpr std::size_t few = 700'000;
  check_tiles(systems, Cka{}, few);
  check_tiles(systems, Cka{.estimator = CkaEstimator::song}, few);
  check_tiles(systems, Procrustes{.score = ProcrustesScore::euclidean}, few);
  check_tiles(systems, Shape{.alpha = 0.3}, few);
  check_tiles(systems, Cca{}, few);
  check_tiles(systems, Rsa{.rdm = Rdm::squared_euclidean}, 4'000'000);
  check_tiles(systems, LinearRegression{}, few);
  check_tiles(systems, LinearRegression{.folds = 3}, few);
  // Blocks that are copied to the host, and what is made of each system for a tile.
  constexpr std::size_t copied = 3'000'000;
  check_tiles(systems, Cka{.estimator = CkaEstimator::lange}, few);
  check_tiles(systems, Cca{.weights = CcaWeights::projection}, copied);
  check_tiles(systems, Shape{.alpha = 0.3, .folds = 3}, copied, 2);
  check_tiles(systems, Matching{}, copied);
  check_tiles(systems, Matching{.match = Match::soft_correlation}, copied, 2);
  check_tiles(systems, DistanceCorrelation{}, 4'000'000);
  if (!on_cpu()) return;
  // With two threads, stacks of two groups of panels, of which a product with itself leaves out some.
  const auto wide = collection(2, 150, {40, 30, 20, 150, 25, 60, 35, 45, 30, 140, 20, 55, 30, 25, 70});
  check_tiles(wide, Cka{}, 4'500'000, 2);
  check_tiles(wide, LinearRegression{}, 4'500'000, 2);
}

TEST_CASE("any tile of a comparison by sorted samples has the bits of the whole", "[shape][devices]") {
  // A device sorts a row of few keys with a whole block of threads: the stand-ins get few rows.
  const index_t steps = on_cpu() ? 60 : 8;
  auto systems = collection(2, steps, {24, 7, 31, 13, 49, 24, 65, 3, 12});
  systems.insert(systems.begin() + 3, simulate::own(simulate::Recording(2, steps, 4), "silent"));
  constexpr std::size_t copied = 3'000'000;
  check_tiles(systems, NeighbourGraph{.nearest_samples = 5}, copied, 2);
  check_tiles(systems,
              NeighbourGraph{
                  .overlap = NeighbourOverlap::second_order_cosine, .near = NeighbourBy::cosine, .nearest_samples = 5},
              copied);
  check_tiles(systems, Rsa{.rdm = Rdm::crossnobis, .comparison = RdmComparison::kendall}, 4'000'000, 2);
}

TEST_CASE("identical, orthogonal, rank-deficient and constant recordings", "[shape][devices]") {
  const index_t m = 64;
  simulate::Recording sine(1, m, 2), cosine(1, m, 2), deficient(1, m, 4), constant(1, m, 3), half(1, m, 2);
  for (index_t t = 0; t < m; ++t) {
    const double phase = 2 * std::numbers::pi * static_cast<double>(t) / static_cast<double>(m);
    sine.at(0, t)[0] = std::sin(phase), sine.at(0, t)[1] = std::cos(phase);
    cosine.at(0, t)[0] = std::sin(3 * phase), cosine.at(0, t)[1] = std::cos(3 * phase);
    for (index_t c = 0; c < 4; ++c) deficient.at(0, t)[c] = std::sin(phase) * static_cast<double>(c + 1);
    for (index_t c = 0; c < 3; ++c) constant.at(0, t)[c] = 0.1 * static_cast<double>(c);
    half.at(0, t)[0] = 0.3, half.at(0, t)[1] = std::sin(phase);
  }
  std::vector<TrajectorySet> systems;
  for (auto* r : {&sine, &sine, &cosine, &deficient, &constant, &half}) {
    systems.push_back(simulate::own(*r, "system " + std::to_string(systems.size())));
  }
  const double right_angle = std::numbers::pi / 2;
  const auto check = [&](const DistanceMatrix& d, double farthest) {
    CHECK(d(0, 1) == 0);
    CHECK(std::abs(d(0, 2) - farthest) <= 1e-15);
    CHECK(std::abs(d(2, 3) - farthest) <= 1e-15);
    CHECK(d(3, 5) <= 1e-7);  // one sine each
    for (index_t i = 0; i < d.rows(); ++i) {
      CHECK(d.status(i, 4) == PairStatus::failed);
      CHECK(d.status(4, i) == PairStatus::failed);
      CHECK(std::isnan(d(4, i)));
      for (index_t j = 0; j < d.rows(); ++j) {
        if (i != 4 && j != 4) CHECK(std::isfinite(d(i, j)));
      }
    }
  };
  check(pairwise(systems, Cka{}), right_angle);
  check(pairwise(systems, Procrustes{}), right_angle);
  check(pairwise(systems, Shape{.alpha = 0.5}), right_angle);
  check(pairwise(systems, Cca{}), right_angle);
  check(pairwise(systems, LinearRegression{}), 1);
  // Three periods predicted of a quarter from the others: no fixed value, but never NaN.
  const auto predicted = pairwise(systems, LinearRegression{.folds = 4});
  const auto dissimilar = pairwise(systems, Rsa{.rdm = Rdm::squared_euclidean});
  std::vector<DistanceMatrix> finite = {predicted, dissimilar};
  for (const Match match : {Match::permutation, Match::soft, Match::hard_correlation, Match::soft_correlation}) {
    finite.push_back(pairwise(systems, Matching{.match = match}));
  }
  finite.push_back(pairwise(systems, Cca{.weights = CcaWeights::projection}));
  finite.push_back(pairwise(systems, Cka{.estimator = CkaEstimator::lange}));
  finite.push_back(pairwise(systems, DistanceCorrelation{}));
  finite.push_back(pairwise(systems, LinearRegression{.penalty = 1}));
  finite.push_back(pairwise(systems, NeighbourGraph{.near = NeighbourBy::euclidean}));
  finite.push_back(pairwise(systems, Procrustes{.folds = 4}));
  finite.push_back(pairwise(systems, Rsa{.rdm = Rdm::euclidean, .comparison = RdmComparison::kendall}));
  for (const auto& d : finite) {
    CHECK(d(0, 1) == 0);
    for (index_t i = 0; i < d.rows(); ++i) {
      CHECK(d.status(i, 4) == PairStatus::failed);
      for (index_t j = 0; j < d.rows(); ++j) CHECK((i == 4 || j == 4 || std::isfinite(d(i, j))));
    }
  }
}

TEST_CASE("recordings of different length are an error that names both", "[shape][devices]") {
  auto systems = collection(2, 30, {3, 4});
  systems.push_back(simulate::own(signals(2, 31, 3, 5), "longer"));
  try {
    (void)pairwise(systems, Cka{});
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::invalid_data);
    const std::string what = e.what();
    CHECK(what.find("'longer' has 62") != std::string::npos);
    CHECK(what.find("'system 0'") != std::string::npos);
  }
}

TEST_CASE("a value that is not finite is an error that names its place", "[shape][devices]") {
  auto recording = signals(2, 30, 3, 5);
  recording.at(1, 7)[2] = std::nan("");
  auto systems = collection(2, 30, {3, 4});
  systems.push_back(simulate::own(recording, "broken"));
  try {
    (void)pairwise(systems, Procrustes{});
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::invalid_data);
    CHECK(std::string(e.what()).find("'broken'") != std::string::npos);
  }
}

TEST_CASE("two systems that exceed the budget are refused with the bytes needed", "[shape][devices]") {
  const auto systems = collection(1, 1000, {64, 64});
  CHECK_THROWS_AS(pairwise(*make_backend(100'000), systems, Cka{}), Error);
}
