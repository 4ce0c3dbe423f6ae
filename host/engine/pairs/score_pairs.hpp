#pragma once
/// The O(N^2) part of a comparison of operators: a scorer holds everything prepared once per system and scores lists of
/// pairs; the engine cuts the pair matrix into tiles, hands them over, reports progress and fills the matrix.
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/distances.hpp>
#include <kindred/journal.hpp>
#include <kindred/progress.hpp>

namespace kindred::host {

/// Where results of this comparison are kept beyond the run.
struct KeptPairs {
  PairStore& store;
  ComparisonIdentity identity;
};

/// Scores all pairs with `scorer`: the upper triangle mirrored when `symmetric` (one collection; the diagonal stays
/// exactly zero), else every row against every column. `tile` 0: the scorer's preference. Pairs that `kept` (may be
/// null) has are taken from there, and every tile is added to it. Throws Error{cancelled} when `progress` returns
/// false.
void score_pairs(OperatorScorer& scorer, bool symmetric, index_t tile, const Progress& progress, KeptPairs* kept,
                 DistanceMatrix& out);

}  // namespace kindred::host
