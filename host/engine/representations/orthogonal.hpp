#pragma once
/// Small dense matrices on the processor, row-major: products, orthogonal factors, eigenvectors.
#include "host/base/index.hpp"

#include <cblas.h>
#include <lapacke.h>

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

/// Eigenvectors of a symmetric matrix by columns, in its place, of ascending eigenvalues. False if they do not converge.
[[nodiscard]] inline bool eigenvectors(std::vector<double>& m, index_t n, std::vector<double>& values) {
  values.resize(at(n));
  const auto size = static_cast<lapack_int>(n);
  return LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'L', size, m.data(), size, values.data()) == 0;
}

}  // namespace kindred::host
