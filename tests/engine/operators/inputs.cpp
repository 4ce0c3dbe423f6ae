/// Operators with inputs compared by both matrices.
#include "tests/oracle/representation.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace kindred;

namespace {

using oracle::Real;
using oracle::Rows;

std::vector<double> normals(std::mt19937_64& random, index_t n, double scale) {
  std::vector<double> out;
  for (index_t k = 0; k < n; ++k) out.push_back(scale * std::normal_distribution<double>()(random));
  return out;
}

Operator random_operator(std::mt19937_64& random, index_t states, index_t inputs, const std::string& name) {
  Operator op;
  op.name = name;
  op.size = states;
  op.values = normals(random, states * states, 0.6 / std::sqrt(static_cast<double>(states)));
  op.inputs = inputs;
  op.input_matrix = normals(random, states * inputs, 1);
  return op;
}

Rows matrix(const std::vector<double>& v, index_t columns) {
  return oracle::rows_of(v.data(), v.size() / static_cast<std::size_t>(columns), static_cast<std::size_t>(columns));
}

Rows product(const Rows& a, const Rows& b) { return oracle::cross(oracle::transposed(a), b); }

/// K^T by its definition.
Rows controllability(const Operator& op, index_t horizon) {
  const Rows a = matrix(op.values, op.size), b = matrix(op.input_matrix, op.inputs);
  Rows out = oracle::transposed(b), forward = b, back = b;
  for (index_t h = 1; h < horizon; ++h) {
    forward = product(a, forward), back = product(oracle::transposed(a), back);
    for (const Rows& block : {oracle::transposed(forward), oracle::transposed(back)})
      out.insert(out.end(), block.begin(), block.end());
  }
  return out;
}

Real euclidean(const Rows& x, const Rows& y) {
  const Real squared =
      oracle::squared_norm(x) + oracle::squared_norm(y) - 2 * oracle::nuclear_norm(oracle::cross(x, y));
  return std::sqrt(std::max(Real(0), squared));
}

Real angle(const Rows& x, const Rows& y) {
  return std::acos(std::min(Real(1), oracle::nuclear_norm(oracle::cross(x, y)) /
                                         std::sqrt(oracle::squared_norm(x) * oracle::squared_norm(y))));
}

/// Q A Q^T and Q B for the reflection Q = I - 2 u u^T / u^T u.
Operator reflected(const Operator& op, std::mt19937_64& random) {
  const auto n = static_cast<std::size_t>(op.size);
  const std::vector<double> u = normals(random, op.size, 1);
  double uu = 0;
  for (const double v : u) uu += v * v;
  Rows q(n, std::vector<Real>(n, 0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) q[i][j] = (i == j ? 1 : 0) - 2 * static_cast<Real>(u[i]) * u[j] / uu;
  }
  Operator out = op;
  out.name += " turned";
  const auto flat = [](const Rows& m) {
    std::vector<double> v;
    for (const auto& row : m) v.insert(v.end(), row.begin(), row.end());
    return v;
  };
  out.values = flat(product(product(q, matrix(op.values, op.size)), oracle::transposed(q)));
  out.input_matrix = flat(product(q, matrix(op.input_matrix, op.inputs)));
  return out;
}

OperatorSet set_of(std::vector<Operator> operators) { return operators; }

}  // namespace

