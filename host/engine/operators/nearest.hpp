#pragma once
/// Neighbours of operators without all pairs.
#include "host/engine/operators/operator_bounds.hpp"

#include <kindred/nearest.hpp>

namespace kindred::host {

/// Throws Error{invalid_argument} for options that are out of range, or that ask for nothing.
void check(const NearestOptions& options);

/// Exact neighbours under the scorer's own distances (null: under the bounds themselves). Of each query the candidates
/// are taken in the order of their lower bounds until the next bound is above the distance of the k-th neighbour so
/// far, or the radius: no other candidate can enter, since no distance is below its bound. A pair of one collection is
/// scored once and counts for both. The result depends neither on the backend's budget, which sets how many queries are
/// searched for at once, nor on threads.
/// Cost: the bounds of all pairs (OperatorBounds), a distance for every candidate that its bound does not exclude.
/// Throws Error{cancelled}.
[[nodiscard]] Neighbours nearest(Backend& backend, OperatorScorer* scorer, OperatorBounds& bounds, const PairSet& pairs,
                                 const NearestOptions& options, const Progress& progress);

}  // namespace kindred::host
