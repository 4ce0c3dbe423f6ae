#pragma once
/// Deals out the tiles of a comparison to those who ask.
#include "host/store/tile_runs.hpp"

#include <kindred/pair_grid.hpp>

#include <algorithm>
#include <deque>
#include <vector>

namespace kindred::job {

/// Runs of tiles of one grid, large ones at first, single tiles at the end.
class Dealer {
 public:
  Dealer(const PairGrid& grid, int processes) : grid_(grid), processes_(processes) {}

  /// A tile to be computed, the next in the order of the grid.
  void add(const Tile& tile) {
    host::append_joined(runs_, tile);
    left_ += grid_.pairs().count(tile);
  }
  /// All have been added.
  void begin() {
    queue_.assign(runs_.begin(), runs_.end());
    runs_.clear();
  }

  /// Tiles for one process: an eighth of its even share of what is left, but not few.
  std::vector<Tile> deal() {
    constexpr index_t few = 32;  // tiles
    const index_t target = std::max<index_t>(
        {1, left_ / (8 * processes_), std::min(left_ / (2 * processes_), few * grid_.side() * grid_.side())});
    std::vector<Tile> out;
    for (index_t dealt = 0; dealt < target && !queue_.empty();) {
      const Tile run = queue_.front();
      queue_.pop_front();
      index_t end = run.column;
      host::for_each_tile_in(grid_, run, [&](index_t, index_t, const Tile& tile) {
        if (dealt >= target) return;
        dealt += grid_.pairs().count(tile);
        end = tile.column + tile.columns;
      });
      const index_t columns = end - run.column;
      out.push_back({run.row, run.column, run.rows, columns});
      if (columns < run.columns) queue_.push_front({run.row, end, run.rows, run.columns - columns});
    }
    for (const Tile& run : out) left_ -= grid_.pairs().count(run);
    return out;
  }
  [[nodiscard]] const PairGrid& grid() const { return grid_; }

 private:
  PairGrid grid_;
  int processes_;
  std::vector<Tile> runs_;
  std::deque<Tile> queue_;
  index_t left_ = 0;
};

}  // namespace kindred::job
