#pragma once
/// Comparison of operators with inputs (kindred/operator_metrics.hpp, InputDsa).
#include "host/backend/backend.hpp"
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// K^T, K = [B, A B, A^T B, A^2 B, (A^T)^2 B, ..., A^(h-1) B, (A^T)^(h-1) B]: m (2 h - 1) rows of r values, the columns
/// of K.
[[nodiscard]] std::vector<double> controllability_rows(const Operator& op, index_t horizon);

/// K^T of an operator is compared as a recording is, without a mean: the orthogonal C that brings K' nearest to K is
/// that of Procrustes analysis, so that the distance is the minimum and does not change with the basis of either
/// system. A pair with an operator that could not be fitted, or whose K overflows or is 0, fails. Throws
/// Error{invalid_data} for operators without inputs, or of different numbers of states or inputs (naming both).
/// `columns` empty: `rows` against themselves.
[[nodiscard]] std::unique_ptr<PairScorer> make_whole_scorer(Backend& backend, std::span<const Operator> rows,
                                                            std::span<const Operator> columns, const InputDsa& metric,
                                                            const Progress& progress);

}  // namespace kindred::host
