#pragma once
/// Which directions of a system's embedding are kept: the numerical rank, and the rank by the rule of the caller.
#include "host/engine/fit/embedding.hpp"

#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// sigma / sigma_1 at or below which a direction is rounding noise.
[[nodiscard]] double rank_threshold(const Embedding& embedding, bool is_float32);

/// Number of singular values (descending) above `threshold` times the first.
[[nodiscard]] index_t count_above(std::span<const double> sigma, double threshold);

/// The directions that will be needed of a system that has `width`, as far as this is known before its singular values
/// are; else 0: the rank follows from them, or all within the numerical rank are needed.
[[nodiscard]] index_t directions_asked(const Dmd& dmd, index_t width);

/// The rank that the rule gives a system of `numerical_rank` directions, from the singular values of its embedding
/// times Embedding::scale, descending; 0: no direction satisfies the rule.
[[nodiscard]] index_t rank_by_rule(const RankRule& rule, std::span<const double> sigma, const Embedding& embedding,
                                   index_t numerical_rank);

/// The directions whose moments the regression needs.
[[nodiscard]] index_t directions_needed(const Dmd& dmd, index_t rank, index_t numerical_rank);

/// The ranks of one system: within rounding, and by its rule (0: not fitted, or no direction).
struct SystemRanks {
  index_t numerical = 0, by_rule = 0;
};

/// The rank of every system, as its rule says, or one for all (Dmd::rank_shared, RankExcess::clip, which are equal in
/// all `dmds`). Throws Error{invalid_data} where RankExcess::error asks for it.
[[nodiscard]] std::vector<index_t> settle_ranks(std::span<const TrajectorySet> systems,
                                                std::span<const Embedding> embeddings,
                                                std::span<const SystemRanks> ranks, std::span<const Dmd> dmds);

/// Whether the least-squares problem of rank `rank` has no more equations than unknowns, so that it fits any data
/// exactly and the operator says nothing about the dynamics. Directions beyond the numerical rank are not counted: they
/// carry no data. Inputs are unknowns as states are.
[[nodiscard]] bool is_undetermined(const Embedding& embedding, index_t rank, index_t numerical_rank,
                                   index_t inputs = 0);

}  // namespace kindred::host
