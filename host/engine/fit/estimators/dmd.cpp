#include "host/engine/fit/estimators/dmd.hpp"

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

DenseMatrix leading(const DenseMatrix& m, index_t rank) {
  DenseMatrix out(rank, rank);
  for (index_t i = 0; i < rank; ++i) std::copy_n(m.row(i), rank, out.row(i));
  return out;
}

/// T^T M T in place.
void congruence(const DenseMatrix& t, DenseMatrix& m) {
  const int n = static_cast<int>(t.rows());
  cblas_dtrmm(CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, n, n, 1.0, t.data(), n, m.data(), n);
  cblas_dtrmm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, n, n, 1.0, t.data(), n, m.data(), n);
}

}  // namespace

DmdFit fit_dmd(const Moments& moments, index_t rank, double ridge) {
  const index_t r = rank;
  const int n = static_cast<int>(r);
  DenseMatrix now_now = leading(moments.now_now, r);
  DenseMatrix now_next = leading(moments.now_next, r);
  DenseMatrix next_next = leading(moments.next_next, r);
  DenseMatrix all = leading(moments.last_last, r);
  for (index_t i = 0; i < r * r; ++i) all.data()[i] += now_now.data()[i];

  const DenseMatrix t = orthonormalizer(all);
  congruence(t, now_now);
  congruence(t, now_next);
  congruence(t, next_next);

  // X = A^T from (U-^T U- + ridge I) X = U-^T U+.
  DenseMatrix normal = now_now, x = now_next;
  for (index_t i = 0; i < r; ++i) normal(i, i) += t(i, i) != 0 ? ridge : 1.0;
  DmdFit out;
  out.ok = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', n, n, normal.data(), n, x.data(), n) == 0;
  if (!out.ok) return out;

  // ||U+ - U- X||^2 = tr(U+^T U+) - 2 <X, U-^T U+> + <X, U-^T U- X>
  DenseMatrix image(r, r);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, now_now.data(), n, x.data(), n, 0.0,
              image.data(), n);
  double total = 0;
  for (index_t i = 0; i < r; ++i) total += next_next(i, i);
  double error = total;
  for (index_t i = 0; i < r * r; ++i) error += x.data()[i] * (image.data()[i] - 2 * now_next.data()[i]);
  out.residual = total > 0 ? std::sqrt(std::max(error, 0.0) / total) : 0;

  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) out.values.push_back(x(j, i));
  }
  out.ok = std::all_of(out.values.begin(), out.values.end(), [](double v) { return std::isfinite(v); });
  return out;
}

}  // namespace kindred::host
