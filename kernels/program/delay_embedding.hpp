#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Panels of delay embeddings, many trials of many systems in one launch, converted to float64 and scaled.
///
///     H[s, j C + c] = scale x[s + (d - 1 - j) tau, c],   j = 0 .. d - 1,  c = 0 .. C - 1      (newest first)
///
/// Item: one tile, `rows` consecutive rows of one trial by `columns` consecutive columns of H.
/// in   tile.x: element (s, 0) of the trial, s the tile's first row; (t, c) lies time_stride t + channel_stride c
///      further. Null: the tile is filled with zeros.
///      lag, channel: for every column q = j C + c of H, (d - 1 - j) tau and c
/// out  element (i, q) of the tile at tile.out[i row_stride + q column_stride]; one of the strides is 1 and that
///      dimension is written contiguously. Nothing else is touched.
/// Preconditions: s + rows - 1 + max lag < steps of the trial; columns <= max_columns.
/// Cost of an element: sizeof(T) + 8 bytes, one product. Scratch: max_columns offsets. Exact if scale is a power of two
/// and nothing underflows. Source: arXiv 2306.10168, section 2 (Hankel matrix).
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

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const Tile tile = p.tiles[item];
    index_t* offset = ex.template scratch<index_t>(p.max_columns);
    const index_t* lag = p.lag + tile.first_column;
    const index_t* channel = p.channel + tile.first_column;
    ex.for_each(tile.columns, [=](index_t q) {
      offset[q] = tile.x == nullptr ? 0 : lag[q] * tile.time_stride + channel[q] * tile.channel_stride;
    });
    ex.sync();  // offset
    const double scale = tile.scale;
    if (tile.x == nullptr) {
      zero(ex, p, tile);
    } else if (p.column_stride == 1) {
      for (index_t i = 0; i < tile.rows; ++i) {
        const T* in = tile.x + i * tile.time_stride;
        double* out = tile.out + i * p.row_stride;
        ex.for_each(tile.columns, [=](index_t q) { out[q] = scale * static_cast<double>(in[offset[q]]); });
      }
    } else {
      const index_t time_stride = tile.time_stride;
      for (index_t q = 0; q < tile.columns; ++q) {
        const T* in = tile.x + offset[q];
        double* out = tile.out + q * p.column_stride;
        ex.for_each(tile.rows, [=](index_t i) { out[i] = scale * static_cast<double>(in[i * time_stride]); });
      }
    }
  }

 private:
  template <class Exec>
  KINDRED_FN static void zero(Exec& ex, const Params& p, const Tile& tile) {
    const bool by_row = p.column_stride == 1;
    const index_t lines = by_row ? tile.rows : tile.columns;
    const index_t length = by_row ? tile.columns : tile.rows;
    const index_t stride = by_row ? p.row_stride : p.column_stride;
    for (index_t l = 0; l < lines; ++l) {
      double* out = tile.out + l * stride;
      ex.for_each(length, [=](index_t i) { out[i] = 0; });
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
