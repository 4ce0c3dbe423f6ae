#pragma once
#include <kindred/export.hpp>
#include <kindred/pairs.hpp>
#include <kindred/types.hpp>

#include <vector>

namespace kindred {

/// A grid over a matrix of pairs, in whose tiles results are kept: squares of `side` systems, smaller at the end. Where
/// systems were added later, strips of rows and columns begin anew, so that no tile that is there changes.
class KINDRED_EXPORT PairGrid {
 public:
  /// Over the whole matrix of `pairs`. `rows_anew` and `columns_anew`: the systems, ascending, at which strips begin
  /// anew; of one collection the rows' hold for both. Throws Error{invalid_data} for a side below 1.
  PairGrid(PairSet pairs, index_t side, std::vector<index_t> rows_anew = {}, std::vector<index_t> columns_anew = {});

  [[nodiscard]] const PairSet& pairs() const { return pairs_; }  ///< of the whole matrix
  [[nodiscard]] index_t side() const { return side_; }
  [[nodiscard]] index_t rows() const { return static_cast<index_t>(row_starts_.size()) - 1; }        ///< strips
  [[nodiscard]] index_t columns() const { return static_cast<index_t>(column_starts_.size()) - 1; }  ///< strips
  [[nodiscard]] const std::vector<index_t>& rows_anew() const { return rows_anew_; }
  [[nodiscard]] const std::vector<index_t>& columns_anew() const { return columns_anew_; }
  /// The tile in a strip of rows and a strip of columns.
  [[nodiscard]] Tile tile(index_t row, index_t column) const;
  [[nodiscard]] index_t row_of(index_t system) const;     ///< the strip that it lies in
  [[nodiscard]] index_t column_of(index_t system) const;  ///< the strip that it lies in

  /// Calls f(row, column, tile) for every tile that holds pairs, row by row.
  template <class F>
  void for_each(F&& f) const {
    for (index_t row = 0; row < rows(); ++row) {
      for (index_t column = pairs_.symmetric() ? row : 0; column < columns(); ++column) {
        const Tile here = tile(row, column);
        if (pairs_.count(here) > 0) f(row, column, here);
      }
    }
  }

 private:
  PairSet pairs_;
  index_t side_;
  std::vector<index_t> rows_anew_, columns_anew_;
  std::vector<index_t> row_starts_, column_starts_;  // the last is the end
};

}  // namespace kindred
