/// Kinds of dissimilarity matrices and their comparisons, distance correlation, and the further estimators and scores
/// of CKA.
#include "host/engine/representations/kendall.hpp"
#include "tests/oracle/elimination.hpp"
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

using oracle::Real;
using oracle::Rows;

template <class M, class F>
void check(const std::vector<TrajectorySet>& systems, const M& metric, double tolerance, F&& expected) {
  check_pairs(systems, metric, tolerance, expected);
  const auto d = pairwise(systems, metric), across = cross(systems, systems, metric);
  for (index_t i = 0; i < d.rows(); ++i) {
    for (index_t j = 0; j < d.rows(); ++j) REQUIRE((i == j || same_bits(across(i, j), d(i, j))));
  }
}

/// Dissimilarities i < j of `conditions` rows by their definitions.
std::vector<Real> rdm(const Rows& x, Rdm kind, std::size_t trials) {
  std::vector<Real> out;
  const std::size_t conditions = kind == Rdm::crossnobis ? x.size() / trials : x.size();
  const auto product = [&](std::size_t a, std::size_t b, std::size_t i, std::size_t j) {
    Real sum = 0;
    for (std::size_t c = 0; c < x[0].size(); ++c) {
      sum +=
          (x[a * conditions + i][c] - x[a * conditions + j][c]) * (x[b * conditions + i][c] - x[b * conditions + j][c]);
    }
    return sum;
  };
  for (std::size_t i = 0; i < conditions; ++i) {
    for (std::size_t j = i + 1; j < conditions; ++j) {
      if (kind == Rdm::crossnobis) {
        Real sum = 0;
        for (std::size_t a = 0; a < trials; ++a) {
          for (std::size_t b = 0; b < trials; ++b) sum += a == b ? 0 : product(a, b, i, j);
        }
        out.push_back(sum / static_cast<Real>(trials * (trials - 1)));
      } else if (kind == Rdm::squared_euclidean || kind == Rdm::euclidean) {
        const Real d = product(0, 0, i, j);
        out.push_back(kind == Rdm::euclidean ? std::sqrt(d) : d);
      } else {
        out.push_back(1 - oracle::pearson(x[i], x[j], kind == Rdm::correlation));
      }
    }
  }
  return out;
}

/// tau from all pairs of pairs.
Real kendall(const std::vector<Real>& x, const std::vector<Real>& y, bool a) {
  Real difference = 0, of_x = 0, of_y = 0, all = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      const int u = x[i] < x[j] ? 1 : x[i] > x[j] ? -1 : 0, v = y[i] < y[j] ? 1 : y[i] > y[j] ? -1 : 0;
      difference += u * v, of_x += u * u, of_y += v * v, all += 1;
    }
  }
  return difference / (a ? all : std::sqrt(of_x * of_y));
}

/// x^T V^-1 y / sqrt(x^T V^-1 x y^T V^-1 y), V = (C C^T) o (C C^T), C the contrasts of pairs of conditions; by
/// elimination.
Real whitened_cosine(std::vector<Real> x, std::vector<Real> y, std::size_t conditions, bool centre) {
  if (centre) {
    for (auto* v : {&x, &y}) {
      Real mean = 0;
      for (const Real e : *v) mean += e / static_cast<Real>(v->size());
      for (Real& e : *v) e -= mean;
    }
  }
  Rows contrasts;
  for (std::size_t i = 0; i < conditions; ++i) {
    for (std::size_t j = i + 1; j < conditions; ++j) {
      contrasts.emplace_back(conditions, 0);
      contrasts.back()[i] = 1, contrasts.back()[j] = -1;
    }
  }
  const std::size_t n = x.size();
  Rows v(n, std::vector<Real>(n)), both(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      Real c = 0;
      for (std::size_t k = 0; k < conditions; ++k) c += contrasts[i][k] * contrasts[j][k];
      v[i][j] = c * c;
    }
    both[i] = {x[i], y[i]};
  }
  const Rows whitened = oracle::solve(v, both);
  Real xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < n; ++i) {
    xy += x[i] * whitened[i][1], xx += x[i] * whitened[i][0], yy += y[i] * whitened[i][1];
  }
  return xy / std::sqrt(xx * yy);
}

