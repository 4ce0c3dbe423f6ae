#pragma once
/// The search behind shape distances of responses over repeated trials (kindred/recording_metrics.hpp,
/// StochasticShape), for one pair.
///
/// With Z_i Z_i^T = S_i, B^2(S, T S' T^T) = min over orthogonal P of ||Z - T Z' P^T||_F^2, P the polar factor of
/// Z^T T Z'. What is minimised is therefore a sum of squares of T and of each P_i, and each of them has a closed form
/// when the others are given: alternating, the sum falls. Energy: |r| <= r^2 / (2 s) + s / 2 for the last residual s,
/// so that weighted squares 1 / s fall too (iteratively reweighted least squares). The distance is the root of a sum of
/// squares, not of a difference: right to eps for equal shapes.
///
/// The next T is the polar factor of G, the gradient's matrix at T. On orthogonal matrices G - s T has the same
/// stationary points, and its polar factor lies farther from T: with s = 0.4 <G, T> / C two thirds as many iterations
/// are needed; where one does not lower the sum, the next is plain.
///
/// Starts: the alignment of the means; the principal axes, with the signs that suit the means; and random rotations of
/// these axes, so that a rotation of a system rotates its starts. Each is followed for 20 iterations. Then each of the
/// three best is changed, twice a start: two principal axes of the second system take each other's place, with either
/// sign; of four such exchanges the best after 4 iterations is followed for up to 20 more, and taken if it is better.
/// Local minima of unrelated systems differ in such exchanges, which find the least of them much more often than as
/// many random starts do. The best is followed to its end, where an iteration gains less than 1e-13 of the sum.
///
/// Lower bounds: of gaussian, means and covariances each at their own best T, sum_k sigma_k(Z) sigma_k(Z') for a
/// covariance (von Neumann); of energy, |x - T x'| >= ||x| - |x'||. Cost, an iteration:
/// 2 n (C^2 k + 2 C k^2) + 20 n k^3, k = min(K, C), of n conditions with K trials; energy 2 n K (C^2 + 2 K C). Source:
/// Duong et al. 2023, arXiv 2211.11665, equations 4 to 9.
#include <kindred/metrics.hpp>

#include <vector>

namespace kindred::host {

/// One system: n conditions of K trials and C channels.
struct Responses {
  index_t conditions = 0, trials = 0, channels = 0, width = 0;
  std::vector<double> means;    ///< n x C
  std::vector<double> spread;   ///< gaussian: Z_i^T, n x width x C
  std::vector<double> samples;  ///< energy: n x K x C
  int unit = 0;                 ///< values are in units of 2^unit of the data

  // What `measure` computes from the above.
  std::vector<double> axes;   ///< C x C, principal axes by columns; empty where they cannot be computed
  std::vector<double> sigma;  ///< gaussian: n x width, the singular values of Z_i; infinite where they do not converge
  std::vector<double> lengths;  ///< energy: n x K, norms of the samples
  double within = 0;            ///< energy: the mean distances between two trials of a condition, summed
};

/// Adds what every search with these responses needs. O(n C^2 min(K, C) + C^3) of gaussian, O(n K^2 C + C^3) of energy.
void measure(Responses& r, const StochasticShape& metric);

/// The responses with zeros as further channels and columns of the spreads, in other units; what was measured changes
/// likewise.
[[nodiscard]] Responses embedded(const Responses& r, index_t channels, index_t width, int unit);

/// What is known of d^2, the sum over conditions in units of the responses.
struct StochasticMinimum {
  double squared = 0;  ///< of the best T found; NaN where nothing can be computed
  double bound = 0;    ///< below the minimum
  bool converged = false;
};

/// x against T x', both measured, of the same conditions, trials, channels, width and unit.
[[nodiscard]] StochasticMinimum stochastic_minimum(const Responses& x, const Responses& y,
                                                   const StochasticShape& metric);

}  // namespace kindred::host
