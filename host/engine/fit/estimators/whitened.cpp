#include "host/engine/fit/estimators/whitened.hpp"

#include "host/base/index.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

/// T (r x r, upper) with T^T G T = I on the directions kept; a dropped direction has a zero column.
DenseMatrix orthonormalizer(const DenseMatrix& g) {
  const index_t r = g.rows();
  const double tolerance = 8 * static_cast<double>(r) * std::numeric_limits<double>::epsilon();
  std::vector<double> scale;
  std::vector<bool> kept;
  for (index_t i = 0; i < r; ++i) scale.push_back(g(i, i) > 0 ? 1 / std::sqrt(g(i, i)) : 0);
  // Rows of L: S = D G D = L L^T with S_ii = 1.
  DenseMatrix l(r, r);
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < i; ++j) {
      if (!kept[j]) continue;
      const double s = scale[i] * g(i, j) * scale[j];
      const double dot = cblas_ddot(static_cast<int>(j), l.row(i), 1, l.row(j), 1);
      l(i, j) = (s - dot) / l(j, j);
    }
    const double own = scale[i] > 0 ? 1.0 : 0.0;
    const double pivot = own - cblas_ddot(static_cast<int>(i), l.row(i), 1, l.row(i), 1);
    kept.push_back(pivot > tolerance);
    l(i, i) = kept[i] ? std::sqrt(pivot) : 1.0;
  }
  // T = D L^-T.
  DenseMatrix t(r, r);
  for (index_t i = 0; i < r; ++i) t(i, i) = scale[i];
  const int n = static_cast<int>(r);
  cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, n, n, 1.0, l.data(), n, t.data(), n);
  for (index_t j = 0; j < r; ++j) {
    if (kept[j]) continue;
    for (index_t i = 0; i <= j; ++i) t(i, j) = 0;
  }
  return t;
}

/// T^T M T in place.
void congruence(const DenseMatrix& t, DenseMatrix& m) {
  const int n = static_cast<int>(t.rows());
  cblas_dtrmm(CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, n, n, 1.0, t.data(), n, m.data(), n);
  cblas_dtrmm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, n, n, 1.0, t.data(), n, m.data(), n);
}

}  // namespace

DenseMatrix leading(const DenseMatrix& m, index_t r) {
  DenseMatrix out(r, r);
  for (index_t i = 0; i < r; ++i) std::copy_n(m.row(i), r, out.row(i));
  return out;
}

DenseMatrix transposed(const DenseMatrix& m) {
  DenseMatrix out(m.columns(), m.rows());
  for (index_t i = 0; i < m.rows(); ++i) {
    for (index_t j = 0; j < m.columns(); ++j) out(j, i) = m(i, j);
  }
  return out;
}

DenseMatrix product(const DenseMatrix& a, const DenseMatrix& b, bool transpose_a) {
  const auto m = static_cast<int>(transpose_a ? a.columns() : a.rows()), k = static_cast<int>(b.rows()),
             n = static_cast<int>(b.columns());
  DenseMatrix out(m, n);
  cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, CblasNoTrans, m, n, k, 1.0, a.data(),
              static_cast<int>(a.columns()), b.data(), n, 0.0, out.data(), n);
  return out;
}

Whitened whiten(const Moments& moments, index_t rank) {
  Whitened out;
  out.now_now = leading(moments.now_now, rank);
  out.now_next = leading(moments.now_next, rank);
  out.next_next = leading(moments.next_next, rank);
  DenseMatrix all = leading(moments.last_last, rank);
  for (index_t i = 0; i < rank * rank; ++i) all.data()[i] += out.now_now.data()[i];
  out.t = orthonormalizer(all);
  congruence(out.t, out.now_now);
  congruence(out.t, out.now_next);
  congruence(out.t, out.next_next);
  return out;
}

bool regress(const Whitened& w, DenseMatrix square, double ridge, DenseMatrix& right) {
  for (index_t i = 0; i < w.rank(); ++i) square(i, i) += w.is_kept(i) ? ridge : 1.0;
  const int n = static_cast<int>(w.rank());
  return LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', n, n, square.data(), n, right.data(), n) == 0;
}

Estimate finish(const DenseMatrix& x, const DenseMatrix& now_now, const DenseMatrix& now_next,
                const DenseMatrix& next_next) {
  const index_t r = x.rows();
  // ||U+ - U- X||^2 = tr(U+^T U+) - 2 <X, U-^T U+> + <X, U-^T U- X>
  const DenseMatrix image = product(now_now, x);
  double total = 0;
  for (index_t i = 0; i < r; ++i) total += next_next(i, i);
  double error = total;
  for (index_t i = 0; i < r * r; ++i) error += x.data()[i] * (image.data()[i] - 2 * now_next.data()[i]);
  Estimate out;
  out.residual = total > 0 ? std::sqrt(std::max(error, 0.0) / total) : 0;
  out.values.reserve(at(r * r));
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) out.values.push_back(x(j, i));
  }
  if (!std::all_of(out.values.begin(), out.values.end(), [](double v) { return std::isfinite(v); })) {
    out.failure = singular_equations;
  }
  return out;
}

}  // namespace kindred::host
