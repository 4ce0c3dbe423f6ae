/// Regression on the directions of one recording that covary most with another.
#include "tests/oracle/eigen.hpp"
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

using namespace oracle;

/// Squared error of PLS2 on other samples, by deflation of X and Y (NIPALS with the leading singular vector found
/// exactly).
Real pls_error(const Rows& x, const Rows& y, const Rows& test_x, const Rows& test_y, std::size_t components) {
  const auto mean_x = means(x), mean_y = means(y);
  Rows a = oracle::centred(x), b = oracle::centred(y), p = test_x, q = test_y;
  const auto subtract = [](Rows& rows, const std::vector<Real>& mean) {
    for (auto& row : rows) {
      for (std::size_t c = 0; c < row.size(); ++c) row[c] -= mean[c];
    }
  };
  subtract(p, mean_x);
  subtract(q, mean_y);
  const auto along = [](const Rows& rows, const std::vector<Real>& w) {
    std::vector<Real> out;
    for (const auto& row : rows) {
      Real sum = 0;
      for (std::size_t c = 0; c < w.size(); ++c) sum += row[c] * w[c];
      out.push_back(sum);
    }
    return out;
  };
  const auto take_off = [](Rows& rows, const std::vector<Real>& t, const std::vector<Real>& loading) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t c = 0; c < loading.size(); ++c) rows[i][c] -= t[i] * loading[c];
    }
  };
  for (std::size_t k = 0; k < components; ++k) {
    const Rows m = oracle::cross(a, b);
    const auto [values, vectors] = eigen(product(m, oracle::transposed(m)));
    const auto best = static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
    std::vector<Real> w;
    for (const auto& row : vectors) w.push_back(row[best]);
    const std::vector<Real> t = along(a, w), other = along(p, w);
    Real square = 0;
    for (const Real v : t) square += v * v;
    const auto loading = [&](const Rows& rows) {
      std::vector<Real> out(rows[0].size(), 0);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t c = 0; c < out.size(); ++c) out[c] += rows[i][c] * t[i] / square;
      }
      return out;
    };
    const std::vector<Real> of_x = loading(a), of_y = loading(b);
    take_off(a, t, of_x);
    take_off(b, t, of_y);
    take_off(p, other, of_x);
    take_off(q, other, of_y);
  }
  return oracle::squared_norm(q);
}

Real pls(const Rows& x, const Rows& y, const Rows& test_x, const Rows& test_y, std::size_t components) {
  return 1 - pls_error(x, y, test_x, test_y, components) / oracle::squared_norm(oracle::centred(test_y));
}

}  // namespace

TEST_CASE("partial least squares agrees with the oracle", "[shape][devices]") {
  auto systems = collection(2, 25, {2, 5, 3});
  systems.push_back(simulate::own(low_rank_signals(2, 25, 6, 2, 4), "rank 2"));
  for (const index_t components : {1, 2, 3, 25}) {
    const LinearRegression both{.score = RegressionScore::similarity, .pls_components = components};
    LinearRegression forward = both, back = both, folds = both;
    forward.direction = Direction::forward, back.direction = Direction::back;
    folds.direction = Direction::forward, folds.folds = 2;
    const auto s = pairwise(systems, both), f = cross(systems, systems, forward), b = cross(systems, systems, back),
               v = cross(systems, systems, folds);
    for (index_t i = 0; i < 4; ++i) {
      CHECK(s(i, i) == 1);
      for (index_t j = 0; j < 4; ++j) {
        const auto x = rows_of(systems[static_cast<std::size_t>(i)]), y = rows_of(systems[static_cast<std::size_t>(j)]);
        CAPTURE(components, i, j);
        // Beyond the numerical rank of the predictors there is nothing but rounding.
        const auto count = static_cast<std::size_t>(std::min<index_t>(components, i == 3 ? 2 : std::ssize(x[0])));
        REQUIRE(std::fabs(f(i, j) - pls(x, y, x, y, count)) <= 1e-10);
        REQUIRE(std::fabs(b(i, j) - f(j, i)) <= 1e-12);
        if (i != j) REQUIRE(std::fabs(s(i, j) - (f(i, j) + f(j, i)) / 2) <= 1e-12);
        if (i == j || i == 3 || components == 25) continue;
        Real error = 0;
        const Real whole = oracle::squared_norm(oracle::centred(y));
        for (const std::size_t first : {std::size_t{0}, std::size_t{25}}) {
          const Rows test_x(x.begin() + static_cast<std::ptrdiff_t>(first),
                            x.begin() + static_cast<std::ptrdiff_t>(first) + 25),
              test_y(y.begin() + static_cast<std::ptrdiff_t>(first),
                     y.begin() + static_cast<std::ptrdiff_t>(first) + 25);
          const std::size_t other = 25 - first;
          const Rows train_x(x.begin() + static_cast<std::ptrdiff_t>(other),
                             x.begin() + static_cast<std::ptrdiff_t>(other) + 25),
              train_y(y.begin() + static_cast<std::ptrdiff_t>(other),
                      y.begin() + static_cast<std::ptrdiff_t>(other) + 25);
          error += pls_error(train_x, train_y, test_x, test_y, count);
        }
        REQUIRE(std::fabs(v(i, j) - (1 - error / whole)) <= 1e-10 * (1 + error / whole));
      }
    }
  }
  // With all components it is least squares.
  CHECK(std::fabs(pairwise(systems, LinearRegression{.pls_components = 25})(0, 1) -
                  pairwise(systems, LinearRegression{})(0, 1)) <= 1e-11);
  CHECK_THROWS_WITH(pairwise(systems, LinearRegression{.penalty = 1, .pls_components = 2}),
                    Catch::Contains("LinearRegression::pls_components"));
  // Constant, orthogonal and equal recordings.
  simulate::Recording sine(1, 64, 1), cosine(1, 64, 1), constant(1, 64, 2);
  for (index_t t = 0; t < 64; ++t) {
    sine.at(0, t)[0] = std::sin(0.09817477042468103 * static_cast<double>(t));  // one period
    cosine.at(0, t)[0] = std::cos(0.09817477042468103 * static_cast<double>(t));
  }
  const std::vector<TrajectorySet> few = {simulate::own(sine, "sine"), simulate::own(cosine, "cosine"),
                                          simulate::own(sine, "again"), simulate::own(constant, "constant")};
  const auto d = pairwise(few, LinearRegression{.pls_components = 1});
  CHECK(std::fabs(d(0, 1) - 1) <= 1e-14);
  CHECK(std::fabs(d(0, 2)) <= 1e-14);
  CHECK(d.status(0, 3) == PairStatus::failed);
}
