#pragma once
/// What every metric is to the engine: everything that is prepared once per system, and pairs that are scored tile by
/// tile.
#include "host/base/interface.hpp"
#include "host/engine/pairs/pair_result.hpp"

#include <kindred/pairs.hpp>
#include <kindred/results.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// What a plan takes into account besides the pairs.
struct PlanLimits {
  index_t most = 0;  ///< pairs of a tile; 0: as many as suit the scorer
  index_t side = 0;  ///< squares of this side are kept, each as soon as its pairs are all there; 0: nothing is kept
};

/// Scores the pairs of one collection, or of two. Made with the systems, of which it keeps what every pair needs.
class PairScorer : public Interface {
 public:
  /// Tiles that hold every pair of `pairs` once, in the order and of the size that suit the metric, its device and the
  /// budget of memory.
  [[nodiscard]] virtual std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const = 0;

  /// Scores the pairs of a tile, row-major into `out`; of one collection those of i < j, and leaves the other places as
  /// they are. Any tile will do, those of a plan in its order are fastest. A result depends on the two systems and the
  /// configuration alone: not on the tile or the order of tiles, nor on the number of threads; systems i and j of one
  /// collection give the same bits, whichever comes first.
  virtual void score(const Tile& tile, std::span<PairResult> out) = 0;

  /// The same of several tiles, out[k] of tiles[k]: for pairs that no rectangle holds, such as the i-th with the i-th.
  virtual void score_list(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out);
  /// Pairs of small tiles that are worth one list; 0: each tile by itself.
  [[nodiscard]] virtual index_t listed_at_once() const { return 0; }

  /// A system of one collection with itself.
  [[nodiscard]] virtual PairResult self(index_t /*i*/) { return same(); }

  /// The side of the squares in which results are kept, of few systems (kept_side): a matter of the metric alone. A
  /// square is what a killed run may lose, so that it takes seconds, not minutes.
  [[nodiscard]] virtual index_t stored_side() const { return 8; }
};

/// Pieces of a tile that have at most `most` places; the tile itself if `most` is 0.
[[nodiscard]] std::vector<Tile> cut(const Tile& tile, index_t most);

/// Row system i against column system j.
struct PairIndex {
  index_t i;
  index_t j;
};

/// The pairs of tiles, and where the result of each goes.
struct PairList {
  std::vector<PairIndex> pairs;
  std::vector<PairResult*> places;

  PairList(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out, bool symmetric);
};

/// Scores lists of pairs of operators, which is what block programs over pairs take.
class OperatorScorer : public PairScorer {
 public:
  /// `symmetric`: the pairs are those of one collection.
  explicit OperatorScorer(bool symmetric) : symmetric_(symmetric) {}

  /// Row by row, some `preferred_tile()` pairs at once; where squares are kept, those of a row of squares first.
  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override;
  void score(const Tile& tile, std::span<PairResult> out) override;
  void score_list(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out) override;
  [[nodiscard]] index_t listed_at_once() const override { return preferred_tile(); }
  /// Failed for an operator that cannot be compared.
  [[nodiscard]] PairResult self(index_t i) override;

  /// Scores pairs[k] into out[k], with the promises of `score`.
  virtual void run(std::span<const PairIndex> pairs, std::span<PairResult> out) = 0;

  /// Pairs worth handing over at once: enough to keep the device busy, few enough for timely progress.
  [[nodiscard]] virtual index_t preferred_tile() const = 0;

 private:
  bool symmetric_;
};

}  // namespace kindred::host
