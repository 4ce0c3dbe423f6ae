#pragma once
/// Principal directions of a system's centred, scaled channels, and factors in that basis.
#include "host/engine/representations/factor.hpp"

#include <span>
#include <vector>

namespace kindred::host {

/// X = U diag(sigma) V^T, without what is at most `tolerance` sigma_1.
struct Principal {
  std::vector<double> sigma;  ///< r, descending
  std::vector<double> v;      ///< C x r, row-major
};

/// By a QR factorisation of X and the SVD of its triangle, or, with fewer samples than channels, by the SVD of X
/// itself: backward stable, so that small sigma are right to eps sigma_1. Empty when the iteration does not converge.
/// Cost, with k = min(m, C): 2 m C k + O(k^2 max(m, C)) flops, about 8 (m + 3 k) C bytes.
[[nodiscard]] Principal principal_directions(Backend& backend, const Factor& factor, double tolerance);

/// The tolerance that leaves the numerical range of X, max(m, C) eps.
[[nodiscard]] double range_tolerance(const Factor& factor);

/// Makes F = X V_k diag(weight), k = weight.size() <= r.
void set_basis(Factor& factor, const Principal& principal, std::span<const double> weight);

/// Replaces the channels by principal coordinates where these are fewer and nothing is lost: fewer samples than
/// channels, or a rank of at most 3/4 of the channels (which pays for itself from about 9 pairs a system on).
/// Directions of at most max(C, 32) eps sigma_1, the rounding of a product of the channels, count as absent.
/// Cross-products keep their singular values to that rounding, the factor its squared norm. Whether a system is
/// compressed depends on it alone. Cost: 2 C^3 flops where 2 C samples prove the rank to be above 3/4 C, by the
/// Cholesky factorisation of a shifted Gram matrix (Rump 2006, doi 10.1007/s10543-006-0056-1); that of
/// principal_directions for the others.
void compress(Backend& backend, std::vector<Factor>& factors);

}  // namespace kindred::host
