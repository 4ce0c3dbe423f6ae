#pragma once
/// All pairs of factors: one tiled product of the stacked columns, and a number from each pair's block of it while the
/// tile is hot.
#include "host/engine/representations/factor.hpp"

#include <kindred/progress.hpp>

#include <functional>
#include <span>

namespace kindred::host {

/// The number that a pair's cross-product M = F_i^T F_j gives.
enum class BlockValue {
  squared_norm,  ///< ||M||_F^2
  sum,           ///< sum of the entries of M; of factors of one column, their inner product
  nuclear_norm,  ///< ||M||_*
};

/// What to compute over `rows` x `columns`.
struct PairBlocks {
  std::span<const Factor> rows;
  std::span<const Factor> columns;  ///< the same span as rows when symmetric
  bool symmetric = false;           ///< one collection: only pairs i < j
  bool self = false;                ///< with the pairs i = j (symmetric)
  BlockValue value = BlockValue::squared_norm;
};

/// Takes the value of row factor i with column factor j.
using BlockSink = std::function<void(index_t i, index_t j, double value)>;

/// Calls `sink` once a pair of usable factors, in no particular order, from the calling thread.
///
/// Factors are stacked in the order of Factor::operator<, a block of them at a time; the collection stays packed in
/// device memory when it fits into the budget, else a part of its blocks meets the others one by one. A value's bits
/// depend on the two factors alone. T is the type of the product; norms are float64.
/// Cost: 2 m C_i C_j flops a pair and those of the value; operands are packed once, or, beyond the budget, about
/// N / (what fits) times. Throws Error{out_of_memory} when two systems do not fit into the budget.
template <class T>
void for_each_pair_block(Backend& backend, const PairBlocks& work, const Progress& progress, const BlockSink& sink);

/// Takes two blocks of row factor i with column factor j, row-major, C_i x C_j.
using TwoBlockSink =
    std::function<void(index_t i, index_t j, std::span<const double> first, std::span<const double> second)>;

/// The same for the cross-products themselves, of two sets of samples of the same systems: `first` and `second` agree
/// in all but the samples of their factors, and a pair is visited when its factors in `first` are usable. Calls for
/// different pairs may be concurrent. Products in type T; `value` is not used.
template <class T>
void for_each_two_blocks(Backend& backend, const PairBlocks& first, const PairBlocks& second, const Progress& progress,
                         const TwoBlockSink& sink);

}  // namespace kindred::host
