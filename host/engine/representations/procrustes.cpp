/// Procrustes analysis of the recordings themselves (kindred/metrics.hpp, Procrustes).
#include "host/engine/representations/nuclear_scorer.hpp"
#include "host/engine/representations/principal.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Procrustes& metric,
                                        const Progress& /*progress*/) {
  Factors f(backend, sets);
  f.for_each_set([&](std::vector<Factor>& set) { compress(backend, set); });
  return std::make_unique<NuclearScorer>(backend, std::move(f), metric.score, metric.over_half_pi, metric.precision,
                                         product_of_norms);
}

}  // namespace kindred::host
