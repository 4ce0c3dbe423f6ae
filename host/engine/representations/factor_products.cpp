#include "host/engine/representations/factor_products.hpp"

#include "host/base/progress.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
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

/// The tiles of one product, or of several of the same systems' different samples.
template <class T>
class TiledProducts {
 public:
  /// A tile in device memory: the blocks of `pairs` in each of the products.
  struct Tile {
    std::vector<Block> blocks;
    std::vector<std::pair<index_t, index_t>> pairs;
    std::vector<const T*> products;
    index_t ld;
  };

  TiledProducts(Backend& backend, std::vector<PairBlocks> products, const Progress& progress)
      : backend_(backend),
        products_(std::move(products)),
        work_(products_.front()),
        progress_(progress),
        plan_(backend.column_plan(sizeof(T))) {}

  template <class Visit>
  void run(Visit&& visit) {
    plan();
    report_progress();
    // A group of row stacks stays packed; the column stacks pass by.
    const auto resident = static_cast<std::size_t>(resident_);
    for (std::size_t first = 0; first < row_stacks_.size(); first += resident) {
      const std::size_t last = std::min(first + resident, row_stacks_.size());
      std::vector<Packed> packed;
      for (std::size_t r = first; r < last; ++r) packed.push_back(pack(&PairBlocks::rows, row_stacks_[r]));
      const std::vector<Stack>& columns = work_.symmetric ? row_stacks_ : column_stacks_;
      for (std::size_t c = work_.symmetric ? first : 0; c < columns.size(); ++c) {
        const bool here = work_.symmetric && c < last;
        const Packed passing = here ? Packed() : pack(&PairBlocks::columns, columns[c]);
        const Packed& b = here ? packed[c - first] : passing;
        for (std::size_t r = first; r < (here ? c + 1 : last); ++r) {
          tile(row_stacks_[r], packed[r - first], columns[c], b, work_.symmetric && r == c, visit);
        }
      }
    }
  }

 private:
  using Packed = std::vector<Buffer<T>>;  ///< a stack in each of the products

  /// Stacks as large as the plan asks for, or smaller where the budget does not hold two; then as many resident as fit.
  void plan() {
    std::size_t extra = 0;
    for (const PairBlocks& product : products_) {
      index_t rows = 0;
      for (const auto set : {product.rows, product.columns}) {
        for (const Factor& f : set) {
          if (!f.usable) continue;
          rows = f.rows;
          widest_ = std::max(widest_, f.columns);
          extra = std::max(extra, write_factor_bytes(backend_, f));
        }
      }
      rows_.push_back(rows);
      all_rows_ += rows;
    }
    panel_ = plan_.panel_width;
    const std::size_t budget = backend_.memory_budget();
    for (index_t target = std::max(plan_.columns, widest_);; target = std::max(target / 2, widest_)) {
      const auto columns = static_cast<std::size_t>(round_up(target, panel_));
      const std::size_t stack = columns * static_cast<std::size_t>(all_rows_) * sizeof(T);
      // A tile a product, the sums of one as it is made, and copies on the host where blocks themselves are wanted.
      const std::size_t copies = products_.size() > 1 ? products_.size() : 0;
      const std::size_t tiles = (products_.size() + 1 + copies) * columns * columns * sizeof(T);
      const std::size_t fixed = extra + tiles + stack;
      if (fixed + stack <= budget) {
        row_stacks_ = make_stacks(work_.rows, target, panel_);
        if (!work_.symmetric) column_stacks_ = make_stacks(work_.columns, target, panel_);
        resident_ = static_cast<index_t>((budget - fixed) / std::max<std::size_t>(stack, 1));
        break;
      }
      if (target == widest_) refuse(fixed + stack);
    }
    const auto usable = [](std::span<const Factor> set) {
      return static_cast<index_t>(std::count_if(set.begin(), set.end(), [](const Factor& f) { return f.usable; }));
    };
    const index_t n = usable(work_.rows);
    total_ = work_.symmetric ? n * (n - 1) / 2 + (work_.self ? n : 0) : n * usable(work_.columns);
  }

