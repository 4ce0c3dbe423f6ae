/// Comparisons with a direction or a fit: projection weighted CCA, ridge and one-way regression, Procrustes and shape
/// metrics scored on samples that they were not fitted to.
#include "tests/oracle/eigen.hpp"
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

using namespace oracle;

/// Canonical correlations weighted by what X's channels have of X's variates.
Real pwcca(const Rows& x, const Rows& y, bool squared) {
  const Rows a = oracle::centred(x), u = oracle::orthonormal(a), w = oracle::orthonormal(oracle::centred(y));
  const Rows m = oracle::cross(u, w);
  const auto [squares, p] = eigen(product(m, oracle::transposed(m)));
  const Rows h = product(u, p), projections = oracle::cross(h, a);
  // The first min(p, q) variates: those of the largest correlations.
  std::vector<std::pair<Real, Real>> variates;
  for (std::size_t i = 0; i < squares.size(); ++i) {
    Real weight = 0;
    for (const Real v : projections[i]) weight += std::abs(v);
    variates.emplace_back(std::sqrt(std::max(Real(0), squares[i])), weight);
  }
  std::sort(variates.rbegin(), variates.rend());
  variates.resize(std::min(a[0].size(), y[0].size()));
  Real sum = 0, total = 0;
  for (const auto& [rho, weight] : variates) sum += weight * (squared ? rho * rho : rho), total += weight;
  return sum / total;
}

/// R^2 of Y from X with a penalty: the normal equations of X with rows sqrt(lambda) I below it.
Real ridge(const Rows& x, const Rows& y, Real lambda) {
  const Rows a = oracle::centred(x), b = oracle::centred(y);
  Rows below = a, beside = b;
  for (std::size_t i = 0; i < a[0].size(); ++i) {
    below.emplace_back(a[0].size(), 0);
    below.back()[i] = std::sqrt(lambda);
    beside.emplace_back(b[0].size(), 0);
  }
  const Rows predicted = product(a, oracle::least_squares(below, beside));
  Rows error = b;
  for (std::size_t i = 0; i < error.size(); ++i) {
    for (std::size_t j = 0; j < error[i].size(); ++j) error[i][j] -= predicted[i][j];
  }
  return 1 - oracle::squared_norm(error) / oracle::squared_norm(b);
}

/// A whitening's matrix, alpha + (1 - alpha) (X^T X)^(-1/2).
Rows whitening(const Rows& centred, Real alpha) {
  const auto [values, v] = eigen(oracle::cross(centred, centred));
  Rows scaled = v;
  for (auto& row : scaled) {
    for (std::size_t k = 0; k < row.size(); ++k) row[k] *= alpha + (1 - alpha) / std::sqrt(values[k]);
  }
  return product(scaled, oracle::transposed(v));
}

struct Folded {
  Real product = 0, xx = 0, yy = 0;
};

/// Fit on the samples outside each fold, score on those inside, with the polar factor from eigenvectors of
/// M^T M (p >= q).
Folded folded(Rows x, Rows y, std::vector<std::size_t> starts, Real alpha, bool centre) {
  if (x[0].size() < y[0].size()) std::swap(x, y);
  starts.push_back(x.size());
  Folded out;
  for (std::size_t v = 0; v + 1 < starts.size(); ++v) {
    const auto divided = [&](const Rows& z) {
      Rows train, test;
      for (std::size_t i = 0; i < z.size(); ++i) (i >= starts[v] && i < starts[v + 1] ? test : train).push_back(z[i]);
      if (centre) {
        const auto mean = means(train);
        for (auto* part : {&train, &test}) {
          for (auto& row : *part) {
            for (std::size_t c = 0; c < row.size(); ++c) row[c] -= mean[c];
          }
        }
      }
      const Rows map = whitening(train, alpha);
      return std::pair(product(train, map), product(test, map));
    };
    const auto [x_train, x_test] = divided(x);
    const auto [y_train, y_test] = divided(y);
    const Rows m = oracle::cross(x_train, y_train);
    const auto [squares, w] = eigen(oracle::cross(m, m));
    Rows scaled = w;
    for (auto& row : scaled) {
      for (std::size_t k = 0; k < row.size(); ++k) row[k] /= std::sqrt(squares[k]);
    }
    const Rows rotation = product(product(m, scaled), oracle::transposed(w));  // M (M^T M)^(-1/2), p x q
    const Rows turned = product(y_test, oracle::transposed(rotation));
    for (std::size_t i = 0; i < x_test.size(); ++i) {
      for (std::size_t c = 0; c < x_test[i].size(); ++c) out.product += x_test[i][c] * turned[i][c];
    }
    out.xx += oracle::squared_norm(x_test), out.yy += oracle::squared_norm(y_test);
  }
  return out;
}

}  // namespace

