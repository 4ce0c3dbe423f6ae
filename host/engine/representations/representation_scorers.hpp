#pragma once
/// Comparisons of representations: CKA, Procrustes and their relatives. All are numbers of the cross-products F_i^T F_j
/// of one factor a system, or two (factor.hpp, factor_products.hpp).
#include "host/backend/backend.hpp"
#include "host/engine/pairs/pair_scorer.hpp"
#include "host/engine/representations/pair_values.hpp"

#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <memory>

namespace kindred::host {

/// Scorers of recordings in host memory, which stay where they are as long as the scorer is used. The factors of all
/// systems are made here. Throws Error{invalid_data} for different sample counts (naming both systems), NaN or Inf;
/// Error{out_of_memory} when two systems exceed the budget.
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Cka& metric,
                                                      const Progress& progress);
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets,
                                                      const Procrustes& metric, const Progress& progress);
/// Throws Error{invalid_argument} for alpha outside [0, 1].
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Shape& metric,
                                                      const Progress& progress);
/// Throws Error{invalid_argument} for an explained variance outside (0, 1].
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Cca& metric,
                                                      const Progress& progress);
/// Throws Error{out_of_memory} when a few dozen dissimilarity matrices exceed the budget; what require_conditions
/// throws.
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Rsa& metric,
                                                      const Progress& progress);
/// Throws what folds_of throws, where folds are asked for; Error{invalid_argument} for a penalty or components below 0,
/// or both, and for one direction of one collection.
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets,
                                                      const LinearRegression& metric, const Progress& progress);
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Matching& metric,
                                                      const Progress& progress);
/// Throws Error{invalid_argument} for more neighbours than there are other samples.
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets,
                                                      const NeighbourGraph& metric, const Progress& progress);
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets,
                                                      const DistanceCorrelation& metric, const Progress& progress);
/// Throws what require_repeats throws; Error{out_of_memory} when what is made of all systems exceeds the budget.
[[nodiscard]] std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets,
                                                      const StochasticShape& metric, const Progress& progress);

}  // namespace kindred::host