  [[noreturn]] void refuse(std::size_t bytes) const {
    const bool vectors = !work_.rows.empty() && work_.rows.front().vector;
    const std::string what = vectors
                                 ? "vectors of " + std::to_string(all_rows_) + " entries over pairs of samples need "
                                 : "two systems of " + std::to_string(all_rows_) + " samples and up to " +
                                       std::to_string(widest_) + " channels need ";
    throw Error(ErrorCode::out_of_memory,
                what + std::to_string(bytes) + " bytes at once, the budget is " +
                    std::to_string(backend_.memory_budget()) + "; raise it (--memory), or reduce the systems " +
                    (vectors ? "(--trial-average, --resample)" : "(--trial-average, --components)"));
  }

  Packed pack(std::span<const Factor> PairBlocks::*side, const Stack& stack) {
    Packed packed;
    for (std::size_t k = 0; k < products_.size(); ++k) {
      const std::span<const Factor> factors = products_[k].*side;
      const Buffer<T>& buffer = packed.emplace_back(backend_, stack.columns * rows_[k]);
      const Panels<T> out{buffer.data(), rows_[k], panel_};
      std::vector<const Factor*> members;
      for (const index_t i : stack.members) members.push_back(&factors[static_cast<std::size_t>(i)]);
      write_factors<T>(backend_, members, out, 0);
      pad(factors, stack, out);
    }
    return packed;
  }

  /// Zeros in the columns that fill the last panel.
  void pad(std::span<const Factor> factors, const Stack& stack, const Panels<T>& out) {
    const index_t end = stack.offsets.back() + factors[static_cast<std::size_t>(stack.members.back())].columns;
    const index_t padding = stack.columns - end;
    if (padding == 0) return;
    const Buffer<double> zero(backend_, std::vector<double>(static_cast<std::size_t>(padding), 0.0));
    using Program = kernels::PackColumns<double, T>;
    const typename Program::Params params{zero.data(), 0, 1, out.rows, padding, zero.data(), 1.0, out, 0, end};
    backend_.launch<Program>(params, Program::items(params));
  }