TEST_CASE("projection weighted CCA agrees with the oracle", "[shape][devices]") {
  const auto systems = collection(2, 25, {2, 5, 3, 5});
  for (const bool squared : {false, true}) {
    const Cca both{.weights = CcaWeights::projection, .squared = squared, .score = SimilarityScore::similarity};
    Cca forward = both, back = both;
    forward.direction = Direction::forward, back.direction = Direction::back;
    const auto s = pairwise(systems, both), f = cross(systems, systems, forward), b = cross(systems, systems, back);
    for (index_t i = 0; i < 4; ++i) {
      CHECK(s(i, i) == 1);
      for (index_t j = 0; j < 4; ++j) {
        if (i == j) continue;
        const auto x = rows_of(systems[static_cast<std::size_t>(i)]), y = rows_of(systems[static_cast<std::size_t>(j)]);
        const Real expected = pwcca(x, y, squared);
        CAPTURE(i, j, static_cast<double>(expected));
        REQUIRE(std::fabs(f(i, j) - expected) <= 1e-10);
        REQUIRE(same_bits(b(i, j), f(j, i)));
        REQUIRE(std::fabs(s(i, j) - (f(i, j) + f(j, i)) / 2) <= 1e-15);
      }
    }
  }
  CHECK_THROWS_WITH(pairwise(systems, Cca{.weights = CcaWeights::projection, .direction = Direction::forward}),
                    Catch::Contains("Cca::direction"));
  // A direction of uniform weights is none.
  CHECK_NOTHROW(pairwise(systems, Cca{.direction = Direction::forward}));
}

TEST_CASE("canonical correlations of a fixed number of components", "[shape][devices]") {
  const auto systems = collection(2, 30, {6, 9, 4});
  // Two components each: those of the recording's own principal directions, through preprocessing by the oracle's
  // eigenvectors.
  const auto reduced = [](const Rows& x) {
    const Rows a = oracle::centred(x);
    const auto [values, v] = eigen(oracle::cross(a, a));
    std::vector<std::pair<Real, std::size_t>> order;
    for (std::size_t k = 0; k < values.size(); ++k) order.emplace_back(-values[k], k);
    std::sort(order.begin(), order.end());
    Rows leading(v.size());
    for (std::size_t c = 0; c < v.size(); ++c) leading[c] = {v[c][order[0].second], v[c][order[1].second]};
    return product(a, leading);
  };
  const auto s = pairwise(systems, Cca{.dimensions = 2, .score = SimilarityScore::similarity});
  for (index_t i = 0; i < 3; ++i) {
    for (index_t j = i + 1; j < 3; ++j) {
      const Real expected = oracle::mean_cca(reduced(rows_of(systems[static_cast<std::size_t>(i)])),
                                             reduced(rows_of(systems[static_cast<std::size_t>(j)])));
      CHECK(std::fabs(s(i, j) - expected) <= 1e-10);
    }
  }
}

