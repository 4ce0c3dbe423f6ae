#include "host/store/tile_runs.hpp"

#include <algorithm>
#include <tuple>

namespace kindred {
namespace host {

void append_joined(std::vector<Tile>& runs, const Tile& tile) {
  const bool beside = !runs.empty() && runs.back().row == tile.row && runs.back().rows == tile.rows &&
                      runs.back().column + runs.back().columns == tile.column;
  if (beside) {
    runs.back().columns += tile.columns;
  } else {
    runs.push_back(tile);
  }
}

std::vector<Tile> stacked(std::span<const Tile> runs) {
  std::vector<Tile> out;
  std::vector<std::size_t> open;  // of `out`, those that end where the last strip of rows ends
  index_t row = -1;
  std::vector<std::size_t> now;
  for (const Tile& run : runs) {
    if (run.row != row) {
      open = std::move(now);
      now.clear();
      row = run.row;
    }
    const auto above = std::find_if(open.begin(), open.end(), [&](std::size_t k) {
      return out[k].column == run.column && out[k].columns == run.columns && out[k].row + out[k].rows == run.row;
    });
    if (above == open.end()) {
      now.push_back(out.size());
      out.push_back(run);
    } else {
      now.push_back(*above);
      out[*above].rows += run.rows;
    }
  }
  return out;
}

bool holds(std::span<const Tile> runs, const Tile& tile) {
  const auto after = std::upper_bound(runs.begin(), runs.end(), tile, [](const Tile& a, const Tile& b) {
    return std::tie(a.row, a.column) < std::tie(b.row, b.column);
  });
  if (after == runs.begin()) return false;
  const Tile& run = *(after - 1);
  return run.row == tile.row && tile.column < run.column + run.columns;
}

}  // namespace host

std::vector<Tile> tiles_of(const PairGrid& grid, const Shard& part) {
  constexpr index_t most_runs = 16;
  std::vector<Tile> out;
  if (part.count <= 1) {
    grid.for_each([&](index_t, index_t, const Tile& tile) { host::append_joined(out, tile); });
    return out;
  }
  index_t tiles = 0, pairs = 0;
  grid.for_each([&](index_t, index_t, const Tile& tile) {
    ++tiles;
    pairs += grid.pairs().count(tile);
  });
  const index_t runs = part.count * std::clamp<index_t>(tiles / part.count, 1, most_runs);
  index_t before = 0;
  grid.for_each([&](index_t, index_t, const Tile& tile) {
    const index_t count = grid.pairs().count(tile);
    // The run in which the middle of the tile's pairs lies, of runs of equal numbers of pairs.
    const auto middle = static_cast<double>(before) + 0.5 * static_cast<double>(count);
    const auto run = static_cast<index_t>(middle * static_cast<double>(runs) / static_cast<double>(pairs));
    if (run % part.count == part.number - 1) host::append_joined(out, tile);
    before += count;
  });
  return out;
}

}  // namespace kindred
