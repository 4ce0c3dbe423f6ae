/// Mean canonical correlation (kindred/recording_metrics.hpp, Cca): ||X^T Y||_* of whitened coordinates over their
/// number; or the mean of their squares, ||X^T Y||_F^2 over that number.
#include "host/engine/representations/near_pair.hpp"
#include "host/engine/representations/nuclear_scorer.hpp"
#include "host/engine/representations/projection_weighted.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

double smaller_rank(const Factor& x, const Factor& y) { return static_cast<double>(std::min(x.columns, y.columns)); }

class SquaredCca final : public PairScorer {
 public:
  SquaredCca(Backend& backend, Factors factors, const Cca& metric)
      : backend_(backend),
        factors_(std::move(factors)),
        score_(metric.score),
        scale_(scale_of(metric.over_half_pi)),
        precise_(metric.precision != ProductPrecision::f32),
        values_(backend, factors_.rows, factors_.columns, factors_.symmetric, BlockValue::squared_norm,
                metric.precision) {}

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const std::vector<double> squares = values_.of(tile).front();
    fill(tile, factors_.symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      const Factor &x = factors_.row(i), &y = factors_.column(j);
      if (!x.usable || !y.usable) return std::numeric_limits<double>::quiet_NaN();
      const double rank = smaller_rank(x, y), v = factors_.same_recording(i, j) ? rank : squares[k];
      if (score_ == SimilarityScore::similarity) return std::min(v / rank, 1.0);
      return reported(score_, angle(i, j, (rank - v) / rank), scale_);
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    if (!factors_.row(i).usable) return failed();
    return exact(score_ == SimilarityScore::similarity ? 1 : 0);
  }

 private:
  /// Of equal ranks the mean is the cosine of the Gram matrices of the whitened coordinates, each of norm sqrt(rank).
  [[nodiscard]] double angle(index_t i, index_t j, double one_minus_s) const {
    const Factor &x = factors_.row(i), &y = factors_.column(j);
    const bool near =
        precise_ && one_minus_s < near_similarity && x.columns == y.columns && !factors_.same_recording(i, j);
    if (!near) return angle_of(one_minus_s);
    const double norm = std::sqrt(static_cast<double>(x.columns));
    return angle_of_chord(gram_residual(backend_, x, norm, y, norm));
  }

  Backend& backend_;
  Factors factors_;
  SimilarityScore score_;
  double scale_;
  bool precise_;
  PairValues values_;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Cca& metric,
                                        const Progress& /*progress*/) {
  const double share = metric.explained_variance;
  if (!(share > 0 && share <= 1)) {
    throw Error(ErrorCode::invalid_argument,
                "Cca::explained_variance is " + std::to_string(share) + ", expected above 0 and at most 1");
  }
  const bool one_way = metric.direction != Direction::both && metric.weights == CcaWeights::projection;
  require_two_collections(one_way, sets.symmetric, "Cca::direction");
  Factors f(backend, sets);
  if (metric.weights == CcaWeights::projection) return make_projection_weighted(backend, std::move(f), metric);
  use_principal(backend, f, whitening(share, metric.dimensions));
  if (metric.squared) return std::make_unique<SquaredCca>(backend, std::move(f), metric);
  const auto score =
      metric.score == SimilarityScore::similarity ? ProcrustesScore::similarity : ProcrustesScore::angular;
  return std::make_unique<NuclearScorer>(backend, std::move(f), score, metric.over_half_pi, metric.precision,
                                         smaller_rank, metric.score);
}

}  // namespace kindred::host
