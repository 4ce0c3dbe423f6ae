#pragma once
/// The O(N^2) part of every comparison: the pairs that are not known yet are planned, scored and handed on, tile by
/// tile.
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/journal.hpp>
#include <kindred/progress.hpp>
#include <kindred/results.hpp>

#include <functional>
#include <vector>

namespace kindred::host {

/// Where results of this comparison, which has begun there, are kept beyond the run.
struct KeptPairs {
  PairStore& store;
  PairGrid grid;
};

/// Which pairs are scored, and how.
struct PairWork {
  PairSet pairs;                            ///< all of a matrix, or a part of it
  std::function<std::vector<Tile>()> more;  ///< further tiles, until it gives none; may be empty
  index_t most = 0;                         ///< pairs that are scored at once; 0: as suits the scorer
};

/// Hands the results of `work` to `out`, tile by tile, and those of systems with themselves whose places lie in its
/// tiles. Pairs that `kept` (may be null) has are taken from there; the others are scored, and kept in the grid of the
/// store. Throws Error{cancelled} when `progress` returns false, with what is finished kept.
void score_pairs(PairScorer& scorer, const PairWork& work, const Progress& progress, KeptPairs* kept, PairSink& out);

/// All of `pairs`, into a matrix or elsewhere.
inline void score_pairs(PairScorer& scorer, const PairSet& pairs, index_t most, const Progress& progress,
                        KeptPairs* kept, PairSink& out) {
  score_pairs(scorer, PairWork{pairs, {}, most}, progress, kept, out);
}

}  // namespace kindred::host
