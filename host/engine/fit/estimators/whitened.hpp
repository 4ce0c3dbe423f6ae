#pragma once
/// Moments in the orthonormal basis U = W T of the span of W by Gram-Schmidt in the order of the directions (T upper
/// triangular, from the Cholesky factor of W^T W), so that rounding in V and in the singular values does not enter. A
/// direction that the data do not contain (its pivot vanishes to rounding) has a zero column in T.
#include "host/engine/fit/estimators/estimate.hpp"

namespace kindred::host {

struct Whitened {
  DenseMatrix t;          ///< r x r
  DenseMatrix now_now;    ///< G = U-^T U-
  DenseMatrix now_next;   ///< C = U-^T U+
  DenseMatrix next_next;  ///< N = U+^T U+

  [[nodiscard]] index_t rank() const { return t.rows(); }
  [[nodiscard]] bool is_kept(index_t direction) const { return t(direction, direction) != 0; }
};

/// The leading r x r block.
[[nodiscard]] DenseMatrix leading(const DenseMatrix& m, index_t r);
[[nodiscard]] DenseMatrix transposed(const DenseMatrix& m);
/// a b, or a^T b.
[[nodiscard]] DenseMatrix product(const DenseMatrix& a, const DenseMatrix& b, bool transpose_a = false);

/// Of the leading `rank` directions.
[[nodiscard]] Whitened whiten(const Moments& moments, index_t rank);

/// X from (square + ridge I) X = right; a dropped direction has a zero row in X if it has one in `right`. False:
/// singular.
[[nodiscard]] bool regress(const Whitened& w, DenseMatrix square, double ridge, DenseMatrix& right);

/// The estimate A = X^T, with its residual from G, C and N.
[[nodiscard]] Estimate finish(const DenseMatrix& x, const DenseMatrix& now_now, const DenseMatrix& now_next,
                              const DenseMatrix& next_next);

inline constexpr const char* singular_equations = "its normal equations are singular; use a positive ridge";

}  // namespace kindred::host
