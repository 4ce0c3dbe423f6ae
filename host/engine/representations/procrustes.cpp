/// Procrustes analysis of the recordings themselves (kindred/recording_metrics.hpp, Procrustes).
#include "host/engine/representations/folded_procrustes.hpp"
#include "host/engine/representations/folds.hpp"
#include "host/engine/representations/nuclear_scorer.hpp"
#include "host/engine/representations/principal.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Procrustes& metric,
                                        const Progress& progress) {
  check_fold_count(folding_of(metric));
  Factors f(backend, sets, metric.centre);
  if (metric.folds > 0) {
    const Shape shape{.score = metric.score,
                      .centre = metric.centre,
                      .folds = metric.folds,
                      .fold_by = metric.fold_by,
                      .over_half_pi = metric.over_half_pi,
                      .precision = metric.precision};
    return make_folded_procrustes(backend, std::move(f), shape, progress);
  }
  f.for_each_set([&](std::vector<Factor>& set) { compress(backend, set); });
  return std::make_unique<NuclearScorer>(backend, std::move(f), metric.score, metric.over_half_pi, metric.precision,
                                         product_of_norms);
}

}  // namespace kindred::host
