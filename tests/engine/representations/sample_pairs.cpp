/// Comparisons over pairs of samples, by dissimilarity or Gram matrices: against the oracle, when they are chosen,
/// their bits, and dissimilarities that are equal.
#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/rdm_vectors.hpp"
#include "tests/support/representations.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace kindred;
using namespace kindred::test;

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
