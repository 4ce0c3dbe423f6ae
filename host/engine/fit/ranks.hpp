#pragma once
#include "host/engine/fit/embedding.hpp"

#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// How the rank of a system's operator is chosen.
struct RankRule {
  index_t fixed = 0;  ///< 0: the numerical rank of each system

  explicit RankRule(const Dmd& dmd) : fixed(dmd.rank) {}

  [[nodiscard]] bool is_fixed() const { return fixed > 0; }
  /// The rank of a system whose numerical rank is known.
  [[nodiscard]] index_t of(index_t numerical_rank) const { return is_fixed() ? fixed : numerical_rank; }
  /// The most that a system of `width` directions can be asked for.
  [[nodiscard]] index_t most(index_t width) const { return is_fixed() ? fixed : width; }
};

/// sigma / sigma_1 at or below which a direction is rounding noise.
[[nodiscard]] double rank_threshold(const Embedding& embedding, bool is_float32);

/// Number of singular values (descending) above `threshold` times the first.
[[nodiscard]] index_t count_above(std::span<const double> sigma, double threshold);

/// The rank of every system, from the numerical ranks of all (0: could not be fitted): as its rule says, or the
/// smallest of the collection (RankExcess::clip). Throws Error{invalid_data} where RankExcess::error asks for it.
[[nodiscard]] std::vector<index_t> settle_ranks(std::span<const TrajectorySet> systems,
                                                std::span<const index_t> numerical_ranks, const Dmd& dmd);

/// Whether the least-squares problem of rank `rank` has no more equations than unknowns, so that it fits any data
/// exactly and the operator says nothing about the dynamics. Directions beyond the numerical rank are not counted: they
/// carry no data.
[[nodiscard]] bool is_undetermined(const Embedding& embedding, index_t rank, index_t numerical_rank);

}  // namespace kindred::host
