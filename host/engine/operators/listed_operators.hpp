#pragma once
#include "host/backend/backend.hpp"
#include "host/base/index.hpp"
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/dmd.hpp>

#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// A scorer that keeps the operators of both sides in one list: those of the rows, then those of the columns, if there
/// are two collections. The operators must outlive it.
class ListedOperators : public OperatorScorer {
 protected:
  ListedOperators(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns)
      : OperatorScorer(columns.empty()), backend_(backend), column_offset_(columns.empty() ? 0 : std::ssize(rows)) {
    for (const auto side : {rows, columns}) {
      for (const Operator& op : side) operators_.push_back(&op);
    }
  }

  /// The places of a pair's operators in the list.
  [[nodiscard]] std::pair<std::size_t, std::size_t> ends(const PairIndex& p) const {
    return {at(p.i), at(p.j + column_offset_)};
  }

  Backend& backend_;
  std::vector<const Operator*> operators_;

 private:
  index_t column_offset_;
};

}  // namespace kindred::host
