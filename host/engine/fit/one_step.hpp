#pragma once
/// The small end of a fit: the operator from second moments of the leading directions.
#include <kindred/types.hpp>

#include <vector>

namespace kindred::host {

/// Second moments of the leading r directions of one system's embedding, r x r row-major. With W = H V_r (columns
/// proportional to left singular vectors, not yet of unit length), W- the rows that have a successor `steps_ahead`
/// later in their trial, W+ those successors, W_last the rows without one:
struct Moments {
  index_t rank = 0;
  std::vector<double> now_now;    ///< W-^T W-
  std::vector<double> last_last;  ///< W_last^T W_last
  std::vector<double> now_next;   ///< W-^T W+
  std::vector<double> next_next;  ///< W+^T W+
};

struct OneStepFit {
  std::vector<double> values;  ///< A, r x r row-major
  double residual = 0;         ///< ||U+ - U- A^T||_F / ||U+||_F; resolved down to about 1e-8
  bool ok = false;             ///< false: the normal equations are singular (ridge 0)
};

/// A = ((U-^T U- + ridge I)^-1 U-^T U+)^T for the leading `rank` directions, U = W T the orthonormal basis of the span
/// of W by Gram-Schmidt in the order of the directions (T upper triangular, from the Cholesky factor of W^T W), so that
/// rounding in V and in the singular values does not enter, and every smaller rank has a leading block of the same
/// moments. A direction that the data do not contain (its pivot vanishes to rounding) contributes a zero row and
/// column. Cost 8 r^3 flops.
[[nodiscard]] OneStepFit fit_one_step(const Moments& moments, index_t rank, double ridge);

}  // namespace kindred::host
