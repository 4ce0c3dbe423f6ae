#pragma once
/// Pairs whose number the processor makes: from their cross-products, which the device makes, or from what each system
/// has alone.
#include "host/base/index.hpp"
#include "host/engine/pairs/pair_scorer.hpp"
#include "host/engine/representations/factor_products.hpp"
#include "host/engine/representations/pair_values.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace kindred::host {

/// Tiles of at most side x side pairs, for scorers that make what they need of each system for a tile at a time.
[[nodiscard]] std::vector<Tile> square_tiles(const PairSet& pairs, const PlanLimits& limits, index_t side);

/// The same inside blocks of `block` x `block` pairs, block by block.
[[nodiscard]] std::vector<Tile> block_tiles(const PairSet& pairs, const PlanLimits& limits, index_t block);

/// How many systems a block has if each takes `bytes` while it is compared: all of them where the budget holds them,
/// else so many that two blocks fit; 0 if not even two systems do. Blocks of more than 64 are multiples of it.
[[nodiscard]] index_t prepared_block(const Factors& factors, std::size_t bytes, std::size_t budget);

[[nodiscard]] inline PairResult as_result(double value) { return exact_or_failed(value); }
[[nodiscard]] inline PairResult as_result(const PairResult& result) { return result; }

/// Fills the places of a tile's pairs by score(i, j), a number or a result, with pairs side by side on the host's
/// threads.
template <class F>
void fill_in_parallel(const Backend& backend, const Tile& tile, bool symmetric, std::span<PairResult> out, F&& score) {
  struct Place {
    index_t i, j;
    std::size_t k;
  };
  std::vector<Place> places;
  for_each_pair(tile, symmetric, [&](index_t i, index_t j, std::size_t k) { places.push_back({i, j, k}); });
  for_each_on_host(backend, std::ssize(places), [&](index_t n) {
    const Place& p = places[at(n)];
    out[p.k] = as_result(score(p.i, p.j));
  });
}

/// The pairs of several tiles side by side on the host's threads: score(i, j), a number or a result.
template <class F>
void fill_list_in_parallel(const Backend& backend, const PairList& list, F&& score) {
  for_each_on_host(backend, std::ssize(list.pairs), [&](index_t n) {
    const auto& [i, j] = list.pairs[at(n)];
    *list.places[at(n)] = as_result(score(i, j));
  });
}

/// Scores pairs by what is made of each system alone: once of all systems where the budget holds it, else of blocks of
/// them.
template <class Prepared>
class PreparedScorer : public PairScorer {
 public:
  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const final {
    return block_tiles(pairs, limits, block_);
  }

  void score(const Tile& tile, std::span<PairResult> out) final {
    for (index_t row = tile.row / block_; row * block_ < tile.row + tile.rows; ++row) {
      for (index_t column = tile.column / block_; column * block_ < tile.column + tile.columns; ++column) {
        const Tile part = common(tile, {row * block_, column * block_, block_, block_});
        score(tile, part, block(row, rows_), columns_of(row, column), out);
      }
    }
  }

  void score_list(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out) final {
    const index_t most = std::max(std::ssize(factors_.rows), std::ssize(factors_.right()));
    if (tiles.size() == 1 || block_ < most) return PairScorer::score_list(tiles, out);
    const std::vector<Prepared>&x = block(0, rows_), &y = columns_of(0, 0);
    fill_list_in_parallel(backend_, PairList(tiles, out, factors_.symmetric), [&](index_t i, index_t j) {
      return value(x[at(i)], y[at(j)], factors_.same_recording(i, j));
    });
  }
  [[nodiscard]] index_t listed_at_once() const final { return 4096; }

  [[nodiscard]] PairResult self(index_t i) final {
    const Prepared& x = block(i / block_, rows_)[at(i % block_)];
    return exact_or_failed(value(x, x, true));
  }

 protected:
  PreparedScorer(Backend& backend, Factors factors) : backend_(backend), factors_(std::move(factors)) {}
  /// Sets the bytes that a system takes while its pairs are scored; called before any are. False if not even two
  /// systems fit in the budget.
  bool set_bytes(std::size_t bytes) {
    const index_t fitting = prepared_block(factors_, bytes, backend_.memory_budget());
    block_ = std::max<index_t>(1, fitting);
    return fitting > 0;
  }

  [[nodiscard]] virtual std::vector<Prepared> prepare(const std::vector<Factor>& set, index_t first,
                                                      index_t count) const = 0;
  /// The number of a pair, NaN where there is none; `same`: they are one recording.
  [[nodiscard]] virtual double value(const Prepared& x, const Prepared& y, bool same) const = 0;

  Backend& backend_;
  Factors factors_;

 private:
  struct Block {
    index_t number = -1;
    std::vector<Prepared> systems;
  };

  static Tile common(const Tile& a, const Tile& b) {
    const index_t row = std::max(a.row, b.row), column = std::max(a.column, b.column);
    return {row, column, std::min(a.row + a.rows, b.row + b.rows) - row,
            std::min(a.column + a.columns, b.column + b.columns) - column};
  }

