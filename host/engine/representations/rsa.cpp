/// Representational similarity analysis (kindred/metrics.hpp, Rsa): the cosine of two flattened dissimilarity matrices,
/// prepared so that it is the correlation asked for.
#include "host/engine/representations/cosine_scorer.hpp"
#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <string>
#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Rsa& metric,
                                        const Progress& /*progress*/) {
  Factors f(backend, sets);
  if (f.has_pairs() && f.rows.front().rows < 3) {
    throw Error(ErrorCode::invalid_data,
                "rsa needs at least 3 conditions (samples), the systems have " + std::to_string(f.rows.front().rows));
  }
  return std::make_unique<VectorScorer>(
      backend, std::move(f), metric.score, metric.over_half_pi,
      [&](const std::vector<Factor>& set) { return rdm_vectors(backend, set, metric.rdm, metric.comparison); });
}

}  // namespace kindred::host
