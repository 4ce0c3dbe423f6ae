#pragma once
/// Principal-component regression (kindred/dmd.hpp): a system's operator from the second moments of its leading
/// directions.
#include "host/base/dense_matrix.hpp"

#include <kindred/types.hpp>

#include <vector>

namespace kindred::host {

/// Second moments of the leading r directions of one system's embedding, r x r row-major. With W = H V_r (columns
/// proportional to left singular vectors, not yet of unit length), W- the rows that have a successor `steps_ahead`
/// later in their trial, W+ those successors, W_last the rows without one:
struct Moments {
  index_t rank = 0;
  DenseMatrix now_now;    ///< W-^T W-
  DenseMatrix last_last;  ///< W_last^T W_last
  DenseMatrix now_next;   ///< W-^T W+
  DenseMatrix next_next;  ///< W+^T W+
};

struct DmdFit {
  std::vector<double> values;  ///< A, r x r row-major
  double residual = 0;         ///< ||U+ - U- A^T||_F / ||U+||_F; resolved down to about 1e-8
  bool ok = false;             ///< false: the normal equations are singular (ridge 0)
};

/// A = ((U-^T U- + ridge I)^-1 U-^T U+)^T for the leading `rank` directions, U = W T the orthonormal basis of the span
/// of W by Gram-Schmidt in the order of the directions (T upper triangular, from the Cholesky factor of W^T W), so that
/// rounding in V and in the singular values does not enter, and every smaller rank has a leading block of the same
/// moments. A direction that the data do not contain (its pivot vanishes to rounding) contributes a zero row and
/// column. Cost 8 r^3 flops.
[[nodiscard]] DmdFit fit_dmd(const Moments& moments, index_t rank, double ridge);

}  // namespace kindred::host
