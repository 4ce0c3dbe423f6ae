#include "host/engine/representations/near_pair.hpp"

#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <utility>

namespace kindred::host {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The factor's matrix times `scale`, with zero columns up to `width`.
Matrix dense(Backend& backend, const Factor& f, double scale, index_t width) {
  const Buffer<double> buffer(backend, f.rows * f.columns);
  write_factor(backend, f, kernels::Panels<double>{buffer.data(), f.rows, f.columns}, 0);
  Matrix values(f.rows, f.columns);
  buffer.download(std::span<double>(values.data(), static_cast<std::size_t>(values.size())));
  Matrix out = Matrix::Zero(f.rows, width);
  out.leftCols(f.columns) = values * scale;
  return out;
}

/// C = op(A) B through the seam.
Matrix product(Backend& backend, Op op, const Matrix& a, const Matrix& b) {
  const Buffer<double> x(backend, std::span<const double>(a.data(), static_cast<std::size_t>(a.size())));
  const Buffer<double> y(backend, std::span<const double>(b.data(), static_cast<std::size_t>(b.size())));
  const index_t m = op == Op::none ? a.rows() : a.cols();
  const Buffer<double> z(backend, m * b.cols());
  backend.gemm({.op_a = op,
                .m = m,
                .n = b.cols(),
                .k = b.rows(),
                .a = x.data(),
                .lda = a.cols(),
                .b = y.data(),
                .ldb = b.cols(),
                .c = z.data(),
                .ldc = b.cols()});
  Matrix c(m, b.cols());
  z.download(std::span<double>(c.data(), static_cast<std::size_t>(c.size())));
  return c;
}

/// a X and b Y Q.
std::pair<Matrix, Matrix> aligned(Backend& backend, const Factor& x, double a, const Factor& y, double b) {
  const index_t n = std::max(x.columns, y.columns);
  Matrix left = dense(backend, x, a, n);
  const Matrix right = dense(backend, y, b, n);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(product(backend, Op::transpose, right, left),
                                              Eigen::ComputeFullU | Eigen::ComputeFullV);
  return {std::move(left), product(backend, Op::none, right, svd.matrixU() * svd.matrixV().transpose())};
}

}  // namespace

double procrustes_residual(Backend& backend, const Factor& x, double a, const Factor& y, double b) {
  if (precedes(y, x)) return procrustes_residual(backend, y, b, x, a);
  const auto [left, right] = aligned(backend, x, a, y, b);
  return (left - right).norm();
}

double gram_residual(Backend& backend, const Factor& x, double x_norm, const Factor& y, double y_norm) {
  if (precedes(y, x)) return gram_residual(backend, y, y_norm, x, x_norm);
  const auto [left, right] = aligned(backend, x, 1 / std::sqrt(x_norm), y, 1 / std::sqrt(y_norm));
  const Matrix d = left - right, s = left + right;
  const Matrix dd = product(backend, Op::transpose, d, d), ss = product(backend, Op::transpose, s, s),
               ds = product(backend, Op::transpose, d, s);
  return std::sqrt(std::max(0.0, (dd.cwiseProduct(ss).sum() + ds.cwiseProduct(ds.transpose()).sum()) / 2));
}

}  // namespace kindred::host
