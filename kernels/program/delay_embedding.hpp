#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Panels of delay embeddings of many trials of many systems in one launch, converted to float64 and scaled.
///
///     H[s, j C + c] = scale x[s + (d - 1 - j) tau, c],   j = 0 .. d - 1,  c = 0 .. C - 1      (newest first)
///
/// Item: one tile, `rows` consecutive rows of one trial by `columns` consecutive columns of H.
/// in   tile.x: element (s, 0) of the trial, s the tile's first row; (t, c) lies time_stride t + channel_stride c
///      further. Null: the tile is filled with zeros.
///      lag, channel: for every column q = j C + c of H, (d - 1 - j) tau and c
/// out  element (i, q) of the tile at tile.out[i row_stride + q column_stride]. One of the strides is 1, and the tile
///      is written along it. Nothing else is touched.
/// Preconditions: s + rows - 1 + max lag < steps of the trial; columns <= max_columns.
/// Cost of an element: sizeof(T) + 8 bytes, one product. Scratch: max_columns offsets.
/// Accuracy: exact if scale is a power of two and nothing underflows.
/// Source: arXiv 2306.10168, section 2 (Hankel matrix).
template <class T>
struct DelayEmbedding {
  struct Tile {
    const T* x;
    index_t time_stride, channel_stride;
    index_t rows, first_column, columns;
    double scale;
    double* out;
  };

  struct Params {
    const Tile* tiles;
    const index_t* lag;
    const index_t* channel;
    index_t row_stride, column_stride, max_columns;
  };

  static Scratch scratch(const Params& p) { return Scratch{}.add<index_t>(p.max_columns); }
  static index_t width(const Params& p) { return 64 * p.max_columns; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const Tile tile = p.tiles[item];
    index_t* offset = ex.template scratch<index_t>(p.max_columns);
    const index_t* lag = p.lag + tile.first_column;
    const index_t* channel = p.channel + tile.first_column;
    ex.for_each(tile.columns,
                [=](index_t q) { offset[q] = lag[q] * tile.time_stride + channel[q] * tile.channel_stride; });
    ex.sync();  // offset
    const double scale = tile.scale;
    const index_t row_stride = p.row_stride, column_stride = p.column_stride;
    if (tile.x == nullptr) {
      walk(ex, p, tile, [=](index_t i, index_t q) { tile.out[i * row_stride + q * column_stride] = 0; });
    } else {
      const T* x = tile.x;
      const index_t time_stride = tile.time_stride;
      walk(ex, p, tile, [=](index_t i, index_t q) {
        tile.out[i * row_stride + q * column_stride] = scale * static_cast<double>(x[i * time_stride + offset[q]]);
      });
    }
  }

 private:
  /// f(i, q) for the elements of a tile, neighbours in memory next to each other.
  template <class Exec, class F>
  KINDRED_FN static void walk(Exec& ex, const Params& p, const Tile& tile, F f) {
    if (p.column_stride == 1) {
      ex.for_each(tile.rows, tile.columns, f);
    } else {
      ex.for_each(tile.columns, tile.rows, [=](index_t q, index_t i) { f(i, q); });
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
