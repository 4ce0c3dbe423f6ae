#include "host/engine/fit/one_step.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

std::size_t at(index_t i, index_t j, index_t ld) { return static_cast<std::size_t>(i * ld + j); }

/// T (r x r, upper) with T^T G T = I on the directions kept; a dropped direction has a zero column.
std::vector<double> orthonormalizer(const std::vector<double>& g, index_t r) {
  const double tolerance = 8 * static_cast<double>(r) * std::numeric_limits<double>::epsilon();
  std::vector<double> scale(static_cast<std::size_t>(r)), l(static_cast<std::size_t>(r * r));
  std::vector<bool> kept(static_cast<std::size_t>(r));
  for (index_t i = 0; i < r; ++i) {
    const double d = g[at(i, i, r)];
    scale[static_cast<std::size_t>(i)] = d > 0 ? 1 / std::sqrt(d) : 0;
  }
  // Rows of L: S = D G D = L L^T with S_ii = 1.
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < i; ++j) {
      if (!kept[static_cast<std::size_t>(j)]) continue;
      const double s = scale[static_cast<std::size_t>(i)] * g[at(i, j, r)] * scale[static_cast<std::size_t>(j)];
      const double dot = cblas_ddot(static_cast<int>(j), &l[at(i, 0, r)], 1, &l[at(j, 0, r)], 1);
      l[at(i, j, r)] = (s - dot) / l[at(j, j, r)];
    }
    const double own = scale[static_cast<std::size_t>(i)] > 0 ? 1.0 : 0.0;
    const double pivot = own - cblas_ddot(static_cast<int>(i), &l[at(i, 0, r)], 1, &l[at(i, 0, r)], 1);
    kept[static_cast<std::size_t>(i)] = pivot > tolerance;
    l[at(i, i, r)] = kept[static_cast<std::size_t>(i)] ? std::sqrt(pivot) : 1.0;
  }
  // T = D L^-T.
  std::vector<double> t(static_cast<std::size_t>(r * r));
  for (index_t i = 0; i < r; ++i) t[at(i, i, r)] = scale[static_cast<std::size_t>(i)];
  const int n = static_cast<int>(r);
  cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, n, n, 1.0, l.data(), n, t.data(), n);
  for (index_t j = 0; j < r; ++j) {
    if (kept[static_cast<std::size_t>(j)]) continue;
    for (index_t i = 0; i <= j; ++i) t[at(i, j, r)] = 0;
  }
  return t;
}

std::vector<double> leading(const std::vector<double>& m, index_t size, index_t rank) {
  std::vector<double> out(static_cast<std::size_t>(rank * rank));
  for (index_t i = 0; i < rank; ++i) std::copy_n(&m[at(i, 0, size)], rank, &out[at(i, 0, rank)]);
  return out;
}

/// T^T M T in place.
void congruence(const std::vector<double>& t, index_t r, std::vector<double>& m) {
  const int n = static_cast<int>(r);
  cblas_dtrmm(CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, n, n, 1.0, t.data(), n, m.data(), n);
  cblas_dtrmm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, n, n, 1.0, t.data(), n, m.data(), n);
}

}  // namespace

OneStepFit fit_one_step(const Moments& moments, index_t rank, double ridge) {
  const index_t r = rank;
  const int n = static_cast<int>(r);
  const auto size = static_cast<std::size_t>(r * r);
  std::vector<double> now_now = leading(moments.now_now, moments.rank, r);
  std::vector<double> now_next = leading(moments.now_next, moments.rank, r);
  std::vector<double> next_next = leading(moments.next_next, moments.rank, r);
  std::vector<double> all = leading(moments.last_last, moments.rank, r);
  for (std::size_t i = 0; i < size; ++i) all[i] += now_now[i];

  const std::vector<double> t = orthonormalizer(all, r);
  congruence(t, r, now_now);
  congruence(t, r, now_next);
  congruence(t, r, next_next);

  // X = A^T from (U-^T U- + ridge I) X = U-^T U+.
  std::vector<double> normal = now_now, x = now_next;
  for (index_t i = 0; i < r; ++i) {
    normal[at(i, i, r)] += t[at(i, i, r)] != 0 ? ridge : 1.0;
  }
  OneStepFit out;
  out.ok = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', n, n, normal.data(), n, x.data(), n) == 0;
  if (!out.ok) return out;

  // ||U+ - U- X||^2 = tr(U+^T U+) - 2 <X, U-^T U+> + <X, U-^T U- X>
  std::vector<double> image(size);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, now_now.data(), n, x.data(), n, 0.0,
              image.data(), n);
  double total = 0;
  for (index_t i = 0; i < r; ++i) total += next_next[at(i, i, r)];
  double error = total;
  for (std::size_t i = 0; i < size; ++i) error += x[i] * (image[i] - 2 * now_next[i]);
  out.residual = total > 0 ? std::sqrt(std::max(error, 0.0) / total) : 0;

  out.values.resize(size);
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) out.values[at(i, j, r)] = x[at(j, i, r)];
  }
  out.ok = std::all_of(out.values.begin(), out.values.end(), [](double v) { return std::isfinite(v); });
  return out;
}

}  // namespace kindred::host
