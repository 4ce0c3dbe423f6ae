#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Running sums up the block diagonals of a batch of matrices of d x d blocks, C x C each, n = d C.
///
///     M[d - 1, j] = row[j],   M[i, d - 1] = column[i],   M[i - 1, j - 1] += M[i, j]     for i, j = d - 1 .. 1
///
/// Item: one block diagonal of one matrix, item = b (2 d - 1) + (j - i) + d - 1.
/// in      column: n x C; row: n x C, the transposes of its blocks. Both have leading dimension ld; those of matrix b
///         lie b stride_seeds elements further
/// in/out  m: batch of n x n, row-major, contiguous, `stride` elements apart; the rows and columns of its last blocks
///         are replaced
/// Cost of a matrix: n^2 sums, 16 n^2 bytes; no scratch.
/// Source: the shift structure of a delay embedding (host/engine/fit/delay_gram.hpp).
struct DiagonalSums {
  struct Params {
    index_t delays, channels;
    double* m;
    index_t stride;
    const double* column;
    const double* row;
    index_t ld, stride_seeds;
  };

  static constexpr index_t items(index_t batch, index_t delays) { return batch * (2 * delays - 1); }

  static Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return p.channels * p.channels; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t d = p.delays, c = p.channels, n = d * c, ld = p.ld;
    const index_t b = item / (2 * d - 1), offset = item - b * (2 * d - 1) - (d - 1);
    const index_t i = offset >= 0 ? d - 1 - offset : d - 1, j = offset >= 0 ? d - 1 : d - 1 + offset;
    const index_t steps = i < j ? i : j;
    const double* column = p.column + b * p.stride_seeds + i * c * ld;
    const double* row = p.row + b * p.stride_seeds + j * c * ld;
    double* corner = p.m + b * p.stride + i * c * n + j * c;
    ex.for_each(c, c, [=](index_t a, index_t q) {
      double sum = offset >= 0 ? column[a * ld + q] : row[q * ld + a];
      double* at = corner + a * n + q;
      *at = sum;
      for (index_t k = 0; k < steps; ++k) {
        at -= c * (n + 1);
        sum += *at;
        *at = sum;
      }
    });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
