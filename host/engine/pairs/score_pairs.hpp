#pragma once
/// The O(N^2) part of a comparison of operators: a stage holds everything prepared once per system and scores lists of
/// pairs; the engine cuts the pair matrix into tiles, hands them over, reports progress and fills the matrix.
#include <kindred/distances.hpp>
#include <kindred/engine.hpp>
#include <kindred/journal.hpp>

#include <span>

namespace kindred::host {

/// Row system i against column system j.
struct PairIndex {
  std::int32_t i;
  std::int32_t j;
};

class PairStage {
 public:
  PairStage() = default;
  PairStage(const PairStage&) = delete;
  PairStage& operator=(const PairStage&) = delete;
  virtual ~PairStage() = default;

  /// Scores pairs[k] into out[k]. A result depends on the two systems and the configuration alone: not on the tile, its
  /// size or order, nor on the number of threads; (i, j) and (j, i) of one collection give the same bits.
  virtual void run(std::span<const PairIndex> pairs, std::span<PairResult> out) = 0;

  /// Pairs worth handing over at once: enough to keep the device busy, few enough for timely progress.
  [[nodiscard]] virtual index_t preferred_tile() const = 0;
};

/// Where results of this comparison are kept beyond the run.
struct KeptPairs {
  PairStore& store;
  ComparisonIdentity identity;
};

/// Scores all pairs with `stage`: the upper triangle mirrored when `symmetric` (one collection; the diagonal stays
/// exactly zero), else every row against every column. `tile` 0: the stage's preference. Pairs that `kept` (may be
/// null) has are taken from there, and every tile is added to it. Throws Error{cancelled} when `progress` returns
/// false.
void score_pairs(PairStage& stage, bool symmetric, index_t tile, const Progress& progress, KeptPairs* kept,
                 DistanceMatrix& out);

/// Throws Error{cancelled} when the caller's progress callback asks to stop.
void report(const Progress& progress, const char* stage, index_t done, index_t total);

}  // namespace kindred::host
