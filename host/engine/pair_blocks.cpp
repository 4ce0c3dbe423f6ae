#include "host/engine/pair_blocks.hpp"

#include "host/engine/pair_stage.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace kindred::host {
namespace {

using kernels::Block;
using kernels::Panels;

index_t round_up(index_t n, index_t multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Consecutive factors of a sorted stack that are packed together.
struct Stack {
  std::vector<index_t> members;  ///< indices into the caller's factors
  std::vector<index_t> offsets;  ///< first column of each
  index_t columns = 0;           ///< with padding to whole panels
};

/// Cuts the usable factors, in their canonical order, into stacks of about `target` columns.
std::vector<Stack> make_stacks(std::span<const Factor> factors, index_t target, index_t panel) {
  std::vector<index_t> order;
  for (index_t i = 0; i < std::ssize(factors); ++i) {
    if (factors[static_cast<std::size_t>(i)].usable) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](index_t a, index_t b) {
    return factors[static_cast<std::size_t>(a)] < factors[static_cast<std::size_t>(b)];
  });
  std::vector<Stack> stacks;
  for (const index_t i : order) {
    const index_t columns = factors[static_cast<std::size_t>(i)].columns;
    if (stacks.empty() || stacks.back().columns + columns > target) stacks.emplace_back();
    Stack& stack = stacks.back();
    stack.members.push_back(i);
    stack.offsets.push_back(stack.columns);
    stack.columns += columns;
  }
  for (Stack& stack : stacks) stack.columns = round_up(stack.columns, panel);
  return stacks;
}

template <class T>
class PairBlockRun {
 public:
  PairBlockRun(Backend& backend, const PairBlocks& work, const Progress& progress, const BlockSink& sink)
      : backend_(backend), work_(work), progress_(progress), sink_(sink), plan_(backend.column_plan(sizeof(T))) {}

  void run() {
    plan();
    report_progress();
    // A group of row stacks stays packed; the column stacks pass by.
    const auto resident = static_cast<std::size_t>(resident_);
    for (std::size_t first = 0; first < row_stacks_.size(); first += resident) {
      const std::size_t last = std::min(first + resident, row_stacks_.size());
      std::vector<Buffer<T>> packed;
      for (std::size_t r = first; r < last; ++r) packed.push_back(pack(work_.rows, row_stacks_[r]));
      const std::vector<Stack>& columns = work_.symmetric ? row_stacks_ : column_stacks_;
      for (std::size_t c = work_.symmetric ? first : 0; c < columns.size(); ++c) {
        const bool here = work_.symmetric && c < last;
        const Buffer<T> passing = here ? Buffer<T>() : pack(work_.columns, columns[c]);
        const T* b = here ? packed[c - first].data() : passing.data();
        for (std::size_t r = first; r < (here ? c + 1 : last); ++r) {
          tile(row_stacks_[r], packed[r - first].data(), columns[c], b, work_.symmetric && r == c);
        }
      }
    }
  }

 private:
  /// Stacks as large as the plan asks for, or smaller where the budget does not hold two; then as many resident as fit.
  void plan() {
    std::size_t extra = 0;
    for (const auto set : {work_.rows, work_.columns}) {
      for (const Factor& f : set) {
        if (!f.usable) continue;
        rows_ = f.rows;
        widest_ = std::max(widest_, f.columns);
        extra = std::max(extra, write_factor_bytes(backend_, f));
        panel_ = std::max<index_t>(1, plan_.panel_width);
      }
    }
    const std::size_t budget = backend_.memory_budget();
    for (index_t target = std::max(plan_.columns, widest_);; target = std::max(target / 2, widest_)) {
      const auto columns = static_cast<std::size_t>(round_up(target, panel_));
      const std::size_t stack = columns * static_cast<std::size_t>(rows_) * sizeof(T);
      const std::size_t fixed = extra + 2 * columns * columns * sizeof(T) + stack;  // the tile, and its sums
      if (fixed + stack <= budget) {
        row_stacks_ = make_stacks(work_.rows, target, panel_);
        if (!work_.symmetric) column_stacks_ = make_stacks(work_.columns, target, panel_);
        resident_ = static_cast<index_t>((budget - fixed) / std::max<std::size_t>(stack, 1));
        break;
      }
      if (target == widest_) {
        refuse(fixed + stack);
      }
    }
    const auto usable = [](std::span<const Factor> set) {
      return static_cast<index_t>(std::count_if(set.begin(), set.end(), [](const Factor& f) { return f.usable; }));
    };
    const index_t n = usable(work_.rows);
    total_ = work_.symmetric ? n * (n - 1) / 2 + (work_.self ? n : 0) : n * usable(work_.columns);
  }

  [[noreturn]] void refuse(std::size_t bytes) const {
    const bool vectors = !work_.rows.empty() && work_.rows.front().vector;
    const std::string what = vectors ? "vectors of " + std::to_string(rows_) + " entries over pairs of samples need "
                                     : "two systems of " + std::to_string(rows_) + " samples and up to " +
                                           std::to_string(widest_) + " channels need ";
    throw Error(ErrorCode::out_of_memory,
                what + std::to_string(bytes) + " bytes at once, the budget is " +
                    std::to_string(backend_.memory_budget()) + "; raise it (--memory), or reduce the systems " +
                    (vectors ? "(--trial-average, --resample)" : "(--trial-average, --components)"));
  }

  Panels<T> panels(T* data, const Stack& stack) const {
    return {data, rows_, plan_.panel_width > 0 ? plan_.panel_width : stack.columns};
  }