  /// The products of two stacks, shown to visit(tile).
  template <class Visit>
  void tile(const Stack& a, const Packed& a_data, const Stack& b, const Packed& b_data, bool diagonal, Visit&& visit) {
    Tile out;
    out.ld = b.columns;
    for (std::size_t s = 0; s < a.members.size(); ++s) {
      for (std::size_t t = diagonal ? s + (work_.self ? 0 : 1) : 0; t < b.members.size(); ++t) {
        const Factor& f = work_.rows[static_cast<std::size_t>(a.members[s])];
        const Factor& g = work_.columns[static_cast<std::size_t>(b.members[t])];
        out.blocks.push_back({a.offsets[s] * b.columns + b.offsets[t], f.columns, g.columns, g < f});
        out.pairs.emplace_back(a.members[s], b.members[t]);
      }
    }
    if (out.pairs.empty()) return;
    std::optional<Buffer<index_t>> wanted;
    if (diagonal) wanted.emplace(backend_, wanted_panels(a));
    tiles_.resize(products_.size());
    for (std::size_t k = 0; k < products_.size(); ++k) {
      if (tiles_[k].size() < a.columns * b.columns) tiles_[k] = Buffer<T>(backend_, a.columns * b.columns);
      backend_.column_product({.a = {a_data[k].data(), rows_[k], panel_},
                               .b = {b_data[k].data(), rows_[k], panel_},
                               .a_columns = a.columns,
                               .b_columns = b.columns,
                               .a_panels = wanted ? wanted->data() : nullptr,
                               .c = tiles_[k].data(),
                               .ldc = b.columns});
      out.products.push_back(tiles_[k].data());
    }
    visit(static_cast<const Tile&>(out));
    done_ += std::ssize(out.pairs);
    report_progress();
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

  void report_progress() { tell_progress(progress_, "pairs", done_, total_); }

  Backend& backend_;
  const std::vector<PairBlocks> products_;
  const PairBlocks& work_;  ///< the first product
  const Progress& progress_;
  ColumnPlan plan_;
  std::vector<index_t> rows_;  ///< of each product
  index_t all_rows_ = 0, panel_ = 1, widest_ = 1, resident_ = 1, done_ = 0, total_ = 0;
  std::vector<Stack> row_stacks_, column_stacks_;
  std::vector<Buffer<T>> tiles_;
};

/// One number of each block of a tile.
template <class T>
std::vector<double> values_of(Backend& backend, const typename TiledProducts<T>::Tile& tile, BlockValue value) {
  index_t elements = 0, large = 0, small = 0;
  for (const Block& block : tile.blocks) {
    elements = std::max(elements, block.rows * block.cols);
    large = std::max(large, std::max(block.rows, block.cols));
    small = std::max(small, std::min(block.rows, block.cols));
  }
  const index_t count = std::ssize(tile.blocks);
  const Buffer<Block> blocks(backend, std::span<const Block>(tile.blocks));
  const Buffer<double> numbers(backend, count);
  const T* product = tile.products.front();
  if (value == BlockValue::nuclear_norm) {
    backend.launch<kernels::NuclearNorm<T>>({product, tile.ld, blocks.data(), numbers.data(), large, small}, count);
  } else {
    const bool squares = value == BlockValue::squared_norm;
    backend.launch<kernels::BlockNorm<T>>({product, tile.ld, blocks.data(), numbers.data(), elements, squares}, count);
  }
  std::vector<double> values(tile.blocks.size());
  numbers.download(values);
  return values;
}

/// A block as it lies in a row-major array on the host.
template <class T>
std::vector<double> read_block(const std::vector<T>& array, index_t ld, const Block& block) {
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(block.rows * block.cols));
  for (index_t i = 0; i < block.rows; ++i) {
    const T* row = array.data() + block.offset + i * ld;
    out.insert(out.end(), row, row + block.cols);
  }
  return out;
}

}  // namespace

template <class T>
void for_each_pair_block(Backend& backend, const PairBlocks& work, const Progress& progress, const BlockSink& sink) {
  TiledProducts<T>(backend, {work}, progress).run([&](const auto& tile) {
    const std::vector<double> values = values_of<T>(backend, tile, work.value);
    for (std::size_t k = 0; k < values.size(); ++k) sink(tile.pairs[k].first, tile.pairs[k].second, values[k]);
  });
}

template <class T>
void for_each_two_blocks(Backend& backend, const PairBlocks& first, const PairBlocks& second, const Progress& progress,
                         const TwoBlockSink& sink) {
  TiledProducts<T>(backend, {first, second}, progress).run([&](const auto& tile) {
    const auto fetch = [&](const T* product) {
      const Block& last = tile.blocks.back();
      std::vector<T> array(static_cast<std::size_t>(last.offset + (last.rows - 1) * tile.ld + last.cols));
      backend.download(array.data(), product, array.size() * sizeof(T));
      return array;
    };
    const std::vector<T> a = fetch(tile.products[0]), b = fetch(tile.products[1]);
    for_each_on_host(backend, std::ssize(tile.pairs), [&](index_t k) {
      const auto& [i, j] = tile.pairs[static_cast<std::size_t>(k)];
      const Block& block = tile.blocks[static_cast<std::size_t>(k)];
      sink(i, j, read_block(a, tile.ld, block), read_block(b, tile.ld, block));
    });
  });
}

template void for_each_pair_block<float>(Backend&, const PairBlocks&, const Progress&, const BlockSink&);
template void for_each_pair_block<double>(Backend&, const PairBlocks&, const Progress&, const BlockSink&);
template void for_each_two_blocks<float>(Backend&, const PairBlocks&, const PairBlocks&, const Progress&,
                                         const TwoBlockSink&);
template void for_each_two_blocks<double>(Backend&, const PairBlocks&, const PairBlocks&, const Progress&,
                                          const TwoBlockSink&);

}  // namespace kindred::host
