/// CKA with kernels of distances, squared canonical correlations, and shape metrics that keep the variance.
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

/// The kernel matrix of a recording's samples by its definition.
Rows kernel(const Rows& x, CkaKernel kind, double bandwidth) {
  const std::size_t m = x.size();
  Rows k(m, std::vector<Real>(m, 0));
  std::vector<Real> distances;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      Real square = 0;
      for (std::size_t c = 0; c < x[0].size(); ++c) square += (x[i][c] - x[j][c]) * (x[i][c] - x[j][c]);
      k[i][j] = std::sqrt(square);
      if (i < j) distances.push_back(k[i][j]);
    }
  }
  std::sort(distances.begin(), distances.end());
  const std::size_t half = distances.size() / 2;
  const Real median = distances.size() % 2 == 1 ? distances[half] : (distances[half - 1] + distances[half]) / 2;
  const Real width = bandwidth * median;
  for (auto& row : k) {
    for (Real& v : row) v = kind == CkaKernel::rbf ? std::exp(-v * v / (2 * width * width)) : std::exp(-v / width);
  }
  return k;
}

/// tr(H K H L), entry by entry.
Real biased(const Rows& k, const Rows& l) {
  const auto centre = [](Rows a) {
    a = oracle::centred(oracle::transposed(oracle::centred(a)));
    return a;
  };
  const Rows a = centre(k), b = centre(l);
  Real sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) sum += a[i][j] * b[i][j];
  }
  return sum;
}

/// Song et al. 2012, equation 5, times m (m - 3).
Real unbiased(Rows k, Rows l) {
  const std::size_t m = k.size();
  Real trace = 0, sum_k = 0, sum_l = 0, product = 0;
  for (std::size_t i = 0; i < m; ++i) k[i][i] = l[i][i] = 0;
  for (std::size_t i = 0; i < m; ++i) {
    Real row_k = 0, row_l = 0;
    for (std::size_t j = 0; j < m; ++j) trace += k[i][j] * l[j][i], row_k += k[i][j], row_l += l[i][j];
    sum_k += row_k, sum_l += row_l, product += row_k * row_l;
  }
  const auto n = static_cast<Real>(m);
  return trace + sum_k * sum_l / ((n - 1) * (n - 2)) - 2 * product / (n - 2);
}

Real mean_squared_cca(const Rows& x, const Rows& y) {
  const Rows a = oracle::orthonormal(oracle::centred(x)), b = oracle::orthonormal(oracle::centred(y));
  return oracle::squared_norm(oracle::cross(a, b)) / static_cast<Real>(std::min(a[0].size(), b[0].size()));
}

/// Whitened in part, then brought back to the norm of the centred recording.
Rows whitened_of_same_norm(const Rows& x, double alpha) {
  Rows z = oracle::partially_whitened(x, alpha);
  const Real factor = std::sqrt(oracle::squared_norm(oracle::centred(x)) / oracle::squared_norm(oracle::centred(z)));
  for (auto& row : z) {
    for (Real& v : row) v *= factor;
  }
  return z;
}

/// A recording of these samples, row by row.
TrajectorySet samples_of(const std::string& name, const std::vector<std::vector<double>>& rows) {
  simulate::Recording x(1, std::ssize(rows), std::ssize(rows.front()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy(rows[i].begin(), rows[i].end(), x.at(0, static_cast<index_t>(i)));
  }
  return simulate::own(x, name);
}

/// X with its channels turned in the first plane, shifted and scaled.
TrajectorySet moved(const simulate::Recording& x, double scale) {
  simulate::Recording out = x;
  for (index_t k = 0; k < x.trials; ++k) {
    for (index_t t = 0; t < x.steps; ++t) {
      double* v = out.at(k, t);
      const double a = v[0], b = v[1];
      v[0] = 0.6 * a - 0.8 * b, v[1] = 0.8 * a + 0.6 * b;
      for (index_t c = 0; c < x.channels; ++c) v[c] = scale * v[c] + 3;
    }
  }
  return simulate::own(out, "moved");
}

}  // namespace

