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

/// How far apart the search may leave operators of unit norm that differ by a change of basis alone. The last refinement
/// ends when its gradient G is below 1e-10 of 2 |f| / sqrt(r) <= 2 (kernels/program/pavf.hpp). Where M is A turned by a
/// small skew W, E = A - M = [W, A] to first order and ||E||^2 = <W, G>, so that ||E|| <= ||G|| / s, s the least singular
/// value of W -> [W, A] that is not zero. s > 2e-3 for the operators that are compared with this tolerance: see the test
/// of stiffness().
inline constexpr double copy_tolerance = 1e-7;

/// s, the least singular value above 1e-7 of W -> [W, A] on skew W, A without trace and of unit norm.
inline double stiffness(const Matrix& a) {
  const index_t r = a.rows(), n = r * (r - 1) / 2;
  Matrix x = a - a.trace() / static_cast<double>(r) * Matrix::Identity(r, r);
  x /= x.norm();
  Matrix images(n, r * r);
  index_t row = 0;
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < i; ++j, ++row) {
      Matrix w = Matrix::Zero(r, r);
      w(i, j) = std::sqrt(0.5), w(j, i) = -w(i, j);
      const Matrix image = w * x - x * w;
      images.row(row) = Eigen::Map<const Eigen::RowVectorXd>(image.data(), r * r);
    }
  }
  const Matrix gram = images * images.transpose();
  const Eigen::VectorXd squares = Eigen::SelfAdjointEigenSolver<Matrix>(gram, Eigen::EigenvaluesOnly).eigenvalues();
  for (index_t k = 0; k < n; ++k) {
    if (squares(k) > 1e-14) return std::sqrt(squares(k));  // below: zero, with the rounding of the square
  }
  return 0;
}

/// The scorer's result of one pair, on the device under test.
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
