#pragma once
/// Small dense matrices on the processor, row-major: products, orthogonal factors, eigenvectors.
#include "host/base/index.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace kindred::host {

/// C = by op(A) op(B), m x n with inner k; added to C where `add`.
inline void dense_product(bool ta, bool tb, index_t m, index_t n, index_t k, double by, const double* a,
                          const double* b, double* c, bool add = false) {
  cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, static_cast<int>(m),
              static_cast<int>(n), static_cast<int>(k), by, a, static_cast<int>(ta ? m : k), b,
              static_cast<int>(tb ? k : n), add ? 1.0 : 0.0, c, static_cast<int>(n));
}

/// The orthogonal matrix nearest to M (n x n): U V^T of M = U S V^T; NaN if the iteration
/// does not converge. About 22 n^3 flops.
[[nodiscard]] inline std::vector<double> polar(std::vector<double> m, index_t n) {
  const auto size = static_cast<lapack_int>(n);
  std::vector<double> s(at(n)), u(at(n * n)), vt(at(n * n)), out(at(n * n), 0.0);
  if (LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'A', size, size, m.data(), size, s.data(), u.data(), size, vt.data(), size) !=
      0) {
    out.assign(out.size(), std::numeric_limits<double>::quiet_NaN());
    return out;
  }
  dense_product(false, false, n, n, n, 1, u.data(), vt.data(), out.data());
  return out;
}

/// Order from which the blocked products of a decomposition are faster than small_polar's iteration.
inline constexpr index_t small_order = 48;

/// X <- X^-1 (n x n, n < small_order) by Gauss and Jordan's elimination in place with exchanges of rows, 2 n^3 flops.
/// False, and X is lost, where a pivot is below 1e-9 of the largest entry.
[[nodiscard]] inline bool invert(double* x, index_t n) {
  std::array<index_t, at(small_order)> pivots;
  double largest = 0;
  for (index_t k = 0; k < n * n; ++k) largest = std::max(largest, std::abs(x[k]));
  for (index_t k = 0; k < n; ++k) {
    index_t pivot = k;
    for (index_t i = k + 1; i < n; ++i) {
      if (std::abs(x[i * n + k]) > std::abs(x[pivot * n + k])) pivot = i;
    }
    if (!(std::abs(x[pivot * n + k]) > 1e-9 * largest)) return false;
    pivots[at(k)] = pivot;
    double* const upper = x + k * n;
    if (pivot != k) std::swap_ranges(upper, upper + n, x + pivot * n);
    const double by = 1 / upper[k];
    upper[k] = 1;
    for (index_t j = 0; j < n; ++j) upper[j] *= by;
    for (index_t i = 0; i < n; ++i) {
      if (i == k) continue;
      double* const row = x + i * n;
      const double factor = row[k];
      row[k] = 0;
      for (index_t j = 0; j < n; ++j) row[j] -= factor * upper[j];
    }
  }
  for (index_t k = n - 1; k >= 0; --k) {
    const index_t pivot = pivots[at(k)];
    for (index_t i = 0; i < n && pivot != k; ++i) std::swap(x[i * n + k], x[i * n + pivot]);
  }
  return true;
}

/// As `polar`, for many small matrices, of which few are singular: Newton's iteration X <- (s X + X^-T / s) / 2,
/// s = sqrt(||X^-1||_F / ||X||_F) at first and 1 when X is near, whose last step is below 1e-8, squared. It takes some
/// 7 steps; where X is nearly singular, or 20 are not enough, `polar` does the work. Source: Higham, Functions of
/// Matrices, 2008, section 8.6.
[[nodiscard]] inline std::vector<double> small_polar(std::vector<double> m, index_t n) {
  if (n >= small_order) return polar(std::move(m), n);
  std::vector<double> x = m, y(m.size());
  const auto norm = [](const std::vector<double>& v) {
    double sum = 0;
    for (const double z : v) sum += z * z;
    return std::sqrt(sum);
  };
  bool near = false;
  for (int step = 0; step < 20; ++step) {
    y = x;
    if (!invert(y.data(), n)) break;
    const double s = near ? 1 : std::sqrt(norm(y) / norm(x));
    double change = 0, size = 0;
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = 0; j < n; ++j) {
        double& value = x[at(i * n + j)];
        const double next = (s * value + y[at(j * n + i)] / s) / 2;
        change += (next - value) * (next - value), size += next * next;
        value = next;
      }
    }
    if (!std::isfinite(change)) break;
    if (change <= 1e-16 * size) return x;
    near = change <= 1e-2 * size;
  }
  return polar(std::move(m), n);
}

/// Eigenvectors of a symmetric matrix by columns, in its place, of ascending eigenvalues. False if they do not
/// converge.
[[nodiscard]] inline bool eigenvectors(std::vector<double>& m, index_t n, std::vector<double>& values) {
  values.resize(at(n));
  const auto size = static_cast<lapack_int>(n);
  return LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'L', size, m.data(), size, values.data()) == 0;
}

}  // namespace kindred::host
