#pragma once
#include "kernels/exec/executor.hpp"

#include <cmath>
#include <limits>

namespace kindred::kernels::inline KINDRED_TARGET {

/// By what samples are near each other (NeighbourKeys).
enum class KeyBy { inner_product, euclidean, cosine };

/// Keys whose ascending order is that of a sample's neighbours, the nearest first.
///
///     key[i, j] = -k_ij                                           inner_product
///                 s_j - 2 k_ij, the squared distance less s_i     euclidean
///                 -k_ij / sqrt(s_j), infinity where s_j = 0       cosine
///
/// Item: row i.
/// in   products: k_ij, the inner products of samples, rows x columns; squares: s_j, the samples' squared norms
/// out  keys: rows x columns
/// Cost of an entry: 24 bytes, one or two operations; no scratch. Accuracy: each operation is rounded once.
struct NeighbourKeys {
  struct Params {
    const double* products;
    const double* squares;
    double* keys;
    index_t columns;
    KeyBy by;
  };

  static Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return p.columns; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const double *products = p.products + item * p.columns, *squares = p.squares;
    double* keys = p.keys + item * p.columns;
    if (p.by == KeyBy::inner_product) {
      ex.for_each(p.columns, [=](index_t j) { keys[j] = -products[j]; });
    } else if (p.by == KeyBy::euclidean) {
      // 2 k is exact, so that a fused multiply-add rounds as the two operations do.
      ex.for_each(p.columns, [=](index_t j) { keys[j] = squares[j] - 2 * products[j]; });
    } else {
      ex.for_each(p.columns, [=](index_t j) {
        keys[j] = squares[j] > 0 ? -(products[j] / std::sqrt(squares[j])) : std::numeric_limits<double>::infinity();
      });
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
