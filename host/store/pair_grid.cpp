#include <kindred/pair_grid.hpp>

#include "host/base/text.hpp"

#include <kindred/error.hpp>

#include <algorithm>

namespace kindred {
namespace {

/// Where strips of `side` systems begin, anew at each of `anew`; the last is the end.
std::vector<index_t> strips(index_t systems, index_t side, const std::vector<index_t>& anew) {
  std::vector<index_t> out;
  std::vector<index_t> ends = anew;
  ends.push_back(systems);
  index_t from = 0;
  for (const index_t end : ends) {
    for (; from < end; from += side) out.push_back(from);
    from = end;
  }
  out.push_back(systems);
  return out;
}

index_t strip_of(const std::vector<index_t>& starts, index_t system) {
  return std::upper_bound(starts.begin(), starts.end() - 1, system) - starts.begin() - 1;
}

}  // namespace

PairGrid::PairGrid(PairSet pairs, index_t side, std::vector<index_t> rows_anew, std::vector<index_t> columns_anew)
    : pairs_(pairs.in({{0, 0, pairs.rows(), pairs.columns()}})),
      side_(side),
      rows_anew_(std::move(rows_anew)),
      columns_anew_(pairs.symmetric() ? rows_anew_ : std::move(columns_anew)) {
  if (side < 1) {
    host::fail(ErrorCode::invalid_data, "the store of pairs keeps squares of ", side,
               " systems a side, expected at least 1: its results cannot be taken up");
  }
  row_starts_ = strips(pairs.rows(), side, rows_anew_);
  column_starts_ = pairs.symmetric() ? row_starts_ : strips(pairs.columns(), side, columns_anew_);
}

Tile PairGrid::tile(index_t row, index_t column) const {
  const auto r = static_cast<std::size_t>(row), c = static_cast<std::size_t>(column);
  return {row_starts_[r], column_starts_[c], row_starts_[r + 1] - row_starts_[r],
          column_starts_[c + 1] - column_starts_[c]};
}

index_t PairGrid::row_of(index_t system) const { return strip_of(row_starts_, system); }
index_t PairGrid::column_of(index_t system) const { return strip_of(column_starts_, system); }

}  // namespace kindred
