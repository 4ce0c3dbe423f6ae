/// Generalized shape metrics (kindred/recording_metrics.hpp, Shape): Procrustes analysis after partial whitening.
#include "host/engine/representations/folded_procrustes.hpp"
#include "host/engine/representations/folds.hpp"
#include "host/engine/representations/nuclear_scorer.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <string>
#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Shape& metric,
                                        const Progress& progress) {
  const double alpha = metric.alpha;
  if (!(alpha >= 0 && alpha <= 1)) {
    throw Error(ErrorCode::invalid_argument, "Shape::alpha is " + std::to_string(alpha) + ", expected 0 to 1");
  }
  check_fold_count(folding_of(metric));
  Factors f(backend, sets, metric.centre);
  if (metric.folds > 0) return make_folded_procrustes(backend, std::move(f), metric, progress);
  if (alpha < 1) use_principal(backend, f, partial_whitening(alpha, metric.preserve_variance));
  return std::make_unique<NuclearScorer>(backend, std::move(f), metric.score, metric.over_half_pi, metric.precision,
                                         product_of_norms);
}

}  // namespace kindred::host
