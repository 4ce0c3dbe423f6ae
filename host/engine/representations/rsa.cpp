/// Representational similarity analysis (kindred/recording_metrics.hpp, Rsa): the cosine of two flattened dissimilarity
/// matrices, prepared so that it is the correlation asked for; or Kendall's tau of their ranks.
#include "host/engine/representations/cosine_scorer.hpp"
#include "host/engine/representations/kendall.hpp"
#include "host/engine/representations/rdm_vectors.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Rsa& metric,
                                        const Progress& /*progress*/) {
  Factors f(backend, sets);
  if (f.has_pairs()) require_conditions(f.rows, f.right(), metric.rdm);
  if (metric.comparison == RdmComparison::kendall || metric.comparison == RdmComparison::kendall_a) {
    return make_kendall_scorer(backend, std::move(f), metric);
  }
  return std::make_unique<VectorScorer>(
      backend, std::move(f), metric.score, metric.over_half_pi,
      [&](const std::vector<Factor>& set) { return rdm_vectors(backend, set, metric); });
}

}  // namespace kindred::host
