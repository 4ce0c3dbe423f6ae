#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Where one pair's p x q block lies in a tile of cross-products.
struct Block {
  index_t offset;      ///< of its first element
  index_t rows, cols;  ///< as stored
  bool transposed;     ///< the block is read as its transpose
};

/// Copies a block, transposed if it says so, into a row-major p x q array of leading dimension q = columns.
template <class Exec, class T, class U>
KINDRED_FN void load_block(Exec& ex, const Block& block, const T* tile, index_t ld, U* out) {
  const T* in = tile + block.offset;
  const index_t p = block.transposed ? block.cols : block.rows, q = block.transposed ? block.rows : block.cols;
  const index_t row_step = block.transposed ? 1 : ld, column_step = block.transposed ? ld : 1;
  for (index_t i = 0; i < p; ++i) {
    ex.for_each(q, [=](index_t j) { out[i * q + j] = static_cast<U>(in[i * row_step + j * column_step]); });
  }
}

/// Squared Frobenius norms of blocks of a tile of cross-products, or the sums of their entries.
///
///     value[item] = sum over i, j of M[i, j]^2   (squares)   or of M[i, j]
///
/// in   tile: row-major, leading dimension ld; blocks[item] says where M lies
/// out  value: float64, one an item
/// Cost an item: 2 p q flops, p q reads; scratch 8 p q bytes, for the largest block `max_elements`.
/// Accuracy: p q eps relative. The order of summation depends on the block as it is read, not on its place in the tile.
template <class T>
struct BlockNorm {
  struct Params {
    const T* tile;
    index_t ld;
    const Block* blocks;
    double* value;
    index_t max_elements;
    bool squares;
  };

  static Scratch scratch(const Params& p) { return Scratch{}.add<double>(p.max_elements); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const Block block = p.blocks[item];
    double* m = ex.template scratch<double>(p.max_elements);
    load_block(ex, block, p.tile, p.ld, m);
    ex.sync();
    const bool squares = p.squares;
    const double sum =
        ex.reduce(block.rows * block.cols, 0.0, Plus{}, [=](index_t i) { return squares ? m[i] * m[i] : m[i]; });
    ex.once([&] { p.value[item] = sum; });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
