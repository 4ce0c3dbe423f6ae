#include "host/engine/pairs/stored_tiles.hpp"

#include <algorithm>

namespace kindred::host {
namespace {

/// The tile at a place of the grid, cut off at the end of the matrix.
Tile grid_tile(const PairSet& pairs, index_t side, index_t row, index_t column) {
  const index_t i = row * side, j = column * side;
  return {i, j, std::min(side, pairs.rows() - i), std::min(side, pairs.columns() - j)};
}

bool contains(const Tile& tile, index_t i, index_t j) {
  return i >= tile.row && i < tile.row + tile.rows && j >= tile.column && j < tile.column + tile.columns;
}

}  // namespace

std::vector<Tile> stored_tiles(const PairSet& pairs, index_t side) {
  std::vector<Tile> out;
  for (index_t row = 0; row * side < pairs.rows(); ++row) {
    for (index_t column = pairs.symmetric() ? row : 0; column * side < pairs.columns(); ++column) {
      const Tile tile = grid_tile(pairs, side, row, column);
      if (pairs.count(tile) > 0) out.push_back(tile);
    }
  }
  return out;
}

std::vector<Tile> joined(std::span<const Tile> tiles) {
  std::vector<Tile> out;
  for (const Tile& tile : tiles) {
    const bool beside = !out.empty() && out.back().row == tile.row && out.back().rows == tile.rows &&
                        out.back().column + out.back().columns == tile.column;
    if (beside) {
      out.back().columns += tile.columns;
    } else {
      out.push_back(tile);
    }
  }
  return out;
}

void TileAssembly::take(const Tile& tile, std::span<const PairResult> results) {
  if (tile.rows == 0 || tile.columns == 0) return;
  for (index_t row = tile.row / side_; row * side_ < tile.row + tile.rows; ++row) {
    for (index_t column = tile.column / side_; column * side_ < tile.column + tile.columns; ++column) {
      take(row, column, tile, results);
    }
  }
}

void TileAssembly::take(index_t row, index_t column, const Tile& tile, std::span<const PairResult> results) {
  const Tile square = grid_tile(pairs_, side_, row, column);
  if (pairs_.count(square) == 0) return;
  const auto [found, made] = parts_.try_emplace({row, column});
  Part& part = found->second;
  if (made) {
    part.missing = pairs_.count(square);
    part.results.resize(static_cast<std::size_t>(square.rows * square.columns));
  }
  for_each_pair(square, pairs_.symmetric(), [&](index_t i, index_t j, std::size_t k) {
    if (!contains(tile, i, j)) return;
    part.results[k] = results[(i - tile.row) * tile.columns + (j - tile.column)];
    --part.missing;
  });
  if (part.missing > 0) return;
  put_(square, part.results);
  parts_.erase(found);
}

}  // namespace kindred::host
