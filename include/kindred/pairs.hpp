#pragma once
#include <kindred/export.hpp>
#include <kindred/types.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace kindred {

/// A rectangle of the matrix of pairs: systems row, row + 1, ... of the rows against column, column + 1, ... of the
/// columns.
struct Tile {
  index_t row = 0;      ///< the first
  index_t column = 0;   ///< the first
  index_t rows = 0;     ///< how many
  index_t columns = 0;  ///< how many

  bool operator==(const Tile&) const = default;
};

/// The pairs of a comparison: all pairs of one collection, every row against every column of two, or a part of either.
class KINDRED_EXPORT PairSet {
 public:
  /// Every pair i < j of one collection.
  [[nodiscard]] static PairSet all(index_t systems) { return {systems, systems, true, {{0, 0, systems, systems}}}; }
  /// Every row against every column.
  [[nodiscard]] static PairSet rectangle(index_t rows, index_t columns) {
    return {rows, columns, false, {{0, 0, rows, columns}}};
  }
  /// All pairs of this set's matrix.
  [[nodiscard]] PairSet whole() const { return in({{0, 0, rows_, columns_}}); }
  /// The pairs of this set's matrix that lie in `tiles`, which do not overlap.
  [[nodiscard]] PairSet in(std::vector<Tile> tiles) const { return {rows_, columns_, symmetric_, std::move(tiles)}; }

  [[nodiscard]] index_t rows() const { return rows_; }        ///< of the whole matrix
  [[nodiscard]] index_t columns() const { return columns_; }  ///< of the whole matrix
  /// One collection: pair (i, j) is pair (j, i), and of a tile only i < j counts.
  [[nodiscard]] bool symmetric() const { return symmetric_; }
  /// The rectangles of the matrix in which the pairs lie.
  [[nodiscard]] const std::vector<Tile>& tiles() const { return tiles_; }

  /// Pairs in all.
  [[nodiscard]] index_t count() const;
  /// Pairs of the whole matrix that lie in a tile.
  [[nodiscard]] index_t count(const Tile& tile) const;
  /// The part of this set that lies in `tile`, as few rectangles.
  [[nodiscard]] std::vector<Tile> within(const Tile& tile) const;

 private:
  PairSet(index_t rows, index_t columns, bool symmetric, std::vector<Tile> tiles)
      : rows_(rows), columns_(columns), symmetric_(symmetric), tiles_(std::move(tiles)) {}

  index_t rows_, columns_;
  bool symmetric_;
  std::vector<Tile> tiles_;
};

/// Calls f(i, j, k) for each pair of a tile, row by row: row system i, column system j, and k, the pair's place in the
/// tile's row-major array. With `symmetric`, for i < j alone.
template <class F>
void for_each_pair(const Tile& tile, bool symmetric, F&& f) {
  for (index_t i = tile.row; i < tile.row + tile.rows; ++i) {
    const index_t first = symmetric ? std::max(tile.column, i + 1) : tile.column;
    for (index_t j = first; j < tile.column + tile.columns; ++j) {
      f(i, j, static_cast<std::size_t>((i - tile.row) * tile.columns + (j - tile.column)));
    }
  }
}

}  // namespace kindred
