#pragma once
#include "kernels/prim/bidiagonal.hpp"
#include "kernels/program/block_norm.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Nuclear norms of blocks of a tile of cross-products.
///
///     value[item] = ||M||_* = the sum of the singular values of M
///
/// in   tile: row-major, leading dimension ld; blocks[item] says where the p x q block M lies
/// out  value: float64, one an item; NaN when the iteration did not converge (M is not finite)
/// Cost an item: with m = max(p, q), n = min(p, q): 4 n^2 (m - n / 3) flops for the bidiagonal form, about 2 n^2
/// rotations for its singular values; scratch 8 (m n + 2 m + 2 n) bytes.
/// Accuracy: c(m, n) eps ||M||_2 for each singular value, and so n eps relative to the sum. The order of operations
/// depends on the block as it is read, not on its place in the tile.
template <class T>
struct NuclearNorm {
  struct Params {
    const T* tile;
    index_t ld;
    const Block* blocks;
    double* value;
    index_t max_rows, max_cols;  ///< of the blocks, larger and smaller side
  };

  static Scratch scratch(const Params& p) {
    return Scratch{}
        .add<double>(p.max_rows * p.max_cols)
        .template add<double>(p.max_rows)
        .template add<double>(p.max_rows)
        .template add<double>(p.max_cols)
        .template add<double>(p.max_cols);
  }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    Block block = p.blocks[item];
    const index_t rows = block.transposed ? block.cols : block.rows, cols = block.transposed ? block.rows : block.cols;
    const index_t m = rows < cols ? cols : rows, n = rows < cols ? rows : cols;
    if (rows < cols) block.transposed = !block.transposed;

    double* a = ex.template scratch<double>(p.max_rows * p.max_cols);
    double* v = ex.template scratch<double>(p.max_rows);
    double* w = ex.template scratch<double>(p.max_rows);
    double* d = ex.template scratch<double>(p.max_cols);
    double* e = ex.template scratch<double>(p.max_cols);
    load_block(ex, block, p.tile, p.ld, a);
    bidiagonalize(ex, m, n, a, d, e, v, w);
    ex.sync();  // d and e
    ex.once([&] {
      double sum = 0;
      if (bidiagonal_singular_values(n, d, e)) {
        for (index_t i = 0; i < n; ++i) sum += std::abs(d[i]);
      } else {
        sum = NAN;
      }
      p.value[item] = sum;
    });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
