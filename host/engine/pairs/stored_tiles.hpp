#pragma once
/// The grid in which results are kept, and its tiles as they fill.
#include "host/store/tile_runs.hpp"

#include <kindred/pairs.hpp>
#include <kindred/results.hpp>

#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// The side of the squares in which a comparison that begins is kept: `least`, or the power of two times it, up to 32,
/// that makes them about 2^18 at most, of which each costs some bytes of memory and of the journal. A matter of the
/// metric and the number of systems alone, so that all parts of a comparison have one grid; a journal that grows keeps
/// its own.
[[nodiscard]] index_t kept_side(const PairSet& pairs, index_t least);

/// The tiles of a regular grid of squares of `side` systems that hold pairs, row by row.
[[nodiscard]] std::vector<Tile> stored_tiles(const PairSet& pairs, index_t side);

/// Calls f(square, part) for each tile of the grid that a tile of `pairs` meets, with the part of it that lies in this
/// tile and holds pairs; tile by tile, row by row.
void for_each_square(const PairSet& pairs, const PairGrid& grid,
                     const std::function<void(const Tile&, const Tile&)>& f);

/// Collects the results of a scorer's tiles into the tiles of the grid.
class TileAssembly {
 public:
  using Put = std::function<void(const Tile&, std::span<const PairResult>)>;

  /// `put` gets every tile of the grid as soon as all its pairs are there.
  TileAssembly(PairGrid grid, Put put) : grid_(std::move(grid)), put_(std::move(put)) {}

  void take(const Tile& tile, std::span<const PairResult> results);

 private:
  struct Part {
    index_t missing = 0;
    std::vector<PairResult> results;
  };

  void take(index_t row, index_t column, const Tile& tile, std::span<const PairResult> results);

  PairGrid grid_;
  Put put_;
  std::map<std::pair<index_t, index_t>, Part> parts_;  // by place in the grid: those that are not whole yet
};

}  // namespace kindred::host