TEST_CASE("ridge regression and its directions agree with the oracle", "[shape][devices]") {
  const auto systems = collection(2, 25, {2, 5, 3});
  for (const double penalty : {0.0, 1.0, 400.0}) {
    const LinearRegression both{.score = RegressionScore::similarity, .penalty = penalty};
    LinearRegression forward = both, back = both;
    forward.direction = Direction::forward, back.direction = Direction::back;
    const auto s = pairwise(systems, both), f = cross(systems, systems, forward), b = cross(systems, systems, back);
    for (index_t i = 0; i < 3; ++i) {
      for (index_t j = 0; j < 3; ++j) {
        if (i == j) continue;
        const auto x = rows_of(systems[static_cast<std::size_t>(i)]), y = rows_of(systems[static_cast<std::size_t>(j)]);
        CAPTURE(penalty, i, j);
        REQUIRE(std::fabs(f(i, j) - ridge(x, y, penalty)) <= 1e-11);
        REQUIRE(std::fabs(b(i, j) - f(j, i)) <= 1e-14);
        REQUIRE(std::fabs(s(i, j) - (f(i, j) + f(j, i)) / 2) <= 1e-14);
      }
    }
  }
  // In folds, with a penalty: as without one but for the coefficients.
  const LinearRegression folds{
      .score = RegressionScore::similarity, .direction = Direction::forward, .penalty = 50, .folds = 2};
  const auto got = cross(systems, systems, folds);
  const auto x = rows_of(systems[0]), y = rows_of(systems[1]);
  Real error = 0;
  for (const std::size_t first : {std::size_t{0}, std::size_t{25}}) {
    Rows train_x, train_y;
    for (std::size_t k = 0; k < 50; ++k) {
      if (k < first || k >= first + 25) train_x.push_back(x[k]), train_y.push_back(y[k]);
    }
    const auto mean_x = means(train_x), mean_y = means(train_y);
    Rows a = oracle::centred(train_x), b = oracle::centred(train_y);
    for (std::size_t i = 0; i < 2; ++i) {
      a.emplace_back(2, 0);
      a.back()[i] = std::sqrt(Real(50));
      b.emplace_back(5, 0);
    }
    const Rows coefficients = oracle::least_squares(a, b);
    for (std::size_t k = first; k < first + 25; ++k) {
      for (std::size_t j = 0; j < 5; ++j) {
        Real e = y[k][j] - mean_y[j];
        for (std::size_t i = 0; i < 2; ++i) e -= (x[k][i] - mean_x[i]) * coefficients[i][j];
        error += e * e;
      }
    }
  }
  CHECK(std::fabs(got(0, 1) - (1 - error / oracle::squared_norm(oracle::centred(y)))) <= 1e-11);
  CHECK_THROWS_WITH(pairwise(systems, LinearRegression{.direction = Direction::back}),
                    Catch::Contains("LinearRegression::direction"));
  CHECK_THROWS_WITH(pairwise(systems, LinearRegression{.penalty = -1}), Catch::Contains("LinearRegression::penalty"));
}

