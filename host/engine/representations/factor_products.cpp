#include "host/engine/representations/factor_products.hpp"

#include "host/base/index.hpp"
#include "kernels/program/pack_columns.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace kindred::host {
namespace {

index_t round_up(index_t n, index_t multiple) { return (n + multiple - 1) / multiple * multiple; }
index_t round_down(index_t n, index_t multiple) { return n / multiple * multiple; }

const Factor& factor_at(std::span<const Factor> factors, index_t i) { return factors[i]; }

/// For the product of a stack with itself, of which only pairs i <= j are needed: how many leading panels of the rows
/// each panel of the columns must be multiplied with, up to the last system that begins in it. `a_ends` and `b_starts`:
/// where systems end in the rows and start in the columns.
std::vector<index_t> wanted_panels(const std::vector<index_t>& a_ends, const std::vector<index_t>& b_starts,
                                   index_t b_columns, index_t panel) {
  std::vector<index_t> wanted;
  std::size_t s = 0;
  for (index_t end = panel; end <= b_columns; end += panel) {
    while (s + 1 < b_starts.size() && b_starts[s + 1] < end) ++s;
    wanted.push_back(round_up(a_ends[s], panel) / panel);
  }
  return wanted;
}

}  // namespace

template <class T>
FactorProducts<T>::FactorProducts(Backend& backend, Operands operands, std::size_t budget)
    : backend_(backend),
      operands_(std::move(operands)),
      column_plan_(backend.column_plan(sizeof(T))),
      samples_(operands_.rows.size(), 0),
      panel_(column_plan_.panel_width),
      tiles_(operands_.products.size()) {
  size_stacks(budget);
  packed_.resize(resident_);
}

/// Stacks as large as the backend likes, or smaller where the budget does not hold two; then as many resident as fit.
template <class T>
void FactorProducts<T>::size_stacks(std::size_t budget) {
  std::size_t extra = 0;
  for (const Lists* side : {&operands_.rows, &operands_.columns}) {
    for (std::size_t list = 0; list < side->size(); ++list) {
      for (const Factor& f : (*side)[list]) {
        if (!f.usable) continue;
        samples_[list] = f.rows;
        widest_ = std::max(widest_, f.columns);
        extra = std::max(extra, write_factor_bytes(backend_, f));
      }
    }
  }
  std::size_t samples = 0;
  for (const index_t rows : samples_) samples += at(rows);
  for (index_t target = std::max(column_plan_.columns, widest_);; target = std::max(target / 2, widest_)) {
    const auto columns = at(round_up(target, panel_));
    const std::size_t stack = columns * samples * sizeof(T);
    const std::size_t tiles = tiles_at_once() * columns * columns * sizeof(T);
    const std::size_t fixed = extra + tiles + stack;
    if (fixed + stack <= budget) {
      row_stacks_ = make_stacks(operands_.rows, target);
      if (!operands_.symmetric) column_stacks_ = make_stacks(operands_.columns, target);
      resident_ = std::clamp<std::size_t>((budget - fixed) / std::max<std::size_t>(stack, 1), 1,
                                          std::max<std::size_t>(row_stacks_.size(), 1));
      bytes_ = extra + bytes_of_stacks();
      return;
    }
    if (target == widest_) refuse(fixed + stack, budget);
  }
}

/// The stacks that are packed at once, and the products of two, as wide as they are.
template <class T>
std::size_t FactorProducts<T>::bytes_of_stacks() const {
  std::size_t stack = 0, widest = 0;
  for (const std::vector<Stack>* stacks : {&row_stacks_, &column_stacks_}) {
    for (const Stack& s : *stacks) {
      std::size_t values = 0;
      for (std::size_t list = 0; list < s.columns.size(); ++list) {
        const auto columns = at(round_up(s.columns[list], panel_));
        widest = std::max(widest, columns);
        values += columns * at(samples_[list]);
      }
      stack = std::max(stack, values);
    }
  }
  const bool none_passes = operands_.symmetric && resident_ >= row_stacks_.size();
  return (stack * (resident_ + (none_passes ? 0 : 1)) + tiles_at_once() * widest * widest) * sizeof(T);
}

