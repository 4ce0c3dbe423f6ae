/// Regression between recordings, scored on samples that it was not fitted to.
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;
using namespace kindred::test;

TEST_CASE("cross-validated regression agrees with the oracle", "[shape][devices]") {
  const auto systems = collection(4, 15, {2, 7, 5, 7});
  // 60 samples: four folds of 9 of them, then three of 8; and folds of two and of one trial of 15.
  const std::vector<std::size_t> blocks = {0, 9, 18, 27, 36, 44, 52}, trials = {0, 30, 45};
  for (const auto& [metric, starts] :
       {std::pair{LinearRegression{.score = RegressionScore::similarity, .folds = 7}, blocks},
        std::pair{LinearRegression{.score = RegressionScore::similarity, .folds = 3, .fold_by = FoldBy::trials},
                  trials}}) {
    check_pairs(systems, metric, 1e-10, [starts = starts](const auto& x, const auto& y) {
      return (oracle::cross_validated_r_squared(x, y, starts) + oracle::cross_validated_r_squared(y, x, starts)) / 2;
    });
  }
  const auto d = pairwise(systems, LinearRegression{.folds = 5}),
             s = pairwise(systems, LinearRegression{.score = RegressionScore::similarity, .folds = 5}),
             single = pairwise(systems, LinearRegression{.folds = 5, .precision = ProductPrecision::f32});
  for (index_t i = 0; i < 4; ++i) {
    CHECK(d(i, i) == 0);
    for (index_t j = 0; j < 4; ++j) {
      CHECK(std::abs(d(i, j) + s(i, j) - 1) <= 1e-15);
      CHECK(std::abs(d(i, j) - single(i, j)) <= 1e-4);
    }
  }
}

TEST_CASE("cross-validation: memory, order, hard cases and impossible folds", "[shape][devices]") {
  auto systems = collection(4, 30, {24, 7, 130, 49, 24, 65});
  // Varies in the last fold alone: from the other samples nothing can be predicted but the mean.
  simulate::Recording late(4, 30, 2);
  for (index_t t = 20; t < 30; ++t) late.at(3, t)[0] = std::sin(static_cast<double>(t));
  systems.push_back(simulate::own(late, "late"));
  systems.push_back(simulate::own(simulate::Recording(4, 30, 3), "constant"));
  const LinearRegression metric{.folds = 4, .fold_by = FoldBy::trials};
  const auto d = pairwise(systems, metric);
  const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
  const auto tight = pairwise(*make_backend(on_cpu() ? 1'400'000 : 2'200'000, 1), systems, metric),
             p = pairwise(*make_backend(), reversed, metric);
  for (index_t i = 0; i < 8; ++i) {
    CHECK(d.status(i, 7) == PairStatus::failed);
    for (index_t j = 0; j < 7; ++j) {
      REQUIRE(same_bits(d(i, j), tight(i, j)));
      REQUIRE(same_bits(d(i, j), p(7 - i, 7 - j)));
      if (i < 7) REQUIRE((i == j ? d(i, j) == 0 : std::isfinite(d(i, j)) && d(i, j) > 0));
    }
  }
  const auto message = [&](const LinearRegression& m) -> std::string {
    try {
      (void)pairwise(systems, m);
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  };
  CHECK(message({.folds = 1}).find("LinearRegression::folds") != std::string::npos);
  CHECK(message({.folds = 5, .fold_by = FoldBy::trials}).find("2 .. 4") != std::string::npos);
  CHECK(message({.folds = 121}).find("2 .. 120") != std::string::npos);
  systems[5] = simulate::own(signals(3, 40, 5, 1), "other trials");
  CHECK(message(metric).find("'other trials' has 3 trials, expected 4") != std::string::npos);
  CHECK(message({.folds = 4}).empty());
}
