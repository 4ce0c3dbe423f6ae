#pragma once
/// Systems in the order of a store, which may have them in another than that in which they are given.
#include "host/base/index.hpp"

#include <kindred/journal.hpp>
#include <kindred/pairs.hpp>
#include <kindred/results.hpp>

#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// The items in this order; an empty order is that in which they are.
template <class Item>
[[nodiscard]] std::vector<Item> in_order(std::span<const Item> items, const std::vector<index_t>& order) {
  std::vector<Item> out;
  if (order.empty()) return {items.begin(), items.end()};
  out.reserve(order.size());
  for (const index_t i : order) out.push_back(items[at(i)]);
  return out;
}

/// Hands on results that come in the order of a store under the places at which the systems were given: row i of the
/// store is row rows[i] there, likewise columns; for one collection `rows` holds for both. Hands on pairs one by one.
class GivenOrder final : public PairSink {
 public:
  GivenOrder(PairSink& out, const PairStore::Arrangement& store, bool symmetric)
      : out_(out), rows_(store.rows), columns_(store.columns), symmetric_(symmetric) {}

  void put(const Tile& tile, std::span<const PairResult> results) override {
    for_each_pair(tile, symmetric_, [&](index_t i, index_t j, std::size_t k) {
      index_t row = place(rows_, i), column = place(symmetric_ ? rows_ : columns_, j);
      if (symmetric_ && row > column) std::swap(row, column);
      out_.put({row, column, 1, 1}, results.subspan(k, 1));
    });
  }
  void put_self(index_t i, const PairResult& result) override { out_.put_self(place(rows_, i), result); }

 private:
  [[nodiscard]] static index_t place(const std::vector<index_t>& order, index_t i) {
    return order.empty() ? i : order[at(i)];
  }

  PairSink& out_;
  std::vector<index_t> rows_, columns_;
  bool symmetric_;
};

}  // namespace kindred::host