  Buffer<T> pack(std::span<const Factor> factors, const Stack& stack) {
    Buffer<T> buffer(backend_, stack.columns * rows_);
    const Panels<T> out = panels(buffer.data(), stack);
    std::vector<const Factor*> members;
    for (const index_t i : stack.members) members.push_back(&factors[static_cast<std::size_t>(i)]);
    write_factors<T>(backend_, members, out, 0);
    pad(factors, stack, out);
    return buffer;
  }

  /// Zeros in the columns that fill the last panel.
  void pad(std::span<const Factor> factors, const Stack& stack, const Panels<T>& out) {
    const index_t end = stack.offsets.back() + factors[static_cast<std::size_t>(stack.members.back())].columns;
    const index_t padding = stack.columns - end;
    if (padding == 0) return;
    const Buffer<double> zero(backend_, std::vector<double>(static_cast<std::size_t>(padding), 0.0));
    using Program = kernels::PackColumns<double, T>;
    const typename Program::Params params{zero.data(), 0, 1, rows_, padding, zero.data(), 1.0, out, 0, end};
    backend_.launch<Program>(params, Program::items(params));
  }

  /// One product of two stacks, and the values of its pairs.
  void tile(const Stack& a, const T* a_data, const Stack& b, const T* b_data, bool diagonal) {
    std::vector<Block> blocks;
    std::vector<std::pair<index_t, index_t>> pairs;
    for (std::size_t s = 0; s < a.members.size(); ++s) {
      for (std::size_t t = diagonal ? s + (work_.self ? 0 : 1) : 0; t < b.members.size(); ++t) {
        const Factor& f = work_.rows[static_cast<std::size_t>(a.members[s])];
        const Factor& g = work_.columns[static_cast<std::size_t>(b.members[t])];
        blocks.push_back({a.offsets[s] * b.columns + b.offsets[t], f.columns, g.columns, g < f});
        pairs.emplace_back(a.members[s], b.members[t]);
      }
    }
    if (pairs.empty()) return;
    if (tile_.size() < a.columns * b.columns) tile_ = Buffer<T>(backend_, a.columns * b.columns);
    std::optional<Buffer<index_t>> wanted;
    if (diagonal && plan_.panel_width > 0) wanted.emplace(backend_, wanted_panels(a));
    backend_.column_product({.a = const_panels(a_data, a),
                             .b = const_panels(b_data, b),
                             .a_columns = a.columns,
                             .b_columns = b.columns,
                             .a_panels = wanted ? wanted->data() : nullptr,
                             .c = tile_.data(),
                             .ldc = b.columns});

    const auto count = static_cast<index_t>(blocks.size());
    const Buffer<Block> device_blocks(backend_, std::span<const Block>(blocks));
    const Buffer<double> device_values(backend_, count);
    launch_values(blocks, device_blocks.data(), device_values.data(), b.columns);
    std::vector<double> values(blocks.size());
    device_values.download(values);
    for (std::size_t k = 0; k < pairs.size(); ++k) sink_(pairs[k].first, pairs[k].second, values[k]);
    done_ += count;
    report_progress();
  }

  void launch_values(std::span<const Block> blocks, const Block* device_blocks, double* values, index_t ld) {
    index_t elements = 0, large = 0, small = 0;
    for (const Block& block : blocks) {
      elements = std::max(elements, block.rows * block.cols);
      large = std::max(large, std::max(block.rows, block.cols));
      small = std::max(small, std::min(block.rows, block.cols));
    }
    const index_t count = std::ssize(blocks);
    if (work_.value == BlockValue::nuclear_norm) {
      backend_.launch<kernels::NuclearNorm<T>>({tile_.data(), ld, device_blocks, values, large, small}, count);
    } else {
      const bool squares = work_.value == BlockValue::squared_norm;
      backend_.launch<kernels::BlockNorm<T>>({tile_.data(), ld, device_blocks, values, elements, squares}, count);
    }
  }

  /// For each panel of a stack against itself: the leading panels that hold a column of a system which is not behind
  /// the last one in the panel.
  std::vector<index_t> wanted_panels(const Stack& stack) const {
    std::vector<index_t> wanted;
    std::size_t s = 0;
    for (index_t end = panel_; end <= stack.columns; end += panel_) {
      while (s + 1 < stack.offsets.size() && stack.offsets[s + 1] < end) ++s;
      const index_t needed = s + 1 < stack.offsets.size() ? stack.offsets[s + 1] : stack.columns;
      wanted.push_back(round_up(needed, panel_) / panel_);
    }
    return wanted;
  }

  Panels<const T> const_panels(const T* data, const Stack& stack) const {
    return {data, rows_, plan_.panel_width > 0 ? plan_.panel_width : stack.columns};
  }

  void report_progress() { report(progress_, "pairs", done_, total_); }

  Backend& backend_;
  const PairBlocks& work_;
  const Progress& progress_;
  const BlockSink& sink_;
  ColumnPlan plan_;
  index_t panel_ = 1, rows_ = 0, widest_ = 1, resident_ = 1, done_ = 0, total_ = 0;
  std::vector<Stack> row_stacks_, column_stacks_;
  Buffer<T> tile_;
};

}  // namespace

template <class T>
void for_each_pair_block(Backend& backend, const PairBlocks& work, const Progress& progress, const BlockSink& sink) {
  PairBlockRun<T>(backend, work, progress, sink).run();
}

template void for_each_pair_block<float>(Backend&, const PairBlocks&, const Progress&, const BlockSink&);
template void for_each_pair_block<double>(Backend&, const PairBlocks&, const Progress&, const BlockSink&);

}  // namespace kindred::host
