#pragma once
/// Collections of which not everything that is prepared fits into memory: blocks of systems, of which two are prepared
/// at a time.
#include "host/engine/pairs/pair_scorer.hpp"

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// Systems first, first + 1, ...
struct Block {
  index_t first = 0, count = 0;

  bool operator==(const Block&) const = default;
};

/// Scores the pairs of a matrix block by block, with scorers that know the systems of one block of rows and one of
/// columns. What a scorer promises of results (they depend on the two systems alone) makes them the same bits as those
/// of one scorer. Preparing is done once for each pair of blocks: with n systems a block, 2 / n as often as pairs are
/// scored.
class PagedScorer final : public PairScorer {
 public:
  /// A scorer of these rows against these columns; of one block against itself if they are the same and the matrix is
  /// symmetric.
  using Make = std::function<std::unique_ptr<PairScorer>(const Block& rows, const Block& columns)>;

  /// `systems`: of a block, at least 1. Makes the first scorer, so that what it refuses is refused before anything
  /// else.
  PagedScorer(const PairSet& pairs, index_t systems, Make make);

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override;
  void score(const Tile& tile, std::span<PairResult> out) override;
  [[nodiscard]] PairResult self(index_t i) override;
  [[nodiscard]] index_t stored_side() const override { return scorer_->stored_side(); }

 private:
  [[nodiscard]] static Block block(index_t number, index_t systems, index_t count);
  [[nodiscard]] Block rows_at(index_t row) const { return block(row / systems_, systems_, rows_); }
  [[nodiscard]] Block columns_at(index_t column) const { return block(column / systems_, systems_, columns_); }
  PairScorer& scorer_of(const Block& rows, const Block& columns);

  index_t rows_, columns_, systems_;
  bool symmetric_;
  Make make_;
  Block row_block_, column_block_;  ///< of the scorer that there is
  std::unique_ptr<PairScorer> scorer_;
};

/// Systems of a block, two of which are prepared at a time at `bytes` each within half of `budget`: all of `systems`,
/// or whole multiples of 64 as far as that is possible.
[[nodiscard]] index_t systems_a_block(index_t systems, std::size_t bytes, std::size_t budget);

}  // namespace kindred::host
