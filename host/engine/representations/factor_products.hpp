#pragma once
/// Cross-products of factors: the blocks F_i^T G_j of a tile of pairs, from one product of stacked columns.
#include "host/engine/pairs/pair_scorer.hpp"
#include "host/engine/representations/factor.hpp"
#include "kernels/program/block_norm.hpp"

#include <kindred/pairs.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// What is multiplied: each system has a factor, or several (whitened and plain; training and test samples), and each
/// pair a product of one of the row system's with one of the column system's, or several.
struct Operands {
  std::vector<std::span<const Factor>> rows;     ///< the lists of factors, one factor a row system each
  std::vector<std::span<const Factor>> columns;  ///< the same lists as `rows` when symmetric
  bool symmetric = false;                        ///< one collection: pairs i < j
  std::vector<std::pair<std::size_t, std::size_t>> products = {{0, 0}};  ///< lists of the rows and of the columns
  bool copied = false;  ///< the products are copied to the host, which the budget then counts
};

/// The products of a part of a tile, in device memory until the next call. Blocks are in the order of the pairs.
template <class T>
struct ProductTile {
  struct Product {
    const T* data = nullptr;
    index_t ld = 0;
    std::vector<kernels::Block> blocks;
  };
  std::vector<PairIndex> pairs;
  std::vector<Product> products;
};

/// Packs consecutive systems side by side into stacks of as many columns as the backend likes, or fewer where the
/// budget does not hold two, and multiplies stack by stack. A group of row stacks stays packed in device memory, all of
/// them when they fit, while the column stacks pass by; so tiles in the order of `plan` are packed once, or, beyond the
/// budget, about N / (what fits) times. Systems with an unusable factor are left out. T is the type of the products.
///
/// An entry's bits depend on its two columns alone (Backend::column_product). Cost: 2 m C_i C_j flops a pair.
template <class T>
class FactorProducts {
 public:
  /// Bytes of device memory that it keeps are at most `budget`. Throws Error{out_of_memory} when two systems do not
  /// fit.
  FactorProducts(Backend& backend, Operands operands, std::size_t budget);

  /// One tile a pair of stacks, where all its pairs are asked for.
  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const;

  using Visit = std::function<void(const ProductTile<T>&)>;

  /// Calls `visit` once or several times with the pairs of the tile. `with_self`: where a tile holds pairs (i, i) of a
  /// symmetric collection, with these too.
  void multiply(const Tile& tile, bool with_self, const Visit& visit);

  /// The product of a row (column) system's first factor with itself.
  void multiply_row_self(index_t i, const Visit& visit);
  void multiply_column_self(index_t j, const Visit& visit);

  /// Bytes of device memory that it keeps at most.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  /// Consecutive systems that are packed together.
  struct Stack {
    index_t first = 0, end = 0;                 ///< systems
    std::vector<index_t> members;               ///< the usable ones
    std::vector<std::vector<index_t>> offsets;  ///< first column of each member, in each list
    std::vector<index_t> columns;               ///< with padding to whole panels, in each list
  };
  /// A stack in device memory: each list's columns in panels.
  using Packed = std::vector<Buffer<T>>;
  /// Some members of a stack, first .. last - 1.
  struct Range {
    std::size_t first = 0, last = 0;
  };
  /// The panels of one list that hold a range.
  struct Span {
    index_t first = 0, columns = 0;  ///< column of the stack, and how many from there
  };

  using Lists = std::vector<std::span<const Factor>>;

  void size_stacks(std::size_t budget);
  /// A tile a product, the sums of one as it is made, and copies.
  [[nodiscard]] std::size_t tiles_at_once() const { return operands_.products.size() * (operands_.copied ? 2 : 1) + 1; }
  [[nodiscard]] std::size_t bytes_of_stacks() const;
  [[noreturn]] void refuse(std::size_t needed, std::size_t budget) const;
  [[nodiscard]] std::vector<Stack> make_stacks(const Lists& lists, index_t target) const;
  [[nodiscard]] const std::vector<Stack>& columns() const { return operands_.symmetric ? row_stacks_ : column_stacks_; }
  [[nodiscard]] Span span_of(const Lists& lists, std::size_t list, const Stack& stack, const Range& range) const;
  [[nodiscard]] kernels::Panels<T> packed_span(const Packed& packed, std::size_t list, const Span& span) const;
  [[nodiscard]] Packed pack(const Lists& lists, const Stack& stack);
  void pad(index_t end, index_t padding, const kernels::Panels<T>& out);
  [[nodiscard]] const Packed& row_operand(std::size_t stack);
  [[nodiscard]] const Packed& column_operand(std::size_t stack);
  void multiply_stacks(std::size_t r, std::size_t c, const Tile& tile, bool with_self, const Visit& visit);
  void multiply_self(const Lists& lists, const Stack& stack, const Packed& packed, index_t i, const Visit& visit);
  void multiply_spans(std::size_t product, const kernels::Panels<T>& a, index_t a_columns, const kernels::Panels<T>& b,
                      index_t b_columns, const index_t* wanted);

  Backend& backend_;
  const Operands operands_;
  ColumnPlan column_plan_;
  std::vector<index_t> samples_;  ///< rows of each list's factors
  index_t panel_ = 1, widest_ = 1;
  std::size_t bytes_ = 0;
  std::vector<Stack> row_stacks_, column_stacks_;
  std::size_t resident_ = 1;    ///< row stacks of a group
  std::size_t group_ = 0;       ///< whose row stacks are packed
  std::vector<Packed> packed_;  ///< the group's row stacks; empty where not packed yet
  std::size_t passing_stack_ = 0;
  Packed passing_;                ///< the column stack that passes by
  std::vector<Buffer<T>> tiles_;  ///< one a product
};

}  // namespace kindred::host
