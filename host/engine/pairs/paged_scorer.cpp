#include "host/engine/pairs/paged_scorer.hpp"

#include <algorithm>

namespace kindred::host {

Block PagedScorer::block(index_t number, index_t systems, index_t count) {
  const index_t first = number * systems;
  return {first, std::min(systems, count - first)};
}

PagedScorer::PagedScorer(const PairSet& pairs, index_t systems, Make make)
    : rows_(pairs.rows()),
      columns_(pairs.columns()),
      systems_(systems),
      symmetric_(pairs.symmetric()),
      make_(std::move(make)) {
  (void)scorer_of(rows_at(0), columns_at(0));
}

PairScorer& PagedScorer::scorer_of(const Block& rows, const Block& columns) {
  if (!scorer_ || rows != row_block_ || columns != column_block_) {
    scorer_.reset();  // before the next one takes its place in memory
    scorer_ = make_(rows, columns);
    row_block_ = rows;
    column_block_ = columns;
  }
  return *scorer_;
}

std::vector<Tile> PagedScorer::plan(const PairSet& pairs, const PlanLimits& limits) const {
  std::vector<Tile> out;
  for (index_t row = 0; row < rows_; row += systems_) {
    for (index_t column = symmetric_ ? row : 0; column < columns_; column += systems_) {
      const Block rows = rows_at(row), columns = columns_at(column);
      std::vector<Tile> part = pairs.within({rows.first, columns.first, rows.count, columns.count});
      if (part.empty()) continue;
      const auto tiles = scorer_->plan(pairs.in(std::move(part)), limits);
      out.insert(out.end(), tiles.begin(), tiles.end());
    }
  }
  return out;
}

void PagedScorer::score(const Tile& tile, std::span<PairResult> out) {
  const Block rows = rows_at(tile.row), columns = columns_at(tile.column);
  scorer_of(rows, columns).score({tile.row - rows.first, tile.column - columns.first, tile.rows, tile.columns}, out);
}

PairResult PagedScorer::self(index_t i) {
  const Block rows = rows_at(i);
  return scorer_of(rows, rows).self(i - rows.first);
}

index_t systems_a_block(index_t systems, std::size_t bytes, std::size_t budget) {
  constexpr index_t unit = 64;
  const auto fitting = static_cast<index_t>(budget / 2 / std::max<std::size_t>(bytes, 1));
  if (systems <= fitting) return std::max<index_t>(systems, 1);
  const index_t half = fitting / 2;
  return std::max<index_t>(1, half < unit ? half : half / unit * unit);
}

}  // namespace kindred::host
