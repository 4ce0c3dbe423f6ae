#pragma once
/// Principal directions of a system's centred, scaled channels, and factors in that basis.
#include "host/engine/factor.hpp"

#include <span>
#include <vector>

namespace kindred::host {

/// X = U diag(sigma) V^T on its numerical range, sigma_r > max(m, C) eps sigma_1.
struct Principal {
  std::vector<double> sigma;  ///< r, descending
  std::vector<double> v;      ///< C x r, row-major
};

/// By a QR factorisation of X and the SVD of its triangle: backward stable, so that small sigma are right to
/// eps sigma_1. Empty when the iteration does not converge. Cost 2 m C^2 + O(C^3) flops, 8 (m + 3 C) C bytes.
[[nodiscard]] Principal principal_directions(Backend& backend, const Factor& factor);

/// Makes F = X V_k diag(weight), k = weight.size() <= r.
void set_basis(Factor& factor, const Principal& principal, std::span<const double> weight);

/// Replaces the channels by principal coordinates where these are fewer and nothing is lost: fewer samples than
/// channels, or a rank below the channel count. Cross-products keep their singular values.
void compress(Backend& backend, std::vector<Factor>& factors);

}  // namespace kindred::host