Real compared(const Rows& x, const Rows& y, const Rsa& metric, std::size_t trials) {
  auto a = rdm(x, metric.rdm, trials), b = rdm(y, metric.rdm, trials);
  const std::size_t conditions = metric.rdm == Rdm::crossnobis ? x.size() / trials : x.size();
  switch (metric.comparison) {
    case RdmComparison::kendall:
    case RdmComparison::kendall_a:
      return kendall(a, b, metric.comparison == RdmComparison::kendall_a);
    case RdmComparison::whitened_cosine:
    case RdmComparison::whitened_pearson:
      return whitened_cosine(a, b, conditions, metric.comparison == RdmComparison::whitened_pearson);
    case RdmComparison::spearman:
      return oracle::pearson(oracle::ranks(a), oracle::ranks(b));
    default:
      return oracle::pearson(a, b, metric.comparison == RdmComparison::pearson);
  }
}

/// Matrix of distances, centred in rows and columns, or U-centred.
Rows centred_distances(const Rows& x, bool unbiased) {
  const std::size_t m = x.size();
  Rows d(m, std::vector<Real>(m));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      Real sum = 0;
      for (std::size_t c = 0; c < x[0].size(); ++c) sum += (x[i][c] - x[j][c]) * (x[i][c] - x[j][c]);
      d[i][j] = std::sqrt(sum);
    }
  }
  if (!unbiased) return oracle::centred(oracle::transposed(oracle::centred(d)));
  std::vector<Real> row(m, 0);
  Real all = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) row[i] += d[i][j], all += d[i][j];
  }
  const auto n = static_cast<Real>(m);
  Rows out = d;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      out[i][j] = i == j ? 0 : d[i][j] - (row[i] + row[j]) / (n - 2) + all / ((n - 1) * (n - 2));
    }
  }
  return out;
}

Real inner(const Rows& a, const Rows& b) {
  Real sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) sum += a[i][j] * b[i][j];
  }
  return sum;
}

Real cosine(const Rows& a, const Rows& b) { return inner(a, b) / std::sqrt(inner(a, a) * inner(b, b)); }

Rows gram(const Rows& x) { return oracle::cross(oracle::transposed(x), oracle::transposed(x)); }

Rows without_diagonal(Rows k) {
  for (std::size_t i = 0; i < k.size(); ++i) k[i][i] = 0;
  return k;
}

}  // namespace

TEST_CASE("dissimilarity matrices and their comparisons agree with the oracle", "[shape][devices]") {
  const auto systems = collection(3, 5, {4, 7, 12});
  for (const Rdm kind : {Rdm::euclidean, Rdm::cosine, Rdm::crossnobis, Rdm::squared_euclidean, Rdm::correlation}) {
    for (const RdmComparison comparison :
         {RdmComparison::pearson, RdmComparison::spearman, RdmComparison::cosine, RdmComparison::kendall,
          RdmComparison::kendall_a, RdmComparison::whitened_cosine, RdmComparison::whitened_pearson}) {
      const Rsa metric{.rdm = kind, .comparison = comparison, .score = SimilarityScore::similarity};
      CAPTURE(static_cast<int>(kind), static_cast<int>(comparison));
      check(systems, metric, 1e-11, [&](const Rows& x, const Rows& y) { return compared(x, y, metric, 3); });
    }
  }
}

TEST_CASE("whitened squared Euclidean dissimilarities are linear CKA", "[shape][devices]") {
  const auto systems = collection(1, 24, {3, 9, 5});
  const auto a = pairwise(systems, Cka{}),
             b = pairwise(systems, Rsa{.rdm = Rdm::squared_euclidean, .comparison = RdmComparison::whitened_cosine});
  for (index_t i = 0; i < 3; ++i) {
    for (index_t j = 0; j < 3; ++j) CHECK(std::fabs(a(i, j) - b(i, j)) <= 1e-12);
  }
}

