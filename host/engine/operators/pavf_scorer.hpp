#pragma once
/// PAVF distances of pairs of operators.
#include "host/backend/backend.hpp"
#include "host/engine/pairs/score_pairs.hpp"

#include <kindred/metrics.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// Prepares every operator once (rows, then columns; empty columns: the rows again) for Procrustes analysis over vector
/// fields as `config` says. Throws Error{invalid_argument}: operators of unequal size without zero_pad (names both),
/// an angular score of unscaled operators.
[[nodiscard]] std::unique_ptr<OperatorScorer> make_pavf_scorer(Backend& backend, std::span<const Operator> rows,
                                                               std::span<const Operator> columns, const Dsa& config,
                                                               const Progress& progress);

/// One pair with its minimiser: distance = ||A - C B C^T||_F up to the configured scale.
struct PavfAlignment {
  PairResult result;
  std::vector<double> transform;  ///< C, r x r row-major, r the larger size
  std::vector<double> aligned;    ///< C B C^T, of B as given (embedded where it is smaller)
};
[[nodiscard]] PavfAlignment pavf_align(Backend& backend, const Operator& a, const Operator& b, const Dsa& config);

/// Work done by a PAVF stage since it was made.
struct PavfWork {
  std::int64_t iterations = 0;  ///< of all refinements
  std::int64_t products = 0;    ///< r x r products of the searches
};
[[nodiscard]] PavfWork pavf_work(const OperatorScorer& stage);

}  // namespace kindred::host