template <class T>
void FactorProducts<T>::refuse(std::size_t needed, std::size_t budget) const {
  index_t samples = 0;
  for (const index_t rows : samples_) samples += rows;
  const std::span<const Factor> rows = operands_.rows.front();
  const bool vectors = !rows.empty() && std::holds_alternative<Generated>(rows.front().source);
  const std::string what = vectors ? "vectors of " + std::to_string(samples) + " entries over pairs of samples need "
                                   : "two systems of " + std::to_string(samples) + " samples and up to " +
                                         std::to_string(widest_) + " channels need ";
  throw Error(ErrorCode::out_of_memory, what + std::to_string(needed) + " bytes at once, the budget is " +
                                            std::to_string(budget) +
                                            "; raise it (EngineOptions::memory_budget), or reduce the systems " +
                                            (vectors ? "(Preprocess::trial_average, Preprocess::resample)"
                                                     : "(Preprocess::trial_average, Preprocess::components)"));
}

/// Cuts the systems, in their order, into stacks of about `target` columns.
template <class T>
auto FactorProducts<T>::make_stacks(const Lists& lists, index_t target) const -> std::vector<Stack> {
  const index_t count = std::ssize(lists.front());
  std::vector<Stack> stacks;
  for (index_t i = 0; i < count; ++i) {
    const auto usable = [&](std::span<const Factor> factors) { return factor_at(factors, i).usable; };
    const bool member = std::all_of(lists.begin(), lists.end(), usable);
    bool full = stacks.empty();
    for (std::size_t list = 0; member && !full && list < lists.size(); ++list) {
      full = stacks.back().columns[list] + factor_at(lists[list], i).columns > target;
    }
    if (full) {
      Stack& stack = stacks.emplace_back();
      stack.first = i;
      stack.offsets.resize(lists.size());
      stack.columns.resize(lists.size());
    }
    Stack& stack = stacks.back();
    stack.end = i + 1;
    if (!member) continue;
    stack.members.push_back(i);
    for (std::size_t list = 0; list < lists.size(); ++list) {
      stack.offsets[list].push_back(stack.columns[list]);
      stack.columns[list] += factor_at(lists[list], i).columns;
    }
  }
  return stacks;
}

template <class T>
std::vector<Tile> FactorProducts<T>::plan(const PairSet& pairs, const PlanLimits& limits) const {
  std::vector<Tile> out;
  const auto add = [&](const Stack& a, const Stack& b) {
    for (const Tile& part : pairs.within({a.first, b.first, a.end - a.first, b.end - b.first})) {
      for (const Tile& tile : cut(part, limits.most)) {
        if (pairs.count(tile) > 0) out.push_back(tile);
      }
    }
  };
  for (std::size_t first = 0; first < row_stacks_.size(); first += resident_) {
    const std::size_t last = std::min(first + resident_, row_stacks_.size());
    for (std::size_t c = operands_.symmetric ? first : 0; c < columns().size(); ++c) {
      // Every column stack passes the first group, where its products with itself are made.
      if (operands_.symmetric && first == 0) add(row_stacks_[c], row_stacks_[c]);
      for (std::size_t r = first; r < (operands_.symmetric ? std::min(c, last) : last); ++r) {
        add(row_stacks_[r], columns()[c]);
      }
    }
  }
  return out;
}

template <class T>
auto FactorProducts<T>::span_of(const Lists& lists, std::size_t list, const Stack& stack, const Range& range) const
    -> Span {
  const std::vector<index_t>& offsets = stack.offsets[list];
  const index_t first = round_down(offsets[range.first], panel_);
  const index_t end = offsets[range.last - 1] + factor_at(lists[list], stack.members[range.last - 1]).columns;
  return {first, round_up(end, panel_) - first};
}

template <class T>
kernels::Panels<T> FactorProducts<T>::packed_span(const Packed& packed, std::size_t list, const Span& span) const {
  return {packed[list].data() + span.first * samples_[list], samples_[list], panel_};
}