TEST_CASE("Kendall's tau by hand, with ties", "[shape][devices]") {
  const auto backend = make_backend();
  const auto tau = [&](std::vector<double> x, std::vector<double> y, bool a) {
    const auto both = host::ranked(*backend, {std::move(x), std::move(y)});
    return host::kendall_tau(both[0], both[1], a);
  };
  CHECK(tau({1, 2, 3, 4}, {1, 2, 3, 4}, false) == 1);
  CHECK(tau({1, 2, 3, 4}, {4, 3, 2, 1}, false) == -1);
  CHECK(tau({1, 2, 3}, {1, 3, 2}, true) == (2 - 1) / 3.0);
  // Pairs (1,2) tied in x, (2,3) tied in y, (1,3) concordant.
  CHECK(tau({1.5, 1.5, 3}, {1, 2.5, 2.5}, false) == 0.5);
  CHECK(tau({1.5, 1.5, 3}, {1, 2.5, 2.5}, true) == 1 / 3.0);
  CHECK(tau({1.5, 1.5, 3}, {1.5, 1.5, 3}, true) == 2 / 3.0);
  CHECK(std::isnan(tau({2, 2, 2}, {1, 2, 3}, false)));
}

TEST_CASE("dissimilarities across trials need trials that correspond, and are unbiased", "[shape][devices]") {
  const Rsa metric{.rdm = Rdm::crossnobis, .comparison = RdmComparison::cosine};
  const std::vector<TrajectorySet> one = {simulate::own(signals(1, 9, 3, 0), "single"),
                                          simulate::own(signals(1, 9, 3, 1), "b")};
  CHECK_THROWS_WITH(pairwise(one, metric), Catch::Contains("'single' has one trial"));
  const std::vector<TrajectorySet> two = {simulate::own(signals(2, 9, 3, 0), "a"),
                                          simulate::own(signals(3, 6, 3, 1), "b")};
  CHECK_THROWS_WITH(pairwise(two, metric), Catch::Contains("'b' has trials of 6 steps, expected 9"));
  // The same signal in all trials: the dissimilarity is the squared distance itself.
  simulate::Recording x(3, 6, 2), y(3, 6, 2);
  const auto a = signals(1, 6, 2, 4), b = signals(1, 6, 2, 5);
  for (index_t k = 0; k < 3; ++k) {
    std::copy_n(a.at(0, 0), 12, x.at(k, 0));
    std::copy_n(b.at(0, 0), 12, y.at(k, 0));
  }
  const std::vector<TrajectorySet> repeated = {simulate::own(x, "x"), simulate::own(y, "y")},
                                   single = {simulate::own(a, "x"), simulate::own(b, "y")};
  const double expected =
      pairwise(single, Rsa{.rdm = Rdm::squared_euclidean, .comparison = RdmComparison::cosine})(0, 1);
  CHECK(std::fabs(pairwise(repeated, metric)(0, 1) - expected) <= 1e-12);
}

TEST_CASE("distance correlation agrees with the oracle", "[shape][devices]") {
  const auto systems = collection(2, 9, {3, 7, 1, 20});
  for (const bool unbiased : {false, true}) {
    const auto expected = [&](const Rows& x, const Rows& y) {
      const Real s = cosine(centred_distances(x, unbiased), centred_distances(y, unbiased));
      return unbiased ? s : std::sqrt(s);
    };
    check(systems, DistanceCorrelation{.unbiased = unbiased, .score = SimilarityScore::similarity}, 1e-11, expected);
    check(systems, DistanceCorrelation{.unbiased = unbiased}, 1e-10,
          [&](const Rows& x, const Rows& y) { return std::acos(expected(x, y)); });
  }
  // Two samples at two places: distances are those of a line, whatever the channels; equal up to scale.
  simulate::Recording x(1, 3, 2), y(1, 3, 1);
  for (index_t t = 0; t < 3; ++t) x.at(0, t)[0] = x.at(0, t)[1] = y.at(0, t)[0] = static_cast<double>(t * t);
  const std::vector<TrajectorySet> alike = {simulate::own(x, "x"), simulate::own(y, "y")};
  CHECK(pairwise(alike, DistanceCorrelation{})(0, 1) <= 1e-14);
}

