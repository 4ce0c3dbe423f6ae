/// Generalized shape metrics (kindred/metrics.hpp, Shape): Procrustes analysis after partial whitening.
#include "host/engine/representations/nuclear_scorer.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <cmath>
#include <string>
#include <utility>

namespace kindred::host {

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Shape& metric,
                                        const Progress& /*progress*/) {
  const double alpha = metric.alpha;
  if (!(alpha >= 0 && alpha <= 1)) {
    throw Error(ErrorCode::invalid_argument,
                "alpha of the shape metric is " + std::to_string(alpha) + ", expected 0 to 1");
  }
  Factors f(backend, sets);
  if (alpha < 1) {
    const bool preserve = metric.preserve_variance;
    use_principal(backend, f, [alpha, preserve](const std::vector<double>& sigma, Factor& x) {
      // X (alpha + (1 - alpha) / sigma) in the units of the data, which are 2^-exponent those of sigma.
      const double scale = std::ldexp(1.0, x.survey.exponent);
      x.unit = 0;
      std::vector<double> weight;
      double given = 0, whitened = 0;  // squared norms of X, in units of `scale`, and of what becomes of it
      for (const double s : sigma) {
        weight.push_back(alpha * scale + (1 - alpha) / s);
        given += s * s;
        whitened += weight.back() * s * weight.back() * s;
      }
      const double back = preserve ? scale * std::sqrt(given / whitened) : 1;
      for (double& w : weight) w *= back;
      return weight;
    });
  }
  return std::make_unique<NuclearScorer>(backend, std::move(f), metric.score, metric.over_half_pi, metric.precision,
                                         product_of_norms);
}

}  // namespace kindred::host
