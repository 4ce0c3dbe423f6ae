#pragma once
/// Random operators and changes of basis, for tests of comparisons.
#include "host/engine/operators/pavf_align.hpp"
#include "host/engine/operators/pavf_scorer.hpp"
#include "tests/support/devices.hpp"

#include <kindred/dmd.hpp>

#include <Eigen/Dense>

#include <random>
#include <string>
#include <vector>

namespace kindred::test {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// r x r of standard normal draws.
inline Matrix gaussian(index_t r, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(r, r, [&] { return normal(engine); });
}

/// An orthogonal matrix, of a distribution that has both signs of the determinant.
inline Matrix orthogonal(index_t r, unsigned seed) {
  return Eigen::HouseholderQR<Matrix>(gaussian(r, seed)).householderQ();
}

/// The same with determinant -1 if `reflect`, else +1.
inline Matrix orthogonal(index_t r, unsigned seed, bool reflect) {
  Matrix q = orthogonal(r, seed);
  if ((q.determinant() < 0) != reflect) q.col(0) *= -1;
  return q;
}

inline Operator as_operator(const Matrix& a, const std::string& name = "a") {
  Operator o;
  o.name = name;
  o.size = a.rows();
  o.values.assign(a.data(), a.data() + a.size());
  return o;
}

/// Operators g0, g1, ... with eigenvalues of order one.
inline OperatorSet gaussians(int count, index_t r) {
  OperatorSet set;
  for (int k = 0; k < count; ++k) {
    const Matrix a = gaussian(r, static_cast<unsigned>(k + 1)) / std::sqrt(static_cast<double>(r));
    set.push_back(as_operator(a, "g" + std::to_string(k)));
  }
  return set;
}

/// The pair stage's result of one pair, on the device under test.
inline PairResult pavf_result(const Matrix& a, const Matrix& b, const Dsa& config) {
  const auto backend = make_backend();
  const std::vector<Operator> both{as_operator(a, "a"), as_operator(b, "b")};
  const auto stage = host::make_pavf_scorer(*backend, both, {}, config, {});
  const host::PairIndex pair{0, 1};
  PairResult out;
  stage->run({&pair, 1}, {&out, 1});
  return out;
}

}  // namespace kindred::test