  const std::vector<Prepared>& load(index_t number, const std::vector<Factor>& set, Block& kept) const {
    if (kept.number != number) {
      kept.number = -1;
      kept.systems.clear();  // before the next ones take their place in memory
      const index_t first = number * block_;
      kept.systems = prepare(set, first, std::min(block_, std::ssize(set) - first));
      kept.number = number;
    }
    return kept.systems;
  }
  const std::vector<Prepared>& block(index_t number, Block& kept) const { return load(number, factors_.rows, kept); }
  const std::vector<Prepared>& columns_of(index_t row, index_t column) {
    return factors_.symmetric && row == column ? rows_.systems : load(column, factors_.right(), columns_);
  }

  /// The pairs of `part`, which lies in one block of rows and one of columns, into the places of `tile`.
  void score(const Tile& tile, const Tile& part, const std::vector<Prepared>& x, const std::vector<Prepared>& y,
             std::span<PairResult> out) const {
    std::vector<PairResult> results(at(part.rows * part.columns));
    const auto inside = [this](index_t i) { return at(i % block_); };
    fill_in_parallel(backend_, part, factors_.symmetric, results, [&](index_t i, index_t j) {
      return value(x[inside(i)], y[inside(j)], factors_.same_recording(i, j));
    });
    for_each_pair(part, factors_.symmetric, [&](index_t i, index_t j, std::size_t k) {
      out[at((i - tile.row) * tile.columns + (j - tile.column))] = results[k];
    });
  }

  index_t block_ = 1;  ///< systems of a block
  Block rows_, columns_;
};

/// A block as it lies in a row-major array on the host; its transpose if it says so and `turn` is set.
template <class T>
std::vector<T> read_block(const std::vector<T>& array, index_t ld, const kernels::Block& block, bool turn) {
  const bool transposed = turn && block.transposed;
  std::vector<T> out(at(block.rows * block.cols));
  for (index_t i = 0; i < block.rows; ++i) {
    const T* row = array.data() + block.offset + i * ld;
    for (index_t j = 0; j < block.cols; ++j) {
      out[at(transposed ? j * block.rows + i : i * block.cols + j)] = row[j];
    }
  }
  return out;
}

/// Calls take(i, j, turned, blocks) for the pairs of a tile, of different pairs concurrently: the pair's
/// cross-products, row-major. With `turn` they are read in the order of `precedes`, so that they do not depend on which
/// system comes first: turned says that their rows are the column system's columns.
template <class T, class Take>
void for_each_block_on_host(Backend& backend, FactorProducts<T>& products, const Tile& tile, bool turn, Take&& take) {
  products.multiply(tile, false, [&](const ProductTile<T>& part) {
    std::vector<std::vector<T>> arrays;
    for (const auto& product : part.products) {
      const kernels::Block& last = product.blocks.back();
      arrays.emplace_back(at(last.offset + (last.rows - 1) * product.ld + last.cols));
      backend.download(arrays.back().data(), product.data, arrays.back().size() * sizeof(T));
    }
    for_each_on_host(backend, std::ssize(part.pairs), [&](index_t k) {
      const auto place = at(k);
      std::vector<std::vector<T>> blocks;
      for (std::size_t p = 0; p < arrays.size(); ++p) {
        blocks.push_back(read_block(arrays[p], part.products[p].ld, part.products[p].blocks[place], turn));
      }
      const auto& [i, j] = part.pairs[place];
      take(i, j, turn && part.products.front().blocks[place].transposed, blocks);
    });
  });
}

/// The same for every pair of the operands; pause() is called between the parts that are made at once.
template <class Pause, class Take>
void for_all_blocks_on_host(Backend& backend, const Operands& operands, ProductPrecision precision, bool turn,
                            Pause&& pause, Take&& take) {
  const auto rows = std::ssize(operands.rows.front()), columns = std::ssize(operands.columns.front());
  const PairSet pairs = operands.symmetric ? PairSet::all(rows) : PairSet::rectangle(rows, columns);
  const auto multiply = [&]<class T>(FactorProducts<T> products) {
    for (const Tile& tile : products.plan(pairs, {})) {
      pause();
      for_each_block_on_host(backend, products, tile, turn, take);
    }
  };
  if (precision == ProductPrecision::f32) {
    multiply(FactorProducts<float>(backend, operands, backend.memory_budget()));
  } else {
    multiply(FactorProducts<double>(backend, operands, backend.memory_budget()));
  }
}

/// A system of a pair: its factor, and where what is kept of it lies.
struct Member {
  const Factor& factor;
  bool of_columns = false;  ///< of the column collection, not the rows' (of one collection, always false)
  index_t index = 0;
};

/// Numbers of the cross-products X^T Y of a tile's pairs, made by a function on the processor: once with the systems in
/// the order of `precedes`.
class BlockValues {
 public:
  /// f(x, y, X^T Y row-major, whether the systems are turned: x is the column's).
  using Function =
      std::function<double(const Member& x, const Member& y, std::span<const double> product, bool turned)>;

  /// `factors` are read later, and stay where they are.
  BlockValues(Backend& backend, const Factors& factors, ProductPrecision precision, Function f);

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const;
  /// Row-major in the tile; NaN where a system is unusable.
  [[nodiscard]] std::vector<double> of(const Tile& tile);

 private:
  Backend& backend_;
  const Factors& factors_;
  Function f_;
  std::variant<std::unique_ptr<FactorProducts<float>>, std::unique_ptr<FactorProducts<double>>> products_;
};

}  // namespace kindred::host