TEST_CASE("CKA with kernels of distances agrees with the oracle", "[shape][devices]") {
  const auto systems = collection(1, 14, {2, 7, 5, 20});
  for (const CkaKernel kind : {CkaKernel::rbf, CkaKernel::laplace}) {
    for (const double bandwidth : {0.4, 1.0}) {
      // Entries of a kernel are right to a few eps times |x|^2 / d^2, and 105 of them are added.
      check_pairs(systems, Cka{.kernel = kind, .bandwidth = bandwidth, .score = SimilarityScore::similarity}, 1e-11,
                  [&](const Rows& x, const Rows& y) {
                    const Rows k = kernel(x, kind, bandwidth), l = kernel(y, kind, bandwidth);
                    return biased(k, l) / std::sqrt(biased(k, k) * biased(l, l));
                  });
      check_pairs(systems,
                  Cka{.estimator = CkaEstimator::song,
                      .kernel = kind,
                      .bandwidth = bandwidth,
                      .score = SimilarityScore::similarity},
                  1e-10, [&](const Rows& x, const Rows& y) {
                    const Rows k = kernel(x, kind, bandwidth), l = kernel(y, kind, bandwidth);
                    return unbiased(k, l) / std::sqrt(unbiased(k, k) * unbiased(l, l));
                  });
    }
  }
}

TEST_CASE("CKA with a kernel of three samples by hand", "[shape][devices]") {
  // 0, 1, 2 on a line: distances 1, 2, 1, median 1. K is symmetric under the exchange of the ends, so that (1, 0, -1)
  // and (1, -2, 1) are eigenvectors of H K H: 1 - b and (6 - 8 a + 2 b) / 6, a and b the kernel at 1 and 2. Of three
  // equidistant samples H L H is a multiple of H.
  const std::vector<TrajectorySet> systems = {samples_of("line", {{0}, {1}, {2}}),
                                              samples_of("simplex", {{5, 0, 0}, {0, 5, 0}, {0, 0, 5}}),
                                              samples_of("small simplex", {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}})};
  for (const CkaKernel kind : {CkaKernel::rbf, CkaKernel::laplace}) {
    const double a = kind == CkaKernel::rbf ? std::exp(-0.5) : std::exp(-1.0);
    const double b = std::exp(-2.0);
    const double one = 1 - b, two = (6 - 8 * a + 2 * b) / 6;
    const auto s = pairwise(systems, Cka{.kernel = kind, .score = SimilarityScore::similarity});
    CHECK(std::fabs(s(0, 1) - (one + two) / std::sqrt(2 * (one * one + two * two))) <= 1e-14);
    const auto d = pairwise(systems, Cka{.kernel = kind});
    CHECK(d(1, 2) <= 1e-14);
    CHECK(d(0, 0) == 0);
  }
}

TEST_CASE("what kernels of distances do not see, and what they cannot compare", "[shape][devices]") {
  const auto base = signals(1, 16, 4, 1);
  const auto other = simulate::own(signals(1, 16, 6, 2), "other");
  // Fourteen of sixteen samples are equal, and so are 91 of their 120 pairs: the median distance is 0.
  simulate::Recording equal = base;
  for (index_t t = 0; t < 14; ++t) std::copy_n(base.at(0, 0), 4, equal.at(0, t));
  for (const CkaKernel kind : {CkaKernel::rbf, CkaKernel::laplace}) {
    for (const CkaEstimator estimator : {CkaEstimator::gretton, CkaEstimator::song}) {
      const Cka metric{.estimator = estimator, .kernel = kind};
      const std::vector<TrajectorySet> systems = {simulate::own(base, "base"),
                                                  moved(base, 1e6),
                                                  other,
                                                  simulate::own(base, "again"),
                                                  simulate::own(equal, "equal"),
                                                  simulate::own(simulate::Recording(1, 16, 3), "constant")};
      const auto d = pairwise(systems, metric);
      CHECK(d(0, 1) <= 1e-7);
      CHECK(std::fabs(d(0, 2) - d(1, 2)) <= 1e-12);
      CHECK(d(0, 3) == 0);
      for (const index_t i : {4, 5}) {
        CHECK(d.status(0, i) == PairStatus::failed);
        CHECK(std::isnan(d(i, i)));
      }
      const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
      const auto r = pairwise(*make_backend(0, 1), reversed, metric);
      for (index_t i = 0; i < 6; ++i) {
        for (index_t j = 0; j < 6; ++j) CHECK(same_bits(d(i, j), r(5 - i, 5 - j)));
      }
    }
  }
  const std::vector<TrajectorySet> two = {simulate::own(base, "base"), other};
  CHECK_THROWS_WITH(pairwise(two, Cka{.kernel = CkaKernel::rbf, .bandwidth = 0}),
                    Catch::Contains("Cka::bandwidth is 0"));
}

