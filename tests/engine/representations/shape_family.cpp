#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/principal.hpp"
#include "host/engine/representations/rdm_vectors.hpp"
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

/// Checks every off-diagonal entry against expected(x, y), to `tolerance`.
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

TEST_CASE("representational similarity agrees with the oracle", "[shape][devices]") {
  const auto systems = collection(2, 9, {3, 7, 12});
  for (const bool correlation : {true, false}) {
    for (const auto comparison : {RdmComparison::pearson, RdmComparison::spearman, RdmComparison::cosine}) {
      check_pairs(systems,
                  Rsa{.rdm = correlation ? Rdm::correlation : Rdm::squared_euclidean,
                      .comparison = comparison,
                      .score = SimilarityScore::similarity},
                  1e-12, [=](const auto& x, const auto& y) {
                    auto a = oracle::rdm(x, correlation), b = oracle::rdm(y, correlation);
                    if (comparison == RdmComparison::spearman) a = oracle::ranks(a), b = oracle::ranks(b);
                    return oracle::pearson(a, b, comparison != RdmComparison::cosine);
                  });
    }
  }
}

TEST_CASE("both forms of CKA agree with the oracle", "[shape][devices]") {
  // Few samples of many channels: Gram matrices of the samples; the reverse: cross-products of the channels.
  for (const auto& systems : {collection(1, 12, {40, 50, 60, 50, 70}), collection(1, 90, {8, 9, 4, 2, 3})}) {
    for (const auto estimator : {CkaEstimator::gretton, CkaEstimator::song}) {
      check_pairs(systems, Cka{.estimator = estimator, .score = SimilarityScore::similarity}, 1e-12,
                  [=](const auto& x, const auto& y) {
                    return estimator == CkaEstimator::song ? oracle::cka_song(x, y) : oracle::cka(x, y);
                  });
    }
  }
}

TEST_CASE("comparisons over pairs of samples do not depend on memory, order or threads", "[shape][devices]") {
  // More systems than a panel has columns: two panels of vectors at once under the small budget, all of them under the
  // large one.
  const auto width = static_cast<std::size_t>(make_backend()->column_plan(sizeof(double)).panel_width);
  const std::size_t little = on_cpu() ? 1'200'000 : 400'000;
  const auto systems = collection(1, on_cpu() ? 60 : 20, std::vector<index_t>(width + width / 4, 130));
  const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
  const auto check_bits = [&](const auto& metric) {
    const auto d = pairwise(systems, metric), tight = pairwise(*make_backend(little, 1), systems, metric),
               p = pairwise(*make_backend(), reversed, metric), across = cross(systems, systems, metric);
    const index_t last = d.rows() - 1;
    for (index_t i = 0; i < d.rows(); ++i) {
      for (index_t j = 0; j < d.rows(); ++j) {
        REQUIRE(same_bits(d(i, j), tight(i, j)));
        REQUIRE(same_bits(d(i, j), p(last - i, last - j)));
        REQUIRE(same_bits(d(i, j), across(i, j)));
      }
    }
  };
  check_bits(Rsa{});
  check_bits(Rsa{.comparison = RdmComparison::spearman});
  check_bits(Rsa{.rdm = Rdm::squared_euclidean, .comparison = RdmComparison::cosine});
  check_bits(Cka{});
  check_bits(Cka{.estimator = CkaEstimator::song});
}

TEST_CASE("dissimilarities of many samples, made in blocks of rows", "[shape][devices]") {
  const auto systems = collection(1, 1030, {2, 3});
  const auto backend = make_backend();
  const auto factors = host::survey(systems, 1);
  const auto vectors =
      host::rdm_vectors(*backend, factors, Rsa{.rdm = Rdm::squared_euclidean, .comparison = RdmComparison::cosine});
  for (std::size_t k = 0; k < systems.size(); ++k) {
    const std::vector<double> got = std::get<host::Generated>(vectors[k].source).make();
    const auto expected = oracle::rdm(rows_of(systems[k]), false);
    REQUIRE(got.size() == expected.size());
    const double scale = factors[k].survey.scale();
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto e = static_cast<double>(expected[i]) * scale * scale, error = std::abs(got[i] - e);
      if (!(error <= worst)) worst = error;
      largest = std::max(largest, e);
    }
    // |x|^2 + |y|^2 - 2 x y of centred samples, each term at most of the order of the largest dissimilarity
    CHECK(worst <= 1e-14 * largest);
  }
  // The product of two vectors of 530,000 values takes an emulated device half a minute.
  if (!on_cpu()) return;
  check_pairs(
      systems, Rsa{.rdm = Rdm::squared_euclidean, .score = SimilarityScore::similarity}, 1e-11,
      [](const auto& x, const auto& y) { return oracle::pearson(oracle::rdm(x, false), oracle::rdm(y, false)); });
}

