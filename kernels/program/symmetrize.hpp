#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Copies the upper triangle of each matrix of a batch to its lower triangle.
///
///     G_b[i, j] = G_b[j, i],   j < i
///
/// Item: row i of matrix b, item = b n + i.
/// in/out  g: batch of n x n, row-major, leading dimension ld, `stride` elements apart; the upper triangle is read
/// Cost of a matrix: n^2 / 2 elements read and written; no scratch. Exact.
template <class T>
struct Symmetrize {
  struct Params {
    index_t n;
    T* g;
    index_t ld, stride;
  };

  static Scratch scratch(const Params&) { return {}; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t i = item % p.n, ld = p.ld;
    T* g = p.g + item / p.n * p.stride;
    ex.for_each(i, [=](index_t j) { g[i * ld + j] = g[j * ld + i]; });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
