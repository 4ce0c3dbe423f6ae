#pragma once
/// Spectral-Grassmann transport between operators (kindred/operator_metrics.hpp, SpectralGrassmann).
#include "host/backend/backend.hpp"
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <memory>
#include <span>

namespace kindred::host {

/// Eigenvectors come from LAPACK dgeev, in the coordinates of Operator::basis: right ones Q R w and left ones Q R^-T v
/// with basis = Q R; without a basis w and v themselves. Everything is on the processor: 25 r^3 + 16 n r^2 flops and
/// 32 n r bytes a system of n coordinates, 16 n r^2 flops and an assignment of r eigenvalues a pair. 1 - delta^2 is
/// right to some eps whatever its size: near 1 it comes from what is left of one eigenvector when its part along the
/// other is taken off. A pair with an operator that could not be fitted, or whose eigenvectors do not exist, fails.
/// Throws Error{invalid_data} for operators of which one has coordinates (Operator::basis) and another has none, or not
/// as many (naming both); Error{invalid_argument} for fields out of range; Error{out_of_memory} where the eigenvectors
/// exceed the budget.
[[nodiscard]] std::unique_ptr<PairScorer> make_whole_scorer(Backend& backend, std::span<const Operator> rows,
                                                            std::span<const Operator> columns,
                                                            const SpectralGrassmann& metric, const Progress& progress);

}  // namespace kindred::host