// No device takes part.
TEST_CASE("samples or channels, whichever costs less over the collection", "[shape]") {
  const auto cheaper = [](index_t samples, index_t channels, std::size_t systems, bool symmetric = true) {
    host::Factor f;
    f.rows = samples;
    f.survey.channels = channels;
    const std::vector<host::Factor> set(systems, f);
    return host::samples_are_cheaper(set, set, symmetric);
  };
  // A pair costs m (m + 1) against 2 m C^2 flops, a Gram matrix m^2 C once; and m (m + 1) / 2 values against m C.
  CHECK(cheaper(30, 100, 10));
  CHECK(cheaper(100, 100, 10));
  CHECK(!cheaper(30, 3, 10));           // 30 > 2 C^2
  CHECK(!cheaper(40000, 128, 100));     // more memory than the recordings
  CHECK(!cheaper(201, 100, 10));        // just so
  CHECK(cheaper(190, 100, 1));          // 3.65e6 flops against 3.80e6
  CHECK(!cheaper(190, 100, 1, false));  // two Gram matrices for one pair
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

TEST_CASE("equidistant samples have no direction to compare", "[shape][devices]") {
  // The unit vectors of eight channels: every dissimilarity is the same.
  simulate::Recording simplex(1, 8, 8);
  for (index_t t = 0; t < 8; ++t) simplex.at(0, t)[t] = 3;
  auto systems = collection(1, 8, {3, 4});
  systems.push_back(simulate::own(simplex, "simplex"));
  for (const auto rdm : {Rdm::correlation, Rdm::squared_euclidean}) {
    for (const auto comparison : {RdmComparison::pearson, RdmComparison::spearman}) {
      const auto d = pairwise(systems, Rsa{.rdm = rdm, .comparison = comparison});
      CHECK(d.status(0, 1) == PairStatus::exact);
      for (index_t i = 0; i < 3; ++i) CHECK(d.status(i, 2) == PairStatus::failed);
    }
    CHECK(pairwise(systems, Rsa{.rdm = rdm, .comparison = RdmComparison::cosine}).status(0, 2) == PairStatus::exact);
  }
}

TEST_CASE("dissimilarities that are equal but for rounding are ties", "[shape][devices]") {
  // Whole numbers, so that the oracle's dissimilarities are whole and their ties exact. A factor of 0.1 rounds the
  // data and the products; an outlier a million times as far must not blur the order of the others.
  const auto counts = [](index_t rows, index_t channels, std::uint64_t stream) {
    simulate::Random random(21, stream);
    simulate::Recording x(1, rows, channels);
    for (double& v : x.values) v = static_cast<double>(std::max<index_t>(0, random.below(5) - 2));
    return x;
  };
  const auto angle = [](const simulate::Recording& x, const simulate::Recording& y) {
    const std::vector<TrajectorySet> pair = {simulate::own(x, "x"), simulate::own(y, "y")};
    const Rsa rank{.rdm = Rdm::squared_euclidean, .comparison = RdmComparison::spearman};
    return pairwise(pair, rank)(0, 1);
  };
  const auto expected = [](const simulate::Recording& x, const simulate::Recording& y) {
    const auto ranks = [](const simulate::Recording& r) {
      return oracle::ranks(oracle::rdm(rows_of(simulate::own(r, "r")), false));
    };
    return static_cast<double>(std::acos(oracle::pearson(ranks(x), ranks(y))));
  };
  // The sums of the correlation's N ranks, N the pairs of samples, in double: N eps, some of it in the square root.
  const double tolerance = 1e-12;
  for (const index_t rows : {5, 60}) {
    for (const index_t channels : {3, 20}) {
      CAPTURE(rows, channels);
      auto x = counts(rows, channels, 1);
      const auto y = counts(rows, channels, 2);
      REQUIRE(std::abs(angle(x, y) - expected(x, y)) <= tolerance);
      auto tenth = x;
      for (double& v : tenth.values) v *= 0.1;
      REQUIRE(std::abs(angle(tenth, y) - expected(x, y)) <= tolerance);
      x.at(0, 0)[0] = 1e6;
      REQUIRE(std::abs(angle(x, y) - expected(x, y)) <= tolerance);
    }
  }
  // By hand, and as SciPy has it: squared distances 1 1 1 3 2 2 2 2 2 2 against 1 4 9 18 5 10 11 13 6 18.
  simulate::Recording x(1, 5, 3), y(1, 5, 3);
  x.values = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1};
  y.values = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 4, 1, 1};
  CHECK(angle(x, y) == Approx(0.73643).epsilon(1e-5));
}

TEST_CASE("dissimilarities that are all equal, or all zero, have no correlation", "[shape][devices]") {
  // Every sample on one line: each correlation distance is zero but for rounding.
  simulate::Random random(8);
  simulate::Recording line(1, 30, 95), other(1, 30, 95);
  std::vector<double> direction(95);
  for (double& v : direction) v = random.normal();
  for (index_t t = 0; t < 30; ++t) {
    const double size = random.uniform(0.5, 2), shift = random.normal();
    for (index_t c = 0; c < 95; ++c) line.at(0, t)[c] = size * direction[static_cast<std::size_t>(c)] + shift;
  }
  for (double& v : other.values) v = random.normal();
  const std::vector<TrajectorySet> systems = {simulate::own(other, "other"), simulate::own(line, "line")};
  const auto fails = [](const DistanceMatrix& d) {
    CHECK(d.status(0, 0) == PairStatus::exact);
    CHECK(d.status(0, 1) == PairStatus::failed);
    CHECK(d.status(1, 1) == PairStatus::failed);
    CHECK(std::isnan(d(1, 1)));
    CHECK(std::isnan(d.lower_bound(1, 1)));
  };
  for (const auto comparison : {RdmComparison::pearson, RdmComparison::spearman, RdmComparison::cosine}) {
    fails(pairwise(systems, Rsa{.comparison = comparison}));
  }
  // One channel a sample: all squared distances are 2, and equal to rounding after the channels are centred.
  simulate::Recording corners(1, 30, 30);
  for (index_t t = 0; t < 30; ++t) corners.at(0, t)[t] = 1;
  const std::vector<TrajectorySet> equal = {simulate::own(other, "other"), simulate::own(corners, "corners")};
  for (const auto comparison : {RdmComparison::pearson, RdmComparison::spearman}) {
    fails(pairwise(equal, Rsa{.rdm = Rdm::squared_euclidean, .comparison = comparison}));
  }
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
