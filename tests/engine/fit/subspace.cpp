/// Subspace identification: planted systems of which the channels show a part, and least squares in long double.
#include "tests/oracle/regression.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>

using namespace kindred;
using namespace kindred::test;
using Catch::Contains;
using oracle::Matrix;
using oracle::real;

namespace {

constexpr std::size_t states = 4, channels = 1, inputs = 2;

/// Two damped rotations behind one channel, driven by two inputs; trials of different length.
struct Planted {
  Matrix a{states, states}, b{states, inputs}, c{channels, states};
  std::vector<std::vector<double>> y, u;
  TrajectorySet set;

  Planted(const std::vector<std::size_t>& steps, bool driven, double noise) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    const double size[] = {0.97, 0.9}, angle[] = {0.3, 1.1};
    for (std::size_t k = 0; k < 2; ++k) {
      a(2 * k, 2 * k) = a(2 * k + 1, 2 * k + 1) = size[k] * std::cos(angle[k]);
      a(2 * k, 2 * k + 1) = -(a(2 * k + 1, 2 * k) = size[k] * std::sin(angle[k]));
    }
    for (real& v : b.values) v = driven ? normal(random) : 0;
    for (real& v : c.values) v = normal(random);
    std::vector<TrialView<double>> out, in;
    for (const std::size_t n : steps) {
      auto &outputs = y.emplace_back(n), &given = u.emplace_back(n * inputs);
      std::vector<double> x(states);
      for (double& v : x) v = normal(random);
      for (double& v : given) v = normal(random);
      for (std::size_t t = 0; t < n; ++t) {
        std::vector<double> next(states, 0.0);
        for (std::size_t i = 0; i < states; ++i) {
          outputs[t] += static_cast<double>(c(0, i)) * x[i];
          for (std::size_t j = 0; j < states; ++j) next[i] += static_cast<double>(a(i, j)) * x[j];
          for (std::size_t j = 0; j < inputs; ++j) next[i] += static_cast<double>(b(i, j)) * given[t * inputs + j];
        }
        outputs[t] += noise * normal(random);
        x = next;
      }
    }
    for (std::size_t k = 0; k < steps.size(); ++k) {
      out.push_back({y[k].data(), static_cast<index_t>(steps[k]), 1, 1, 1});
      in.push_back({u[k].data(), static_cast<index_t>(steps[k]), inputs, inputs, 1});
    }
    set.name = "a";
    set.trials = out;
    if (driven) set.inputs = in;
  }
};

/// C A^k B for k = 0, ..., 5, the response to an impulse, which no basis changes.
Matrix response(const Matrix& a, Matrix b, const Matrix& c) {
  Matrix out(6, c.rows * b.columns);
  for (std::size_t k = 0; k < 6; ++k) {
    const Matrix block = oracle::multiply(c, b);
    std::copy(block.values.begin(), block.values.end(),
              out.values.begin() + static_cast<std::ptrdiff_t>(k * out.columns));
    b = oracle::multiply(a, b);
  }
  return out;
}

Matrix of(std::size_t rows, const std::vector<double>& values) {
  Matrix out(rows, values.size() / rows);
  std::copy(values.begin(), values.end(), out.values.begin());
  return out;
}

double largest_difference(const Matrix& x, const Matrix& y) {
  real worst = 0, scale = 0;
  REQUIRE(x.values.size() == y.values.size());
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const real d = std::abs(x.values[i] - y.values[i]);
    worst = d <= worst ? worst : d;  // a NaN stays
    scale = std::max(scale, std::abs(y.values[i]));
  }
  return static_cast<double>(worst / scale);
}

/// A, B, C by normal equations: rows [U_f, Z] explain Y_f; O is the part of Z, or of Z without what U_f explains.
struct Oracle {
  Matrix a, b, c;

  Oracle(const Planted& p, std::size_t d, std::size_t rank, bool oblique) {
    std::vector<std::vector<real>> future, past, later, now;
    std::vector<bool> has_next;
    for (std::size_t k = 0; k < p.y.size(); ++k) {
      const std::size_t rows = p.y[k].size() - 2 * d + 1;
      for (std::size_t j = 0; j < rows; ++j) {
        auto &f = future.emplace_back(), &z = past.emplace_back(), &l = later.emplace_back(), &n = now.emplace_back();
        for (std::size_t i = 0; i < d * inputs; ++i) {
          f.push_back(p.u[k][(j + d) * inputs + i]);
          z.push_back(p.u[k][j * inputs + i]);
        }
        for (std::size_t i = 0; i < d; ++i) z.push_back(p.y[k][j + i]);
        for (std::size_t i = 0; i < d; ++i) l.push_back(p.y[k][j + d + i]);
        for (std::size_t i = 0; i < inputs; ++i) n.push_back(p.u[k][(j + d) * inputs + i]);
        has_next.push_back(j + 1 < rows);
      }
    }
    const Matrix u = matrix(future), z = matrix(past), y = matrix(later), in = matrix(now);
    const Matrix projected = off(z, u);
    const Matrix k = oracle::regress(projected, off(y, u), 0);  // Z to Y_f, given U_f
    const Matrix o = oracle::multiply(oblique ? z : projected, k);
    const Matrix v = oracle::columns_of(oracle::left_svd(oracle::multiply(oracle::transpose(o), o)).second, rank);
    const Matrix x = oracle::multiply(z, oracle::multiply(k, v));
    Matrix left(0, rank + inputs), right(0, rank);
    for (std::size_t i = 0; i < x.rows; ++i) {
      if (!has_next[i]) continue;
      for (std::size_t j = 0; j < rank; ++j) left.values.push_back(x(i, j));
      for (std::size_t j = 0; j < inputs; ++j) left.values.push_back(in(i, j));
      for (std::size_t j = 0; j < rank; ++j) right.values.push_back(x(i + 1, j));
      ++left.rows, ++right.rows;
    }
    const Matrix ab = oracle::transpose(oracle::regress(left, right, 0));
    a = Matrix(rank, rank), b = Matrix(rank, inputs), c = Matrix(channels, rank);
    for (std::size_t i = 0; i < rank; ++i) {
      for (std::size_t j = 0; j < rank; ++j) a(i, j) = ab(i, j);
      for (std::size_t j = 0; j < inputs; ++j) b(i, j) = ab(i, rank + j);
      c(0, i) = v(0, i);
    }
  }