TEST_CASE("uncentred and hollow CKA, and its scores, agree with the oracle", "[shape][devices]") {
  for (const auto& systems : {collection(1, 12, {40, 50, 60, 50, 70}), collection(1, 50, {8, 9, 4, 2, 3})}) {
    check(systems, Cka{.estimator = CkaEstimator::lange, .score = SimilarityScore::similarity}, 1e-11,
          [](const Rows& x, const Rows& y) {
            return cosine(without_diagonal(gram(oracle::centred(x))), without_diagonal(gram(oracle::centred(y))));
          });
    check(systems, Cka{.centre = false, .score = SimilarityScore::similarity}, 1e-12,
          [](const Rows& x, const Rows& y) { return cosine(gram(x), gram(y)); });
    check(systems, Cka{.score = SimilarityScore::one_minus}, 1e-12,
          [](const Rows& x, const Rows& y) { return 1 - oracle::cka(x, y); });
    check(systems, Cka{.score = SimilarityScore::euclidean}, 1e-11,
          [](const Rows& x, const Rows& y) { return std::sqrt(2 - 2 * oracle::cka(x, y)); });
    check(systems, Procrustes{.score = ProcrustesScore::similarity, .centre = false}, 1e-12,
          [](const Rows& x, const Rows& y) {
            return oracle::nuclear_norm(oracle::cross(x, y)) /
                   std::sqrt(oracle::squared_norm(x) * oracle::squared_norm(y));
          });
  }
  const auto systems = collection(1, 12, {3, 4});
  CHECK_THROWS_WITH(pairwise(systems, Cka{.estimator = CkaEstimator::song, .centre = false}),
                    Catch::Contains("Cka::centre"));
}

TEST_CASE("comparisons over pairs of samples on equal, constant and uncentred recordings", "[shape][devices]") {
  const auto base = signals(2, 8, 4, 1);
  simulate::Recording constant(2, 8, 3), moved = base;
  for (double& v : constant.values) v = 2.5;
  for (double& v : moved.values) v = 8 * v + 100;
  const std::vector<TrajectorySet> systems = {
      simulate::own(base, "base"), simulate::own(base, "again"), simulate::own(moved, "moved"),
      simulate::own(signals(2, 8, 6, 2), "other"), simulate::own(constant, "constant")};
  const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
  const auto look = [&](const auto& metric, bool shifts, bool constant_has_none = true) {
    const auto d = pairwise(systems, metric), r = pairwise(*make_backend(1'000'000, 1), reversed, metric, 2);
    CHECK(d(0, 1) == 0);
    if (shifts) CHECK(d(0, 2) <= 2e-6);  // 100 against a range of about 8: rounding of the sum, and roots of it
    for (index_t i = 0; i < 5; ++i) {
      if (constant_has_none) CHECK(d.status(i, 4) == PairStatus::failed);
      for (index_t j = 0; j < 5; ++j) {
        REQUIRE(same_bits(d(i, j), r(4 - i, 4 - j)));
        if (i < 4 && j < 4) CHECK(std::isfinite(d(i, j)));
      }
    }
  };
  for (const Rdm kind : {Rdm::euclidean, Rdm::crossnobis}) {
    for (const RdmComparison c : {RdmComparison::pearson, RdmComparison::kendall, RdmComparison::whitened_pearson}) {
      look(Rsa{.rdm = kind, .comparison = c}, c != RdmComparison::kendall);
    }
  }
  look(Rsa{.rdm = Rdm::cosine, .comparison = RdmComparison::whitened_cosine}, false, false);
  look(DistanceCorrelation{}, true);
  look(DistanceCorrelation{.unbiased = true}, true);
  look(Cka{.estimator = CkaEstimator::lange}, true);
  look(Cka{.centre = false}, false, false);
  look(Procrustes{.centre = false}, false, false);
  // Without centring a constant is a direction as any other, and 0 is none.
  const std::vector<TrajectorySet> with_zero = {systems[0], systems[4],
                                                simulate::own(simulate::Recording(2, 8, 3), "zero")};
  const auto d = pairwise(with_zero, Cka{.centre = false});
  CHECK(std::isfinite(d(0, 1)));
  CHECK(d.status(0, 2) == PairStatus::failed);
}
