#include "host/engine/representations/cosine_scorer.hpp"

#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/near_pair.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace kindred::host {

void CosineScorer::score(const Tile& tile, std::span<PairResult> out) {
  const std::vector<double> v = products(tile);
  fill(tile, factors_.symmetric, out, [&](index_t i, index_t j, std::size_t k) {
    const double x = row_self(i), y = column_self(j);
    if (!(x > 0) || !(y > 0)) return std::numeric_limits<double>::quiet_NaN();
    // sqrt(x x) = x exactly, so that equal systems are at distance 0.
    const double norm = std::sqrt(x * y), one_minus_s = (norm - v[k]) / norm;
    // Equal vectors have no rounding in their angle; a cosine below 0 by rounding has the root 0.
    if (score_ == SimilarityScore::similarity) return root_ ? std::sqrt(std::max(0.0, v[k] / norm)) : v[k] / norm;
    std::optional<double> distance;
    if (one_minus_s < near_similarity && !factors_.same_recording(i, j)) distance = chord(i, j);
    if (root_) {  // 1 - sqrt s = (1 - s) / (1 + sqrt s)
      const double from = distance ? *distance * *distance / 2 : one_minus_s;
      return reported(score_, angle_of(from / (1 + std::sqrt(std::max(0.0, 1 - from)))), scale_);
    }
    return reported(score_, distance ? angle_of_chord(*distance) : angle_of(one_minus_s), scale_);
  });
}

PairResult CosineScorer::self(index_t i) {
  if (!(row_self(i) > 0)) return failed();
  return exact(score_ == SimilarityScore::similarity ? 1 : 0);
}

VectorScorer::VectorScorer(Backend& backend, Factors given, SimilarityScore score, bool over_half_pi,
                           const VectorsOf& vectors_of, bool root)
    : CosineScorer(std::move(given), score, over_half_pi, root),
      rows_(vectors_of(factors().rows)),
      columns_(factors().symmetric ? std::vector<Factor>() : vectors_of(factors().columns)),
      values_(backend, rows_, columns_, factors().symmetric, BlockValue::sum, ProductPrecision::f64) {}

std::vector<double> VectorScorer::products(const Tile& tile) { return values_.of(tile).front(); }

std::optional<double> VectorScorer::chord(index_t i, index_t j) {
  const auto vector_of = [](const std::vector<Factor>& factors, index_t k) {
    return std::get<Generated>(factors[k].source).make();
  };
  if (made_ != i) row_ = vector_of(rows_, i);
  made_ = i;
  return host::chord(row_, vector_of(factors().symmetric ? rows_ : columns_, j));
}

}  // namespace kindred::host