template <class T>
auto FactorProducts<T>::pack(const Lists& lists, const Stack& stack) -> Packed {
  Packed packed;
  for (std::size_t list = 0; list < lists.size(); ++list) {
    const index_t columns = round_up(stack.columns[list], panel_), rows = samples_[list];
    const Buffer<T>& buffer = packed.emplace_back(backend_, columns * rows);
    const kernels::Panels<T> out{buffer.data(), rows, panel_};
    std::vector<const Factor*> members;
    for (const index_t i : stack.members) members.push_back(&factor_at(lists[list], i));
    write_factors<T>(backend_, members, out, 0);
    pad(stack.columns[list], columns - stack.columns[list], out);
  }
  return packed;
}

/// Zeros in the columns that fill the last panel.
template <class T>
void FactorProducts<T>::pad(index_t end, index_t padding, const kernels::Panels<T>& out) {
  if (padding == 0) return;
  const Buffer<double> zero(backend_, std::vector<double>(at(padding), 0.0));
  using Program = kernels::PackColumns<double, T>;
  const typename Program::Params params{zero.data(), 0, 1, out.rows, padding, zero.data(), 1.0, out, 0, end};
  backend_.launch<Program>(params, Program::items(params));
}

template <class T>
auto FactorProducts<T>::row_operand(std::size_t stack) -> const Packed& {
  if (stack / resident_ != group_) {
    group_ = stack / resident_;
    packed_.clear();
    packed_.resize(resident_);
  }
  Packed& packed = packed_[stack % resident_];
  if (packed.empty()) packed = pack(operands_.rows, row_stacks_[stack]);
  return packed;
}

template <class T>
auto FactorProducts<T>::column_operand(std::size_t stack) -> const Packed& {
  if (operands_.symmetric && stack / resident_ == group_) return row_operand(stack);
  if (passing_.empty() || passing_stack_ != stack) {
    passing_.clear();  // before the next one takes its place in memory
    passing_ = pack(operands_.columns, columns()[stack]);
    passing_stack_ = stack;
  }
  return passing_;
}

template <class T>
void FactorProducts<T>::multiply_spans(std::size_t product, const kernels::Panels<T>& a, index_t a_columns,
                                       const kernels::Panels<T>& b, index_t b_columns, const index_t* wanted) {
  Buffer<T>& tile = tiles_[product];
  if (tile.size() < a_columns * b_columns) tile = Buffer<T>(backend_, a_columns * b_columns);
  backend_.column_product({.a = {a.data, a.rows, a.width},
                           .b = {b.data, b.rows, b.width},
                           .a_columns = a_columns,
                           .b_columns = b_columns,
                           .a_panels = wanted,
                           .c = tile.data(),
                           .ldc = b_columns});
}

