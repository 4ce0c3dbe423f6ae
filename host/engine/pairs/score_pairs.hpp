#pragma once
/// The O(N^2) part of every comparison: the pairs that are not known yet are planned, scored and handed on, tile by tile.
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/journal.hpp>
#include <kindred/progress.hpp>
#include <kindred/results.hpp>

namespace kindred::host {

/// Where results of this comparison are kept beyond the run.
struct KeptPairs {
  PairStore& store;
  ComparisonIdentity identity;
};

/// Fills `out`, the whole matrix of `pairs`. Pairs that `kept` (may be null) has are taken from there; the others are
/// scored, at most `most` at once (0: as suits the scorer), and kept in the grid of the store. Throws Error{cancelled}
/// when `progress` returns false, with what is finished kept; Error{invalid_data} if the store's tiles have no size.
void score_pairs(PairScorer& scorer, const PairSet& pairs, index_t most, const Progress& progress, KeptPairs* kept,
                 DistanceMatrix& out);

}  // namespace kindred::host