TEST_CASE("joint and control distances are the minima, and do not change with a basis", "[inputs]") {
  std::mt19937_64 random(4);
  const Operator a = random_operator(random, 5, 2, "a"), b = random_operator(random, 5, 2, "b"),
                 turned = reflected(a, random);
  Engine engine(Device::cpu());
  for (const index_t horizon : {0, 2}) {
    const index_t powers = horizon == 0 ? 5 : horizon;
    for (const DsaScore score : {DsaScore::angular, DsaScore::euclidean}) {
      const auto joint = engine.pairwise(set_of({a, b, turned}), InputDsa{.score = score, .horizon = horizon});
      const auto control = engine.pairwise(
          set_of({a, b, turned}), InputDsa{.compare = InputComparison::control, .score = score, .horizon = horizon});
      const auto expected = [&](const Rows& x, const Rows& y) {
        return score == DsaScore::angular ? angle(x, y) : euclidean(x, y);
      };
      CAPTURE(horizon, static_cast<int>(score));
      CHECK(std::fabs(joint(0, 1) - expected(controllability(a, powers), controllability(b, powers))) <= 1e-10);
      CHECK(std::fabs(control(0, 1) - expected(controllability(a, 1), controllability(b, 1))) <= 1e-10);
      CHECK(joint(0, 2) <= 1e-13);  // the reference package's residual is far from 0 here
      CHECK(control(0, 2) <= 1e-13);
      CHECK(std::fabs(joint(1, 2) - joint(0, 1)) <= 1e-12);
    }
  }
  for (const InputComparison part : {InputComparison::joint_state, InputComparison::joint_control}) {
    for (const DsaScore score : {DsaScore::angular, DsaScore::euclidean}) {
      const auto d = engine.pairwise(set_of({a, b, turned}), InputDsa{.compare = part, .score = score});
      CHECK(d(0, 2) <= 1e-12);
      CHECK(std::fabs(d(1, 2) - d(0, 1)) <= 1e-11);
      CHECK(d(0, 1) > 0.1);
    }
  }
}

TEST_CASE("operators with one state and one input by hand", "[inputs]") {
  const auto scalar = [](double a, double b, const std::string& name) {
    Operator op;
    op.name = name;
    op.size = op.inputs = 1;
    op.values = {a};
    op.input_matrix = {b};
    return op;
  };
  // K of horizon 2 = b (1, a, a); C is +1 or -1.
  const auto one = scalar(0.5, 2, "one"), other = scalar(-0.5, -1, "other");
  Engine engine(Device::cpu());
  const auto distance = [&](InputComparison compare) {
    return engine.pairwise(set_of({one, other}),
                           InputDsa{.compare = compare, .score = DsaScore::euclidean, .horizon = 2})(0, 1);
  };
  // (2, 1, 1) and (-1, 1/2, 1/2): product -1, so that C = -1 and the distance is |(1, 3/2, 3/2)|.
  CHECK(std::fabs(distance(InputComparison::joint) - std::sqrt(1 + 4.5)) <= 1e-14);
  CHECK(distance(InputComparison::control) == 1);
  CHECK(std::fabs(distance(InputComparison::joint_state) - 1) <= 1e-15);
  CHECK(std::fabs(distance(InputComparison::joint_control) - 1) <= 1e-15);
}

TEST_CASE("operators with inputs: what is refused and what fails", "[inputs]") {
  std::mt19937_64 random(5);
  Engine engine(Device::cpu());
  const Operator a = random_operator(random, 4, 2, "a"), b = random_operator(random, 4, 2, "b");
  Operator none = a, unfitted = a, broken = a, silent = a;
  none.name = "none", none.inputs = 0, none.input_matrix.clear();
  CHECK_THROWS_WITH(engine.pairwise(set_of({a, none}), InputDsa{}), Catch::Contains("'none' has no inputs"));
  CHECK_THROWS_WITH(
      engine.pairwise(set_of({a, random_operator(random, 3, 2, "small")}), InputDsa{}),
      Catch::Contains("'small' has 3 states and 2 inputs, expected 4 states and 2 inputs as in system 'a'"));
  CHECK_THROWS_WITH(engine.pairwise(set_of({a, b}), InputDsa{.horizon = -1}), Catch::Contains("InputDsa::horizon"));
  unfitted.size = 0, unfitted.values.clear(), unfitted.input_matrix.clear();
  broken.values[3] = 1e200;  // its powers overflow
  std::fill(silent.input_matrix.begin(), silent.input_matrix.end(), 0.0);
  for (const InputComparison compare : {InputComparison::joint, InputComparison::control, InputComparison::joint_state,
                                        InputComparison::joint_control}) {
    const auto d = engine.pairwise(set_of({a, b, unfitted, broken, silent, a}), InputDsa{.compare = compare});
    CHECK(std::isfinite(d(0, 1)));
    CHECK(d(0, 5) == 0);
    CHECK(d.status(0, 2) == PairStatus::failed);
    CHECK(d.status(0, 4) == PairStatus::failed);
    if (compare != InputComparison::control) CHECK(d.status(1, 3) == PairStatus::failed);
    CHECK(d(0, 1) == engine.cross(set_of({a}), set_of({b}), InputDsa{.compare = compare})(0, 0));
  }
}
