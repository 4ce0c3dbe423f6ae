#include "tests/support/operators.hpp"

#include "host/engine/operators/pavf_scorer.hpp"
#include "tests/support/devices.hpp"

#include <Eigen/Dense>

#include <random>

namespace kindred::test {

Matrix gaussian(index_t r, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(r, r, [&] { return normal(engine); });
}

Matrix orthogonal(index_t r, unsigned seed) { return Eigen::HouseholderQR<Matrix>(gaussian(r, seed)).householderQ(); }

Matrix orthogonal(index_t r, unsigned seed, bool reflect) {
  Matrix q = orthogonal(r, seed);
  if ((q.determinant() < 0) != reflect) q.col(0) *= -1;
  return q;
}

Operator as_operator(const Matrix& a, const std::string& name) {
  Operator o;
  o.name = name;
  o.size = a.rows();
  o.values.assign(a.data(), a.data() + a.size());
  return o;
}

OperatorSet gaussians(int count, index_t r) {
  OperatorSet set;
  for (int k = 0; k < count; ++k) {
    const Matrix a = gaussian(r, static_cast<unsigned>(k + 1)) / std::sqrt(static_cast<double>(r));
    set.push_back(as_operator(a, "g" + std::to_string(k)));
  }
  return set;
}

double stiffness(const Matrix& a) {
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

PairResult pavf_result(const Matrix& a, const Matrix& b, const Dsa& config) {
  const auto backend = make_backend();
  const std::vector<Operator> both{as_operator(a, "a"), as_operator(b, "b")};
  const auto stage = host::make_pavf_scorer(*backend, both, {}, config, {});
  const host::PairIndex pair{0, 1};
  PairResult out;
  stage->run({&pair, 1}, {&out, 1});
  return out;
}

}  // namespace kindred::test
