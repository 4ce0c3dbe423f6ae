#pragma once
/// The regressions of Dmd::regression. Each gives A of the step; none sees Dmd::dt.
#include "host/engine/fit/estimators/whitened.hpp"

namespace kindred::host {

[[nodiscard]] Estimate principal_components(const Whitened& w, double ridge);

/// Principal components and inputs C together predict U+: [A^T; B^T] = (Z^T Z + ridge I)^-1 Z^T U+, Z = [U-, C] (DMD
/// with control, Proctor et al. 2016, doi 10.1137/15M1013857). An input that never acts has a zero column in B.
[[nodiscard]] Estimate with_inputs(const Whitened& w, const Moments& moments, double ridge);

/// The moments that are left when what the inputs did, C B^T, is taken off U+.
[[nodiscard]] Whitened without_inputs(const Whitened& w, const Moments& moments, const Estimate& found);

/// `w` of all directions within the numerical rank.
[[nodiscard]] Estimate reduced_rank(const Whitened& w, index_t rank, double ridge);

/// `moments` and `sigma` give the lengths that W has as H V_r, in which noise is as strong in every direction. Fails
/// where the r-th and the next eigenvalue of the joint moments are equal to rounding: about sigma_r < 1e-7 sigma_1.
[[nodiscard]] Estimate total_least_squares(const Whitened& w, const Moments& moments, std::span<const double> sigma,
                                           double ridge);

/// The square root by Newton's method from F, which leads to the root next to it where they commute; fails where that
/// does not settle: a real root does not exist, or two eigenvalues are nearly opposite.
[[nodiscard]] Estimate forward_backward(const Whitened& w, double ridge);

}  // namespace kindred::host
