#pragma once
/// Procrustes analysis and shape metrics fitted on some samples and scored on others.
#include "host/engine/representations/pair_values.hpp"

#include <kindred/progress.hpp>

#include <memory>

namespace kindred::host {

/// Over the folds v of Shape::folds, means, whitening and the orthogonal Q_v from the samples outside v:
///
///     s = sum_v <X_v, Y_v Q_v> / sqrt(sum_v ||X_v||^2 sum_v ||Y_v||^2),
///     euclidean^2 = sum_v ||X_v||^2 + ||Y_v||^2 - 2 <X_v, Y_v Q_v>.
///
/// Q_v = W P^T from the singular vectors P S W^T of the fitted samples' X^T Y, those above its rounding: directions
/// that the fitted samples do not align count as not alike. s is in [-1, 1]. Equal recordings are at distance 0. What a
/// fold needs of each system is made for a tile at a time. Cost a pair and a fold: 2 m p q on the device, about 25 p q
/// min(p, q) on the processor. `progress` hears of stage "folds". Source: arXiv 2110.14739; netrep's `fit` and `score`.
/// Throws what folds_of throws.
[[nodiscard]] std::unique_ptr<PairScorer> make_folded_procrustes(Backend& backend, Factors factors, const Shape& metric,
                                                                 const Progress& progress);

}  // namespace kindred::host
