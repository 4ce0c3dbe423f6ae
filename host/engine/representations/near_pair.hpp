#pragma once
/// Distances between nearly equal representations, from the difference of the aligned data. A similarity s near 1 in
/// float64 gives 1 - s to about 1e-15 only, and its angle, sqrt(2 (1 - s)), to 1e-15 / angle; here the error is about
/// 1e-16 whatever the angle.
#include "host/engine/representations/factor.hpp"

namespace kindred::host {

/// Below this 1 - s the functions below are used: above it the angle from s is right to 1e-10 relative.
inline constexpr double near_similarity = 1e-5;

/// min over orthogonal Q of ||a X - b Y Q||_F for the factors' X and Y (the narrower padded with zeros), Q from the SVD
/// of X^T Y: an error in Q enters squared. Cost about 6 m n^2 + 22 n^3 flops, n the wider of the two.
[[nodiscard]] double procrustes_residual(Backend& backend, const Factor& x, double a, const Factor& y, double b);

/// ||K / |K| - L / |L| ||_F for K = X X^T and L = Y Y^T: with D = X - Y Q and S = X + Y Q of the normalised X and Y,
/// K - L = (D S^T + S D^T) / 2, so ||K - L||^2 = (<D^T D, S^T S> + <D^T S, S^T D>) / 2. `x_norm` = ||X^T X||_F.
[[nodiscard]] double gram_residual(Backend& backend, const Factor& x, double x_norm, const Factor& y, double y_norm);

}  // namespace kindred::host