TEST_CASE("mean squared canonical correlations agree with the oracle", "[shape][devices]") {
  const auto systems = collection(3, 40, {2, 7, 5, 26, 7});
  const Cca metric{.squared = true, .score = SimilarityScore::similarity};
  check_pairs(systems, metric, 1e-10, mean_squared_cca);
  check_pairs(systems, Cca{.squared = true}, 1e-7,
              [](const Rows& x, const Rows& y) { return std::acos(std::min(Real(1), mean_squared_cca(x, y))); });
  Cca single = metric;
  single.precision = ProductPrecision::f32;
  const auto d = pairwise(systems, metric), f = pairwise(systems, single);
  for (index_t i = 0; i < 5; ++i) {
    CHECK(d(i, i) == 1);
    for (index_t j = 0; j < 5; ++j) CHECK(std::fabs(d(i, j) - f(i, j)) <= 1e-4);
  }
}

TEST_CASE("squared canonical correlations by hand, of maps and of nothing", "[shape][devices]") {
  // Columns (1, -1, 1, -1) and (1, 1, -1, -1); the second system has the first of them turned by 60 degrees out of
  // their plane, towards (1, -1, -1, 1): correlations 1 and 1/2, their squares' mean 5/8.
  const double c = 0.5, s = std::sqrt(0.75);
  const std::vector<TrajectorySet> systems = {
      samples_of("two", {{1, 1}, {-1, 1}, {1, -1}, {-1, -1}}),
      samples_of("turned", {{c + s, 1}, {-c - s, 1}, {c - s, -1}, {s - c, -1}}),
      samples_of("mapped", {{3, 5}, {1, 1}, {-1, -1}, {-3, -5}}),  // x -> (x1 + 2 x2, 2 x1 + 3 x2)
      samples_of("constant", {{1, 1}, {1, 1}, {1, 1}, {1, 1}})};
  const auto found = pairwise(systems, Cca{.squared = true, .score = SimilarityScore::similarity});
  CHECK(std::fabs(found(0, 1) - 0.625) <= 1e-14);
  const auto d = pairwise(systems, Cca{.squared = true});
  CHECK(d(0, 2) <= 1e-14);
  CHECK(d(0, 0) == 0);
  CHECK(d.status(0, 3) == PairStatus::failed);
  CHECK(std::isnan(d(3, 3)));
}

TEST_CASE("shape metrics that keep the variance agree with the oracle", "[shape][devices]") {
  const auto systems = collection(3, 40, {2, 7, 5, 7});
  for (const double alpha : {0.0, 0.3, 1.0}) {
    const Shape metric{.alpha = alpha, .preserve_variance = true, .score = ProcrustesScore::euclidean};
    // eps times the condition of the signals, times a few hundred terms, of the norms.
    check_pairs(systems, metric, 1e-10, [alpha](const Rows& x, const Rows& y) {
      return std::sqrt(oracle::procrustes_squared(whitened_of_same_norm(x, alpha), whitened_of_same_norm(y, alpha)));
    });
    // Angles do not depend on size.
    const auto with = pairwise(systems, Shape{.alpha = alpha, .preserve_variance = true}),
               without = pairwise(systems, Shape{.alpha = alpha});
    for (index_t i = 0; i < 4; ++i) {
      for (index_t j = 0; j < 4; ++j) CHECK(std::fabs(with(i, j) - without(i, j)) <= 1e-9);
    }
  }
}

TEST_CASE("a whitened recording that keeps its variance keeps its size", "[shape][devices]") {
  // Whitened, X and its copy of three times the size are alike; brought back, their norms are |X| and 3 |X|.
  const auto base = signals(2, 30, 4, 1);
  const std::vector<TrajectorySet> systems = {simulate::own(base, "base"), moved(base, 3)};
  const double norm = std::sqrt(static_cast<double>(oracle::squared_norm(oracle::centred(rows_of(systems[0])))));
  const auto d = pairwise(systems, Shape{.alpha = 0, .preserve_variance = true, .score = ProcrustesScore::euclidean});
  CHECK(std::fabs(d(0, 1) - 2 * norm) <= 1e-11 * norm);
  const auto plain = pairwise(systems, Shape{.alpha = 0, .score = ProcrustesScore::euclidean});
  CHECK(plain(0, 1) <= 1e-11);
}
