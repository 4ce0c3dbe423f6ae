#include <kindred/pairs.hpp>

namespace kindred {
namespace {

/// What two tiles share; without rows or columns where they do not meet.
Tile intersection(const Tile& a, const Tile& b) {
  Tile out;
  out.row = std::max(a.row, b.row);
  out.column = std::max(a.column, b.column);
  out.rows = std::max<index_t>(0, std::min(a.row + a.rows, b.row + b.rows) - out.row);
  out.columns = std::max<index_t>(0, std::min(a.column + a.columns, b.column + b.columns) - out.column);
  return out;
}

/// Whether `below` continues `above` downwards.
bool continues(const Tile& above, const Tile& below) {
  return above.column == below.column && above.columns == below.columns && above.row + above.rows == below.row;
}

}  // namespace

index_t PairSet::count() const {
  index_t sum = 0;
  for (const Tile& tile : tiles_) sum += count(tile);
  return sum;
}

index_t PairSet::count(const Tile& tile) const {
  if (!symmetric_) return tile.rows * tile.columns;
  index_t sum = 0;
  const index_t end = tile.column + tile.columns;
  for (index_t i = tile.row; i < tile.row + tile.rows; ++i) {
    sum += std::max<index_t>(0, end - std::max(tile.column, i + 1));
  }
  return sum;
}

std::vector<Tile> PairSet::within(const Tile& tile) const {
  std::vector<Tile> out;
  for (const Tile& part : tiles_) {
    const Tile shared = intersection(part, tile);
    if (count(shared) == 0) continue;
    const auto above =
        std::find_if(out.begin(), out.end(), [&](const Tile& earlier) { return continues(earlier, shared); });
    if (above == out.end()) {
      out.push_back(shared);
    } else {
      above->rows += shared.rows;
    }
  }
  return out;
}

}  // namespace kindred
