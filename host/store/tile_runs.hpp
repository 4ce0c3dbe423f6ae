#pragma once
/// Runs of tiles: some of the tiles of a grid, those side by side as one rectangle.
#include <kindred/journal.hpp>
#include <kindred/pair_grid.hpp>

#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// Calls f(row, column, tile) for each tile of the grid in a rectangle of whole tiles that holds pairs.
template <class F>
void for_each_tile_in(const PairGrid& grid, const Tile& run, F&& f) {
  if (run.rows == 0 || run.columns == 0) return;
  const index_t last_row = grid.row_of(run.row + run.rows - 1),
                last_column = grid.column_of(run.column + run.columns - 1);
  for (index_t row = grid.row_of(run.row); row <= last_row; ++row) {
    for (index_t column = grid.column_of(run.column); column <= last_column; ++column) {
      const Tile tile = grid.tile(row, column);
      if (grid.pairs().count(tile) > 0) f(row, column, tile);
    }
  }
}

/// Adds a tile, the next in the order of the grid: to the last run, if it lies beside its end.
void append_joined(std::vector<Tile>& runs, const Tile& tile);

/// Runs below each other that have the same columns, as one.
[[nodiscard]] std::vector<Tile> stacked(std::span<const Tile> runs);

/// Whether a run among `runs`, which are in the order of the grid and of one strip of rows each, holds a tile.
[[nodiscard]] bool holds(std::span<const Tile> runs, const Tile& tile);

}  // namespace kindred::host