template <class T>
void FactorProducts<T>::multiply_stacks(std::size_t r, std::size_t c, const Tile& tile, bool with_self,
                                        const Visit& visit) {
  const auto range_of = [](const Stack& stack, index_t first, index_t count) {
    const auto begin = stack.members.begin();
    const auto low = std::lower_bound(begin, stack.members.end(), first);
    const auto high = std::lower_bound(low, stack.members.end(), first + count);
    return Range{at(low - begin), at(high - begin)};
  };
  const Stack &a = row_stacks_[r], &b = columns()[c];
  const Range rows = range_of(a, tile.row, tile.rows), cols = range_of(b, tile.column, tile.columns);
  ProductTile<T> out;
  std::vector<std::pair<std::size_t, std::size_t>> members;
  for (std::size_t s = rows.first; s < rows.last; ++s) {
    for (std::size_t t = cols.first; t < cols.last; ++t) {
      const index_t i = a.members[s], j = b.members[t];
      if (operands_.symmetric && (with_self ? j < i : j <= i)) continue;
      members.emplace_back(s, t);
      out.pairs.push_back({i, j});
    }
  }
  if (members.empty()) return;

  const bool one = operands_.symmetric && r == c;
  const bool diagonal = one && rows.first == cols.first && rows.last == cols.last;
  if (!one) (void)row_operand(r);  // first: it may be of another group than the one that is packed
  const Packed &b_packed = column_operand(c), &a_packed = one ? b_packed : row_operand(r);
  std::vector<Buffer<index_t>> wanted;
  for (std::size_t k = 0; k < operands_.products.size(); ++k) {
    const auto [x, y] = operands_.products[k];
    const Span left = span_of(operands_.rows, x, a, rows), right = span_of(operands_.columns, y, b, cols);
    const index_t* panels = nullptr;
    if (diagonal) {
      std::vector<index_t> ends, starts;
      for (std::size_t s = rows.first; s < rows.last; ++s) {
        ends.push_back(a.offsets[x][s] + factor_at(operands_.rows[x], a.members[s]).columns - left.first);
        starts.push_back(b.offsets[y][s] - right.first);
      }
      wanted.emplace_back(backend_, std::span<const index_t>(wanted_panels(ends, starts, right.columns, panel_)));
      panels = wanted.back().data();
    }
    multiply_spans(k, packed_span(a_packed, x, left), left.columns, packed_span(b_packed, y, right), right.columns,
                   panels);
    auto& product = out.products.emplace_back();
    product.data = tiles_[k].data();
    product.ld = right.columns;
    for (const auto& [s, t] : members) {
      const Factor &f = factor_at(operands_.rows[x], a.members[s]), &g = factor_at(operands_.columns[y], b.members[t]);
      const index_t row = a.offsets[x][s] - left.first, column = b.offsets[y][t] - right.first;
      product.blocks.push_back({row * product.ld + column, f.columns, g.columns, precedes(g, f)});
    }
  }
  visit(out);
}

template <class T>
void FactorProducts<T>::multiply(const Tile& tile, bool with_self, const Visit& visit) {
  for (std::size_t r = 0; r < row_stacks_.size(); ++r) {
    if (row_stacks_[r].end <= tile.row || row_stacks_[r].first >= tile.row + tile.rows) continue;
    for (std::size_t c = 0; c < columns().size(); ++c) {
      const Stack& stack = columns()[c];
      if (stack.end <= tile.column || stack.first >= tile.column + tile.columns) continue;
      multiply_stacks(r, c, tile, with_self, visit);
    }
  }
}

template <class T>
void FactorProducts<T>::multiply_self(const Lists& lists, const Stack& stack, const Packed& packed, index_t i,
                                      const Visit& visit) {
  const auto member = at(std::lower_bound(stack.members.begin(), stack.members.end(), i) - stack.members.begin());
  const Span span = span_of(lists, 0, stack, {member, member + 1});
  const kernels::Panels<T> x = packed_span(packed, 0, span);
  multiply_spans(0, x, span.columns, x, span.columns, nullptr);
  const index_t first = stack.offsets[0][member] - span.first, columns = factor_at(lists[0], i).columns;
  ProductTile<T> out;
  out.pairs.push_back({i, i});
  out.products.push_back({tiles_[0].data(), span.columns, {{first * span.columns + first, columns, columns, false}}});
  visit(out);
}

template <class T>
void FactorProducts<T>::multiply_row_self(index_t i, const Visit& visit) {
  for (std::size_t r = 0; r < row_stacks_.size(); ++r) {
    if (i >= row_stacks_[r].end) continue;
    multiply_self(operands_.rows, row_stacks_[r], operands_.symmetric ? column_operand(r) : row_operand(r), i, visit);
    return;
  }
}

template <class T>
void FactorProducts<T>::multiply_column_self(index_t j, const Visit& visit) {
  for (std::size_t c = 0; c < columns().size(); ++c) {
    if (j >= columns()[c].end) continue;
    multiply_self(operands_.columns, columns()[c], column_operand(c), j, visit);
    return;
  }
}

template class FactorProducts<float>;
template class FactorProducts<double>;

}  // namespace kindred::host
