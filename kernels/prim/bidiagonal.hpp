#pragma once
#include "kernels/exec/executor.hpp"

#include <cmath>
#include <limits>

namespace kindred::kernels::inline KINDRED_TARGET {

/// A Householder reflection H = I - tau v v^T, v[0] = 1, with H x = beta e_1.
struct Reflection {
  double beta, tau;
  double scale;  ///< v[i] = x[i] scale, i > 0
};

/// The reflection of a vector with first entry `alpha` and `tail` = the sum of squares of the others.
KINDRED_FN inline Reflection reflection(double alpha, double tail) {
  if (tail == 0) return {alpha, 0, 0};
  const double norm = std::sqrt(alpha * alpha + tail);
  const double beta = alpha > 0 ? -norm : norm;
  return {beta, (beta - alpha) / beta, 1 / (alpha - beta)};
}

/// Reduces A to upper bidiagonal form by reflections from both sides: the singular values of A are those of the matrix
/// with diagonal d and superdiagonal e.
///
/// in   a: m x n, row-major, leading dimension n, m >= n >= 1; destroyed
/// out  d: n, e: n - 1; the caller synchronises before it reads them
/// work v: m, w: max(m, n)
/// Cost 4 n^2 (m - n / 3) flops. Error of each singular value: c(m, n) eps ||A||_2 (backward stable).
/// Source: Golub and Van Loan, Matrix Computations, algorithm 5.4.2.
template <class Exec>
KINDRED_FN void bidiagonalize(Exec& ex, index_t m, index_t n, double* a, double* d, double* e, double* v, double* w) {
  for (index_t k = 0; k < n; ++k) {
    // Column k below the diagonal: A <- A - v (tau v^T A).
    const index_t rows = m - k, right = n - k - 1;
    double* corner = a + k * n + k;
    ex.sync();  // the updates of step k - 1
    const double below = ex.reduce(rows - 1, 0.0, Plus{}, [=](index_t i) {
      const double x = corner[(i + 1) * n];
      return x * x;
    });
    const Reflection column = reflection(corner[0], below);
    ex.once([&] { d[k] = column.beta; });
    if (right == 0) break;
    if (column.tau != 0) {
      ex.for_each(rows, [=](index_t i) { v[i] = i == 0 ? 1.0 : corner[i * n] * column.scale; });
      ex.sync();
      ex.gemm(Trans::yes, Trans::no, 1, right, rows, v, 1, corner + 1, n, 0.0, w, right);
      ex.sync();
      ex.for_each(right, [=](index_t j) { w[j] *= -column.tau; });
      ex.sync();
      ex.gemm(Trans::yes, Trans::no, rows, right, index_t{1}, v, rows, w, right, 1.0, corner + 1, n);
      ex.sync();
    }
    // Row k right of the superdiagonal: A <- A - (tau A u) u^T.
    const double* row = corner + 1;
    const double beyond = ex.reduce(right - 1, 0.0, Plus{}, [=](index_t j) { return row[j + 1] * row[j + 1]; });
    const Reflection line = reflection(row[0], beyond);
    ex.once([&] { e[k] = line.beta; });
    if (line.tau != 0) {
      ex.for_each(right, [=](index_t j) { v[j] = j == 0 ? 1.0 : row[j] * line.scale; });
      ex.sync();
      double* rest = corner + n + 1;
      ex.gemm(Trans::no, Trans::yes, rows - 1, index_t{1}, right, rest, n, v, right, 0.0, w, index_t{1});
      ex.sync();
      ex.for_each(rows - 1, [=](index_t i) { w[i] *= -line.tau; });
      ex.sync();
      ex.gemm(Trans::yes, Trans::no, rows - 1, right, index_t{1}, w, rows - 1, v, right, 1.0, rest, n);
    }
  }
}

/// A plane rotation [c s; -s c] [f; g] = [r; 0].
struct PlaneRotation {
  double c, s, r;
};
KINDRED_FN inline PlaneRotation rotate_to_zero(double f, double g) {
  const double r = std::sqrt(f * f + g * g);
  if (r == 0) return {1, 0, f};
  return {f / r, g / r, r};
}

/// One sweep of the implicit-shift QR iteration on rows lo .. hi of a bidiagonal matrix. Shift 0 selects the sweep
/// without cancellation, the only one that copes with a zero on the diagonal.
KINDRED_FN inline void qr_sweep(double* d, double* e, index_t lo, index_t hi, double shift) {
  if (shift == 0) {
    PlaneRotation right{1, 0, 0}, left{1, 0, 0};
    for (index_t i = lo; i < hi; ++i) {
      right = rotate_to_zero(d[i] * right.c, e[i]);
      if (i > lo) e[i - 1] = left.s * right.r;
      left = rotate_to_zero(left.c * right.r, d[i + 1] * right.s);
      d[i] = left.r;
    }
    const double h = d[hi] * right.c;
    d[hi] = h * left.c;
    e[hi - 1] = h * left.s;
    return;
  }
  double f = (std::abs(d[lo]) - shift) * (std::copysign(1.0, d[lo]) + shift / d[lo]), g = e[lo];
  for (index_t i = lo; i < hi; ++i) {
    const PlaneRotation right = rotate_to_zero(f, g);
    if (i > lo) e[i - 1] = right.r;
    f = right.c * d[i] + right.s * e[i];
    e[i] = right.c * e[i] - right.s * d[i];
    g = right.s * d[i + 1];
    d[i + 1] *= right.c;
    const PlaneRotation left = rotate_to_zero(f, g);
    d[i] = left.r;
    f = left.c * e[i] + left.s * d[i + 1];
    d[i + 1] = left.c * d[i + 1] - left.s * e[i];
    if (i + 1 < hi) {
      g = left.s * e[i + 1];
      e[i + 1] *= left.c;
    }
  }
  e[hi - 1] = f;
}

/// Smaller singular value of [f g; 0 h].
KINDRED_FN inline double smaller_singular_value(double f, double g, double h) {
  // s1 s2 = |f h|; s1 + s2 = hypot(|f| + |h|, g) and s1 - s2 = hypot(|f| - |h|, g).
  const double fa = std::abs(f), ha = std::abs(h);
  const double larger = (std::sqrt((fa + ha) * (fa + ha) + g * g) + std::sqrt((fa - ha) * (fa - ha) + g * g)) / 2;
  return larger == 0 ? 0 : fa * (ha / larger);
}

/// Singular values of an upper bidiagonal matrix by implicit-shift QR, by one thread. They replace d, in no order, and
/// some are negative: take absolute values. Returns false if 30 sweeps a value were not enough, as for a NaN.
/// Cost about 2 n^2 rotations. Error of each value: c n eps ||B||_2.
/// Source: Demmel and Kahan, doi 10.1137/0911052.
KINDRED_FN inline bool bidiagonal_singular_values(index_t n, double* d, double* e) {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  index_t block_lo = -1, block_hi = -1;
  index_t sweeps = 30 * n;
  for (index_t hi = n - 1; hi > 0;) {
    // Rows lo .. hi: the last block whose superdiagonal has no negligible entry.
    index_t lo = hi;
    while (lo > 0 && !(std::abs(e[lo - 1]) <= eps * (std::abs(d[lo - 1]) + std::abs(d[lo])))) --lo;
    if (lo == hi) {
      --hi;
      continue;
    }
    if (sweeps-- == 0) return false;
    if (lo != block_lo || hi != block_hi) {
      // A block that is new to the iteration is turned so that its small end is at the bottom, where values converge.
      if (lo > block_hi || hi < block_lo || block_hi < 0) {
        if (std::abs(d[lo]) < std::abs(d[hi])) {
          for (index_t i = lo, j = hi; i < j; ++i, --j) {
            const double t = d[i];
            d[i] = d[j];
            d[j] = t;
          }
          for (index_t i = lo, j = hi - 1; i < j; ++i, --j) {
            const double t = e[i];
            e[i] = e[j];
            e[j] = t;
          }
        }
      }
      block_lo = lo;
      block_hi = hi;
    }
    bool singular = false;
    for (index_t i = lo; i <= hi; ++i) singular = singular || d[i] == 0;
    double shift = singular ? 0 : smaller_singular_value(d[hi - 1], e[hi - 1], d[hi]);
    const double start = shift / std::abs(d[lo]);
    if (start * start < eps) shift = 0;
    qr_sweep(d, e, lo, hi, shift);
  }
  return n == 0 || d[0] == d[0];
}

}  // namespace kindred::kernels::inline KINDRED_TARGET
