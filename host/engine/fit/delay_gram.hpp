#pragma once
/// Second moments of all columns of delay embeddings, from their shift structure and not from their product.
///
///     G_k[i, j] = sum over trials and rows s = 0 .. L - k - 1 of h(s, i)^T h(s + k, j),    i, j = 0 .. d - 1
///
/// with h(s, i) the C values of block i of row s. As h(s, i - 1) = h(s + tau, i), a block differs from the next one
/// down its diagonal by the ends of every trial alone:
///
///     G_k[i - 1, j - 1] = G_k[i, j] + sum over s = L - k - tau .. L - k - 1 of h(s, i - 1)^T h(s + k, j - 1)
///                                   - sum over s = 0 .. tau - 1 of h(s, i)^T h(s + k, j)
///
/// so that only the last block row and column run over all rows: 6 m n C flops, or fewer through the frequency domain
/// (lag_products.hpp), and 12 tau n^2 a trial, in place of the 2 m n^2 of the products. Each block is a sum of up to d
/// such terms: errors are d eps sigma_1^2.
#include "host/backend/backend.hpp"
#include "host/engine/fit/embedding_panels.hpp"
#include "host/engine/fit/lag_products.hpp"

#include <kindred/dmd.hpp>

#include <span>

namespace kindred::host {

/// n x n each, in device memory.
struct DelayGrams {
  MatrixBatch<double> all;       ///< G_0 = H^T H
  MatrixBatch<double> now_next;  ///< G_k, k = steps_ahead: rows that have a successor against their successors
  MatrixBatch<double> first;     ///< of the first k rows of every trial
  MatrixBatch<double> last;      ///< of the last k
};

/// Device memory kept from batch to batch.
struct DelayGramWorkspace {
  Buffer<double> now, next, ends, seeds;
  Buffer<index_t> index;
  LagWorkspace lags;
};

/// How the systems of one shape are taken; decides the arithmetic.
struct DelayGramPlan {
  index_t capacity = 0;  ///< rows of a panel, more than steps_ahead
  index_t trials = 0;    ///< at least those of any member
  LagPlan lags;          ///< of the last blocks, where frequencies take fewer flops than rows
};

/// Whether the ends of a system's trials are short enough for the shift structure to pay.
[[nodiscard]] bool has_short_ends(const Embedding& embedding, const Dmd& dmd);

/// Bytes of workspace for one system of n columns and C channels.
[[nodiscard]] std::size_t delay_gram_bytes(index_t n, index_t channels, const DelayGramPlan& plan, const Dmd& dmd);

/// Fills `out` for members whose ends are short. A member's result depends on the plan and not on the other members.
void delay_grams(Backend& backend, DelayGramWorkspace& work, EmbeddingPanels& source,
                 std::span<const BatchMember> members, const Dmd& dmd, const DelayGramPlan& plan,
                 const DelayGrams& out);

}  // namespace kindred::host
