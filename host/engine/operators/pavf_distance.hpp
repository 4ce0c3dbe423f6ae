#pragma once
/// From what a search found out about a pair to its distance and what is proven of it.
#include "host/engine/operators/pavf_prepare.hpp"
#include "kernels/program/pavf.hpp"

#include <kindred/metrics.hpp>
#include <kindred/results.hpp>

namespace kindred::host {

/// Distance (of operators of unit norm) within which a minimum counts as proven global.
inline constexpr double pavf_proof_tolerance = 1e-6;

/// Operators of the same bits.
[[nodiscard]] bool pavf_identical(const PavfSystem& a, const PavfSystem& b);

/// Whether the distance depends on the change of basis: not where an operator is unusable or a multiple of the
/// identity, nor where both are identical.
[[nodiscard]] bool pavf_needs_alignment(const PavfSystem& a, const PavfSystem& b);

/// A distance of operators, in [0, 2] where they are of unit norm, as the score that was asked for.
[[nodiscard]] double pavf_score(double distance, DsaScore score);

/// Result of a pair of operators of size r; `outcome` null: it needs no alignment.
[[nodiscard]] PairResult pavf_result_of(const PavfSystem& a, const PavfSystem& b, index_t r, const Dsa& config,
                                        const kernels::PavfOutcome* outcome);

/// The lower bound that the proofs alone give, in the units of the result. The result's own is this one, but never
/// above the distance that was found: that would hide a bound which is too large, so tests look here.
[[nodiscard]] double pavf_proven_bound(const PavfSystem& a, const PavfSystem& b, index_t r, const Dsa& config,
                                       const kernels::PavfOutcome& outcome);

}  // namespace kindred::host