TEST_CASE("Procrustes and shape metrics scored on other samples agree with the oracle", "[shape][devices]") {
  const auto systems = collection(3, 14, {2, 5, 3, 5});
  const auto look = [&](const Shape& metric, const std::vector<std::size_t>& starts) {
    Shape similarity = metric, euclidean = metric;
    similarity.score = ProcrustesScore::similarity, euclidean.score = ProcrustesScore::euclidean;
    const auto d = pairwise(systems, metric), s = pairwise(systems, similarity), e = pairwise(systems, euclidean);
    const auto across = cross(systems, systems, metric);
    for (index_t i = 0; i < 4; ++i) {
      CHECK(d(i, i) == 0);
      for (index_t j = 0; j < 4; ++j) {
        REQUIRE(same_bits(d(i, j), across(i, j)));
        REQUIRE(same_bits(d(i, j), d(j, i)));
        if (j <= i) continue;
        const Folded f = folded(rows_of(systems[static_cast<std::size_t>(i)]),
                                rows_of(systems[static_cast<std::size_t>(j)]), starts, metric.alpha, metric.centre);
        const Real expected = f.product / std::sqrt(f.xx * f.yy), squared = f.xx + f.yy - 2 * f.product;
        CAPTURE(metric.alpha, i, j, static_cast<double>(expected));
        REQUIRE(std::fabs(s(i, j) - expected) <= 1e-10);
        REQUIRE(std::fabs(d(i, j) - std::acos(expected)) <= 1e-9);
        REQUIRE(std::fabs(e(i, j) - std::sqrt(squared)) <= 1e-9 * std::sqrt(squared));
      }
    }
  };
  for (const double alpha : {1.0, 0.3, 0.0}) {
    look(Shape{.alpha = alpha, .folds = 3, .fold_by = FoldBy::trials}, {0, 14, 28});
    look(Shape{.alpha = alpha, .centre = false, .folds = 4}, {0, 11, 22, 32});
  }
  // Procrustes is the shape metric of alpha = 1.
  const auto p = pairwise(systems, Procrustes{.folds = 3}), q = pairwise(systems, Shape{.folds = 3});
  for (index_t i = 0; i < 4; ++i) {
    for (index_t j = 0; j < 4; ++j) CHECK(same_bits(p(i, j), q(i, j)));
  }
}

TEST_CASE("held-out Procrustes: a rotation carries over, chance does not, memory and order change nothing",
          "[shape][devices]") {
  const auto base = signals(2, 30, 4, 1);
  simulate::Recording turned = base, constant(2, 30, 3), late(2, 30, 2), line(2, 30, 4);
  for (index_t k = 0; k < 2; ++k) {
    for (index_t t = 0; t < 30; ++t) {
      double* v = turned.at(k, t);
      const double a = v[0], b = v[1];
      v[0] = 0.6 * a - 0.8 * b + 5, v[1] = 0.8 * a + 0.6 * b;
      for (index_t c = 0; c < 4; ++c) line.at(k, t)[c] = static_cast<double>(c + 1) * base.at(k, t)[0];
    }
  }
  for (index_t t = 15; t < 30; ++t) late.at(1, t)[0] = std::sin(static_cast<double>(t));
  const std::vector<TrajectorySet> systems = {
      simulate::own(base, "base"),        simulate::own(turned, "turned"), simulate::own(signals(2, 30, 7, 2), "other"),
      simulate::own(base, "again"),       simulate::own(line, "line"),     simulate::own(late, "late"),
      simulate::own(constant, "constant")};
  const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
  for (const double alpha : {1.0, 0.4}) {
    const Shape metric{.alpha = alpha, .folds = 4};
    const auto d = pairwise(systems, metric), r = pairwise(*make_backend(0, 1), reversed, metric, 3);
    CHECK(d(0, 1) <= 1e-7);
    CHECK(std::fabs(d(0, 2) - d(1, 2)) <= 1e-9);
    CHECK(d(0, 3) == 0);
    for (index_t i = 0; i < 7; ++i) {
      CHECK(d.status(i, 6) == PairStatus::failed);
      for (index_t j = 0; j < 7; ++j) REQUIRE(same_bits(d(i, j), r(6 - i, 6 - j)));
      for (index_t j = 0; j < 5; ++j) CHECK((i > 4 || std::isfinite(d(i, j))));
    }
    // It varies in one fold alone, and cannot be fitted to the others.
    CHECK(d.status(0, 5) == PairStatus::failed);
  }
  CHECK_THROWS_WITH(pairwise(systems, Procrustes{.folds = 1}), Catch::Contains("Procrustes::folds"));
  CHECK_THROWS_WITH(pairwise(systems, Shape{.folds = 61}), Catch::Contains("(Shape::folds)"));
}