  static Matrix matrix(const std::vector<std::vector<real>>& rows) {
    Matrix out(rows.size(), rows[0].size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < out.columns; ++j) out(i, j) = rows[i][j];
    }
    return out;
  }
  /// Rows of y without what those of u explain.
  static Matrix off(Matrix y, const Matrix& u) {
    const Matrix explained = oracle::multiply(u, oracle::regress(u, y, 0));
    for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] -= explained.values[i];
    return y;
  }
};

}  // namespace

TEST_CASE("a system of which one channel is seen is recovered from trials of different length",
          "[fit][subspace][devices]") {
  const Regression regression = GENERATE(Regression::n4sid, Regression::projected_subspace);
  const bool driven = GENERATE(true, false);
  const Planted p({70, 45, 90}, driven, 0);
  Engine engine(device());
  const Dmd dmd{.delays = 8, .rank = 4, .regression = regression};
  const Operator op = engine.fit(std::vector{p.set}, dmd)[0];
  INFO(op.facts.detail);
  REQUIRE(op.facts.status == FitStatus::ok);
  CHECK(op.facts.numerical_rank == 4);
  CHECK((op.facts.rows == 70 + 45 + 90 - 3 * 15 && op.facts.columns == 8));
  const auto found = eigenvalues(op);
  // Rounding of conditions of about 1e3, and the ridge of 1e-8.
  const std::complex<double> expected[] = {std::polar(0.97, 0.3), std::polar(0.97, -0.3), std::polar(0.9, 1.1),
                                           std::polar(0.9, -1.1)};
  for (std::size_t k = 0; k < states; ++k) CHECK(std::abs(found[k].value - expected[k]) <= 1e-6);
  CHECK(op.facts.residual <= 1e-6);
  REQUIRE((op.outputs == 1 && op.output_matrix.size() == 4));
  CHECK(op.inputs == (driven ? 2 : 0));
  if (!driven) return;
  CHECK(largest_difference(response(of(4, op.values), of(4, op.input_matrix), of(1, op.output_matrix)),
                           response(p.a, p.b, p.c)) <= 1e-6);
  // Ranks from one factorisation, and the numerical rank by itself.
  const auto several = engine.fit(std::vector{p.set}, dmd, std::vector<index_t>{2, 4});
  CHECK(several[1][0].values == op.values);
  CHECK(several[0][0].size == 2);
  CHECK(engine.fit(std::vector{p.set}, Dmd{.delays = 8, .regression = regression})[0].size == 4);
}

TEST_CASE("subspace identification of noisy data is least squares in long double", "[fit][subspace][devices]") {
  const Regression regression = GENERATE(Regression::n4sid, Regression::projected_subspace);
  const Planted p({60, 50}, true, 0.1);
  const Operator op =
      Engine(device()).fit(std::vector{p.set}, Dmd{.delays = 5, .rank = 3, .ridge = 0, .regression = regression})[0];
  const Oracle expected(p, 5, 3, regression == Regression::n4sid);
  // Normal equations of conditions below 1e4 in long double; the states' moments in double: 1e-10 leaves a factor
  // of 100.
  CHECK(largest_difference(response(of(3, op.values), of(3, op.input_matrix), of(1, op.output_matrix)),
                           response(expected.a, expected.b, expected.c)) <= 1e-10);
}

TEST_CASE("windows that are too short, and what has no place with windows, are refused", "[fit][subspace]") {
  const Planted p({40}, true, 0.1);
  Engine engine(device());
  const auto refused = [&](const Dmd& dmd, const std::string& text) {
    CHECK_THROWS_WITH(engine.fit(std::vector{p.set}, dmd), Contains(text));
  };
  refused({.delays = 20, .rank = 2, .regression = Regression::n4sid},
          "system 'a', trial 0: 40 steps are too few for windows of 20 steps before and after each, which need 41; the "
          "largest number of delays that fits is 19");
  refused({.delays = 10, .rank = 2, .regression = Regression::n4sid},
          "21 windows do not determine 50 coefficients (10 delays of 1 channels and of inputs before and after)");
  refused({.delays = 3, .rank = 4, .regression = Regression::n4sid}, "rank 4 exceeds the 3 columns of system 'a'");
  refused({.delays = 3, .interval = 2, .rank = 2, .regression = Regression::projected_subspace}, "Dmd::interval is 2");
  CHECK_THROWS_WITH(
      engine.eigenfunctions(std::vector{p.set}, {.delays = 3, .rank = 2, .regression = Regression::n4sid}),
      Contains("subspace identification"));
}
