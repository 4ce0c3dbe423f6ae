#pragma once
/// What is compared: one collection, or rows against columns.
#include "host/engine/operators/folded_spectrum.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/pairs.hpp>
#include <kindred/results.hpp>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kindred::host {

template <class Item>
std::vector<std::string> names(std::span<const Item> items) {
  std::vector<std::string> out;
  out.reserve(items.size());
  for (const auto& item : items) out.push_back(item.name);
  return out;
}

inline std::vector<FitFacts> facts(std::span<const Operator> operators) {
  std::vector<FitFacts> out;
  out.reserve(operators.size());
  for (const auto& op : operators) out.push_back(op.facts);
  return out;
}

/// One collection, of which every system is compared with every other, or two.
template <class Item>
struct Sides {
  std::span<const Item> rows;
  std::span<const Item> columns = {};
  bool symmetric = true;

  [[nodiscard]] std::span<const Item> right() const { return symmetric ? rows : columns; }
  [[nodiscard]] PairSet pairs() const {
    return symmetric ? PairSet::all(std::ssize(rows)) : PairSet::rectangle(std::ssize(rows), std::ssize(columns));
  }
  [[nodiscard]] DistanceMatrix matrix() const {
    return symmetric ? DistanceMatrix(names(rows)) : DistanceMatrix(names(rows), names(columns));
  }
};

inline void require_matrices(const Sides<Operator>& sides) {
  for (const auto& side : {sides.rows, sides.columns}) require_matrices(side);
}

/// f(operators that have the eigenvalues left which `metric` does not leave out by their residuals, the metric for
/// them).
template <class F>
auto with_pruned(const Sides<Operator>& sides, Spectral metric, F&& f) {
  const double limit = std::exchange(metric.prune, 0);
  const OperatorSet rows = pruned(sides.rows, limit), columns = pruned(sides.columns, limit);
  return f(Sides<Operator>{rows, columns, sides.symmetric}, metric);
}

}  // namespace kindred::host
