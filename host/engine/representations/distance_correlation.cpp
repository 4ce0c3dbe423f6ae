/// Distance correlation of the samples (kindred/recording_metrics.hpp, DistanceCorrelation): the cosine of two centred
/// matrices of distances, or its root.
#include "host/engine/representations/cosine_scorer.hpp"
#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <string>
#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const DistanceCorrelation& metric,
                                        const Progress& /*progress*/) {
  Factors f(backend, sets);
  const index_t least = metric.unbiased ? 4 : 2;
  if (f.has_pairs() && f.rows.front().rows < least) {
    throw Error(ErrorCode::invalid_data, "distance correlation needs at least " + std::to_string(least) +
                                             " samples, the systems have " + std::to_string(f.rows.front().rows));
  }
  return std::make_unique<VectorScorer>(
      backend, std::move(f), metric.score, metric.over_half_pi,
      [&](const std::vector<Factor>& set) { return distance_vectors(backend, set, metric.unbiased); },
      !metric.unbiased);
}

}  // namespace kindred::host
