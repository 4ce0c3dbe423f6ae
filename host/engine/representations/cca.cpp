/// Mean canonical correlation (kindred/metrics.hpp, Cca): ||X^T Y||_* of whitened coordinates over their number.
#include "host/engine/representations/nuclear_scorer.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Cca& metric,
                                        const Progress& /*progress*/) {
  const double share = metric.explained_variance;
  if (!(share > 0 && share <= 1)) {
    throw Error(ErrorCode::invalid_argument,
                "explained variance of cca is " + std::to_string(share) + ", expected above 0 and at most 1");
  }
  Factors f(backend, sets);
  use_principal(backend, f, whitening(share));
  const auto score =
      metric.score == SimilarityScore::similarity ? ProcrustesScore::similarity : ProcrustesScore::angular;
  return std::make_unique<NuclearScorer>(
      backend, std::move(f), score, metric.over_half_pi, metric.precision,
      [](const Factor& x, const Factor& y) { return static_cast<double>(std::min(x.columns, y.columns)); });
}

}  // namespace kindred::host
