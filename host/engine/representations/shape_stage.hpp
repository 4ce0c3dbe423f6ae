#pragma once
/// Comparisons of representations: CKA, Procrustes and their relatives. All are numbers of the cross-products F_i^T F_j
/// of one factor a system (factor.hpp, pair_blocks.hpp).
#include "host/backend/backend.hpp"

#include <kindred/distances.hpp>
#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>
#include <kindred/trajectories.hpp>

#include <span>

namespace kindred::host {

/// Two collections, or one against itself.
struct Collections {
  std::span<const TrajectorySet> rows;
  std::span<const TrajectorySet> columns;  ///< the same span as rows when symmetric
  bool symmetric = false;
};

/// Fills `out` (rows x columns): symmetric to the bit with a zero diagonal when symmetric; the result of a pair does
/// not depend on the other systems, their order, tiles or threads. Throws Error{invalid_data} for different sample
/// counts (naming both systems), NaN or Inf; Error{out_of_memory} when two systems exceed the budget; Error{cancelled}.
void compare(Backend& backend, const Collections& sets, const Cka& metric, const Progress& progress,
             DistanceMatrix& out);
void compare(Backend& backend, const Collections& sets, const Procrustes& metric, const Progress& progress,
             DistanceMatrix& out);
/// Throws Error{invalid_argument} for alpha outside [0, 1].
void compare(Backend& backend, const Collections& sets, const Shape& metric, const Progress& progress,
             DistanceMatrix& out);
/// Throws Error{invalid_argument} for an explained variance outside (0, 1].
void compare(Backend& backend, const Collections& sets, const Cca& metric, const Progress& progress,
             DistanceMatrix& out);
/// Throws Error{out_of_memory} when a few dozen dissimilarity matrices exceed the budget.
void compare(Backend& backend, const Collections& sets, const Rsa& metric, const Progress& progress,
             DistanceMatrix& out);
/// Throws what cross_validated_r2 throws, where folds are asked for.
void compare(Backend& backend, const Collections& sets, const LinearRegression& metric, const Progress& progress,
             DistanceMatrix& out);

}  // namespace kindred::host
