#include "host/engine/representations/nuclear_scorer.hpp"

#include "host/engine/representations/near_pair.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace kindred::host {

NuclearScorer::NuclearScorer(Backend& backend, Factors factors, ProcrustesScore score, bool over_half_pi,
                             ProductPrecision precision, NormOf norm_of, std::optional<SimilarityScore> similarity)
    : backend_(backend),
      factors_(std::move(factors)),
      score_(score),
      scale_(scale_of(over_half_pi)),
      precise_(precision != ProductPrecision::f32),
      norm_of_(norm_of),
      similarity_(similarity),
      values_(backend, factors_.rows, factors_.columns, factors_.symmetric, BlockValue::nuclear_norm, precision) {}

void NuclearScorer::score(const Tile& tile, std::span<PairResult> out) {
  const std::vector<double> nuclear = values_.of(tile).front();
  fill(tile, factors_.symmetric, out, [&](index_t i, index_t j, std::size_t k) {
    const Factor &x = factors_.row(i), &y = factors_.column(j);
    if (!x.usable || !y.usable) return std::numeric_limits<double>::quiet_NaN();
    const bool equal = factors_.same_recording(i, j);
    const double norm = norm_of_(x, y), v = equal ? norm : nuclear[k];
    switch (score_) {
      case ProcrustesScore::similarity:
        return std::min(v / norm, 1.0);
      case ProcrustesScore::angular:
        return similarity_ ? reported(*similarity_, angle(x, y, equal, norm, v), scale_)
                           : angle(x, y, equal, norm, v) * scale_;
      default:
        return euclidean(x, y, equal, v);
    }
  });
}

PairResult NuclearScorer::self(index_t i) {
  if (!factors_.row(i).usable) return failed();
  return exact(score_ == ProcrustesScore::similarity ? 1 : 0);
}

double NuclearScorer::angle(const Factor& x, const Factor& y, bool equal, double norm, double nuclear) const {
  const double one_minus_s = (norm - nuclear) / norm;
  const bool near =
      precise_ && !equal && one_minus_s < near_similarity && (x.columns == y.columns || norm == product_of_norms(x, y));
  if (!near) return angle_of(one_minus_s);
  return angle_of_chord(
      procrustes_residual(backend_, x, 1 / std::sqrt(x.squared_norm), y, 1 / std::sqrt(y.squared_norm)));
}

double NuclearScorer::euclidean(const Factor& x, const Factor& y, bool equal, double nuclear) const {
  // In units of the larger system, so that nothing overflows.
  const int unit = std::max(x.unit, y.unit);
  const double a = std::ldexp(1.0, x.unit - unit), b = std::ldexp(1.0, y.unit - unit);
  const double sum = a * a * x.squared_norm + b * b * y.squared_norm;
  const double squared = equal ? 0 : std::max(0.0, sum - 2 * a * b * nuclear);
  double distance = std::sqrt(squared);
  if (precise_ && !equal && squared < near_similarity * sum) distance = procrustes_residual(backend_, x, a, y, b);
  return score_ == ProcrustesScore::squared ? std::ldexp(distance * distance, 2 * unit) : std::ldexp(distance, unit);
}

double product_of_norms(const Factor& x, const Factor& y) { return std::sqrt(x.squared_norm * y.squared_norm); }

}  // namespace kindred::host
