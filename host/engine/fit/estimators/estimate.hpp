#pragma once
/// Step 3 of a fit (fit.hpp): a system's operator from the second moments of its leading directions, by the regression
/// that Dmd::regression names (kindred/dmd.hpp). Nothing here depends on the device.
#include "host/base/dense_matrix.hpp"

#include <kindred/dmd.hpp>

#include <span>
#include <string>
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
  /// With inputs C, a row for each of W-: W-^T C and W+^T C (r x m), C^T C (m x m); else empty.
  DenseMatrix now_input, next_input, input_input;
};

/// An operator, or why there is none.
struct Estimate {
  std::vector<double> values{};        ///< A, r x r row-major
  std::vector<double> input_matrix{};  ///< B, r x m row-major, where there are inputs
  double residual = 0;                 ///< ||U+ - U- A^T||_F / ||U+||_F of A by the step; resolved down to about 1e-8
  /// Of reduced-rank regression, W^T B^T (r x p), which predicts the r coordinates from all p directions, and
  /// W (p x r); else empty: A predicts from its own r.
  DenseMatrix lead{}, coordinates{};
  std::vector<Eigenvalue> spectrum{};  ///< of the result, where it was asked for
  std::string failure{};               ///< "its normal equations are singular"; empty: none
};

/// The operator of rank `rank` by the regression of `dmd`, or its generator (Dmd::dt), and B. `sigma`: singular values,
/// descending. Every smaller rank takes a leading block of the same moments; reduced-rank regression takes all of them.
/// Cost: 8 r^3 flops by principal components; reduced rank 30 p^3, p the rank of the moments; total least squares
/// 80 r^3; forward-backward about 200 r^3, the generator about 100 (r + m)^3 more with m inputs; the spectrum 30 r^3,
/// and 6 p^2 r of reduced rank.
[[nodiscard]] Estimate estimate(const Moments& moments, std::span<const double> sigma, index_t rank, const Dmd& dmd,
                                bool spectrum = false);

}  // namespace kindred::host
