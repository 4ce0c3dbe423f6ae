#pragma once
#include "kernels/exec/executor.hpp"

#include <limits>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Turns the results of a batched factorisation into NaN for every matrix for which it did not converge.
///
///     w_b[i] = NaN where info[b] != 0,   i = 0 .. n - 1
///
/// Item: matrix b.
/// in      info: batch
/// in/out  w: n values a matrix, `stride` elements apart
/// Cost: one load a matrix; no scratch.
template <class T>
struct MarkFailed {
  struct Params {
    index_t n;
    const int* info;
    T* w;
    index_t stride;
  };

  static Scratch scratch(const Params&) { return {}; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t b) {
    if (p.info[b] == 0) return;
    T* w = p.w + b * p.stride;
    ex.for_each(p.n, [=](index_t i) { w[i] = std::numeric_limits<T>::quiet_NaN(); });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
