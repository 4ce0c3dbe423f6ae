#pragma once
/// The spectral distance of a collection (kindred/operator_metrics.hpp, Spectral): eigenvalues once per operator, then
/// one exact transport a pair (kernels/program/spectral.hpp).
#include "host/backend/backend.hpp"
#include "host/base/index.hpp"
#include "host/engine/operators/folded_spectrum.hpp"
#include "host/engine/pairs/score_pairs.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>

#include <memory>
#include <span>

namespace kindred::host {

/// Bytes that an operator of size r takes at most while it is prepared and kept.
[[nodiscard]] inline std::size_t prepared_bytes(index_t r, const Spectral& /*config*/) { return at(r) * 64 + 256; }

/// Whether the metric is the default measure, W2 of uniform weights with the smaller spectrum padded by zeros: a block
/// program computes it, and it has bounds.
[[nodiscard]] bool is_padded_w2(const Spectral& metric);

/// Scores pairs of `rows` (against `columns`; empty: against themselves). Distances are exact and bitwise symmetric;
/// the lower bound is the distance. A pair with an unusable operator has status failed and distance NaN. Other measures
/// than is_padded_w2 are computed on the processor (spectral_measures.cpp). Throws Error{cancelled};
/// Error{invalid_argument} for another order than 1 or 2, and for a directed distance within one collection.
[[nodiscard]] std::unique_ptr<OperatorScorer> make_spectral_scorer(Backend& backend, std::span<const Operator> rows,
                                                                   std::span<const Operator> columns,
                                                                   const Spectral& metric, const Progress& progress);

/// The same for any measure, on the processor.
[[nodiscard]] std::unique_ptr<OperatorScorer> make_spectral_measure_scorer(Backend& backend,
                                                                           std::span<const Operator> rows,
                                                                           std::span<const Operator> columns,
                                                                           const Spectral& metric,
                                                                           const Progress& progress);

}  // namespace kindred::host
