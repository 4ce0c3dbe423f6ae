#pragma once
/// Projection weighted canonical correlations (kindred/recording_metrics.hpp, CcaWeights::projection).
#include "host/engine/representations/pair_values.hpp"

#include <memory>

namespace kindred::host {

/// sum_i w_i rho_i / sum_i w_i, or of rho_i^2: rho_i the canonical correlations, w_i = sum over channels c of |<h_i,
/// x_c>|, h_i the canonical variates of X (arXiv 1806.05759, equation 3); of both directions the mean. With
/// X = U S V^T, the singular vectors P of U_x^T U_y give h_i = U P_i and w_i = sum_c |(V S P)_ci|. Cost a pair: 2 m r^2
/// on the device, about 25 r^3 + 4 C r^2 on the processor.
[[nodiscard]] std::unique_ptr<PairScorer> make_projection_weighted(Backend& backend, Factors factors,
                                                                   const Cca& metric);

}  // namespace kindred::host
