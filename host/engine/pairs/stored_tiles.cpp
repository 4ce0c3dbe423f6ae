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

void for_each_square(const PairSet& pairs, index_t side, const std::function<void(const Tile&, const Tile&)>& f) {
  for (const Tile& tile : pairs.tiles()) {
    const index_t bottom = tile.row + tile.rows, right = tile.column + tile.columns;
    for (index_t row = tile.row / side; row * side < bottom; ++row) {
      const index_t first = tile.column / side;
      for (index_t column = pairs.symmetric() ? std::max(row, first) : first; column * side < right; ++column) {
        const Tile square = grid_tile(pairs, side, row, column);
        Tile part{std::max(tile.row, square.row), std::max(tile.column, square.column), 0, 0};
        part.rows = std::min(bottom, square.row + square.rows) - part.row;
        part.columns = std::min(right, square.column + square.columns) - part.column;
        if (pairs.count(part) > 0) f(square, part);
      }
    }
  }
}

void append_joined(std::vector<Tile>& tiles, const Tile& tile) {
  const bool beside = !tiles.empty() && tiles.back().row == tile.row && tiles.back().rows == tile.rows &&
                      tiles.back().column + tiles.back().columns == tile.column;
  if (beside) {
    tiles.back().columns += tile.columns;
  } else {
    tiles.push_back(tile);
  }
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
