#pragma once
/// PAVF distances of pairs of operators.
#include "host/backend/backend.hpp"
#include "host/engine/pair_stage.hpp"

#include <kindred/metrics.hpp>

#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// Prepares every operator once (rows, then columns; empty columns: the rows again) for Procrustes analysis over vector
/// fields as `config` says. Throws Error{invalid_argument}: operators of unequal size without zero_pad (names both),
/// an angular score of unscaled operators.
[[nodiscard]] std::unique_ptr<PairStage> make_pavf_stage(Backend& backend, std::span<const Operator> rows,
                                                         std::span<const Operator> columns, const Dsa& config,
                                                         const Progress& progress);

}  // namespace kindred::host
