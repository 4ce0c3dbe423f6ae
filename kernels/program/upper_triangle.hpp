#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// The triangular factor that a column-major QR leaves, as a row-major matrix.
///
///     R[i, j] = A[i + j lda] for j >= i, else 0;   i, j = 0 .. n - 1
///
/// Item: row i.
/// in   a: column-major, leading dimension lda >= n
/// out  r: n x n, row-major, leading dimension ldr
/// Cost: n^2 / 2 elements read, n^2 written; no scratch. Exact.
template <class T>
struct UpperTriangle {
  struct Params {
    index_t n;
    const T* a;
    index_t lda;
    T* r;
    index_t ldr;
  };

  static Scratch scratch(const Params&) { return {}; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t i) {
    const T* a = p.a;
    T* out = p.r + i * p.ldr;
    const index_t lda = p.lda;
    ex.for_each(p.n, [=](index_t j) { out[j] = j < i ? T(0) : a[i + j * lda]; });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
