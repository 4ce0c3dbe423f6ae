#include "host/engine/pairs/stored_tiles.hpp"

#include "host/base/index.hpp"

#include <algorithm>

namespace kindred::host {
namespace {

bool contains(const Tile& tile, index_t i, index_t j) {
  return i >= tile.row && i < tile.row + tile.rows && j >= tile.column && j < tile.column + tile.columns;
}

}  // namespace

index_t kept_side(const PairSet& pairs, index_t least) {
  constexpr double most = 1 << 18;
  constexpr index_t largest = 32;
  const double places = static_cast<double>(pairs.rows()) * static_cast<double>(pairs.columns());
  const double counted = pairs.symmetric() ? places / 2 : places;
  index_t side = least;
  while (2 * side <= largest && counted / static_cast<double>(side * side) > most) side *= 2;
  return side;
}

std::vector<Tile> stored_tiles(const PairSet& pairs, index_t side) {
  std::vector<Tile> out;
  PairGrid(pairs, side).for_each([&](index_t, index_t, const Tile& tile) { out.push_back(tile); });
  return out;
}

void for_each_square(const PairSet& pairs, const PairGrid& grid,
                     const std::function<void(const Tile&, const Tile&)>& f) {
  for (const Tile& tile : pairs.tiles()) {
    if (tile.rows == 0 || tile.columns == 0) continue;
    const index_t bottom = tile.row + tile.rows, right = tile.column + tile.columns;
    const index_t last_row = grid.row_of(bottom - 1), first = grid.column_of(tile.column),
                  last = grid.column_of(right - 1);
    for (index_t row = grid.row_of(tile.row); row <= last_row; ++row) {
      for (index_t column = pairs.symmetric() ? std::max(row, first) : first; column <= last; ++column) {
        const Tile square = grid.tile(row, column);
        Tile part{std::max(tile.row, square.row), std::max(tile.column, square.column), 0, 0};
        part.rows = std::min(bottom, square.row + square.rows) - part.row;
        part.columns = std::min(right, square.column + square.columns) - part.column;
        if (pairs.count(part) > 0) f(square, part);
      }
    }
  }
}

void TileAssembly::take(const Tile& tile, std::span<const PairResult> results) {
  if (tile.rows == 0 || tile.columns == 0) return;
  const index_t last_row = grid_.row_of(tile.row + tile.rows - 1),
                last_column = grid_.column_of(tile.column + tile.columns - 1);
  for (index_t row = grid_.row_of(tile.row); row <= last_row; ++row) {
    for (index_t column = grid_.column_of(tile.column); column <= last_column; ++column)
      take(row, column, tile, results);
  }
}

void TileAssembly::take(index_t row, index_t column, const Tile& tile, std::span<const PairResult> results) {
  const Tile square = grid_.tile(row, column);
  if (grid_.pairs().count(square) == 0) return;
  const auto [found, made] = parts_.try_emplace({row, column});
  Part& part = found->second;
  if (made) {
    part.missing = grid_.pairs().count(square);
    part.results.resize(at(square.rows * square.columns));
  }
  for_each_pair(square, grid_.pairs().symmetric(), [&](index_t i, index_t j, std::size_t k) {
    if (!contains(tile, i, j)) return;
    part.results[k] = results[(i - tile.row) * tile.columns + (j - tile.column)];
    --part.missing;
  });
  if (part.missing > 0) return;
  put_(square, part.results);
  parts_.erase(found);
}

}  // namespace kindred::host
