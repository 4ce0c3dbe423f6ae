#pragma once
/// PAVF distances of pairs of operators.
#include "host/backend/backend.hpp"
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <cstdint>
#include <memory>
#include <span>

namespace kindred::host {

/// Prepares every operator once (rows, then columns; empty columns: the rows again) for Procrustes analysis over vector
/// fields as `config` says. Throws Error{invalid_argument}: operators of unequal size without zero_pad (names both),
/// an angular score of unscaled operators.
[[nodiscard]] std::unique_ptr<OperatorScorer> make_pavf_scorer(Backend& backend, std::span<const Operator> rows,
                                                               std::span<const Operator> columns, const Dsa& config,
                                                               const Progress& progress);

/// Work done by a PAVF scorer since it was made.
struct PavfWork {
  std::int64_t iterations = 0;  ///< of all refinements
  std::int64_t products = 0;    ///< r x r products of the searches
};
[[nodiscard]] PavfWork pavf_work(const OperatorScorer& scorer);

}  // namespace kindred::host
