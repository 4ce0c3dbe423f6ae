#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Rows of a batch of matrices in a given order.
///
///     out_b[i, :] = u_b[index_b[i], :],   0 where index_b[i] < 0;   i = 0 .. count - 1
///
/// Item: up to `tile` rows of one matrix; item b tiles + k begins at row k tile of matrix b,
/// tiles = ceil(count / tile).
/// in   u: element (i, j) of matrix b at u[b stride_u + i row_stride + j column_stride], `columns` columns
///      index: batch x count
/// out  out: batch x count x columns, row-major, contiguous
/// Cost of an element: 16 bytes, no flops, no scratch. Exact.
struct GatherRows {
  static constexpr index_t tile = 64;

  struct Params {
    const double* u;
    index_t row_stride, column_stride, stride_u;
    const index_t* index;
    double* out;
    index_t count, columns;
  };

  /// Items of a launch over `batch` matrices.
  static constexpr index_t items(index_t batch, index_t count) { return batch * ((count + tile - 1) / tile); }

  static Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return tile * p.columns; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t tiles = (p.count + tile - 1) / tile;
    const index_t b = item / tiles;
    const index_t first = (item - b * tiles) * tile;
    const index_t end = first + tile < p.count ? first + tile : p.count;
    const double* u = p.u + b * p.stride_u;
    const index_t* index = p.index + b * p.count + first;
    double* out = p.out + (b * p.count + first) * p.columns;
    const index_t row_stride = p.row_stride, column_stride = p.column_stride, columns = p.columns;
    ex.for_each(end - first, columns, [=](index_t i, index_t j) {
      out[i * columns + j] = index[i] < 0 ? 0 : u[index[i] * row_stride + j * column_stride];
    });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
