/// Centred kernel alignment (kindred/recording_metrics.hpp, Cka): the cosine of two Gram matrices of the samples.
/// Either the matrices are made, flattened (few samples, or another kernel than the linear one), or their inner product
/// is ||X^T Y||_F^2 (few channels).
#include "host/engine/representations/cosine_scorer.hpp"
#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/near_pair.hpp"
#include "host/engine/representations/principal.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <cmath>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

Factors compressed(Backend& backend, Factors factors) {
  factors.for_each_set([&](std::vector<Factor>& set) { compress(backend, set); });
  return factors;
}

/// CKA of centred Gram matrices, by cross-products of the channels.
class GrettonCka final : public CosineScorer {
 public:
  GrettonCka(Backend& backend, Factors given, const Cka& metric)
      : CosineScorer(compressed(backend, std::move(given)), metric.score, metric.over_half_pi),
        backend_(backend),
        precise_(metric.precision != ProductPrecision::f32),
        values_(backend, factors().rows, factors().columns, factors().symmetric, BlockValue::squared_norm,
                metric.precision) {}

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }

 protected:
  [[nodiscard]] std::vector<double> products(const Tile& tile) override { return values_.of(tile).front(); }
  [[nodiscard]] double row_self(index_t i) override { return values_.row_self(i); }
  [[nodiscard]] double column_self(index_t j) override { return values_.column_self(j); }
  [[nodiscard]] std::optional<double> chord(index_t i, index_t j) override {
    if (!precise_) return {};
    return gram_residual(backend_, factors().row(i), std::sqrt(row_self(i)), factors().column(j),
                         std::sqrt(column_self(j)));
  }

 private:
  Backend& backend_;
  bool precise_;
  PairValues values_;
};

/// CKA of centred recordings without the diagonals of their Gram matrices. With k, l the squared norms of the samples:
///   lange  ||X^T Y||^2 - k.l, the inner product of Gram matrices without diagonals;
///   song   ||X^T Y||^2 - k.l + (sum k)(sum l) / ((m-1)(m-2)) - 2 k.l / (m-2), which is the unbiased estimator times
///          m (m - 3) (Song et al. 2012, equation 5).
class HollowCka final : public CosineScorer {
 public:
  HollowCka(Backend& backend, Factors given, const Cka& metric)
      : CosineScorer(compressed(backend, std::move(given)), metric.score, metric.over_half_pi),
        samples_(static_cast<double>(factors().rows.front().rows)),
        unbiased_(metric.estimator == CkaEstimator::song),
        row_norms_(sample_norms(factors().rows)),
        column_norms_(sample_norms(factors().columns)),
        // The norms are few beside the channels: at most half of the budget, and what they leave is for the channels.
        norms_(backend, operands(row_norms_, column_norms_), BlockValue::sum, ProductPrecision::f64,
               backend.memory_budget() / 2),
        squares_(backend, operands(factors().rows, factors().columns), BlockValue::squared_norm, metric.precision,
                 backend.memory_budget() - norms_.bytes()) {}

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return squares_.plan(pairs, limits);
  }

 protected:
  [[nodiscard]] std::vector<double> products(const Tile& tile) override {
    std::vector<double> out = squares_.of(tile).front();
    const std::vector<double> kl = norms_.of(tile).front();
    for_each_pair(tile, factors().symmetric, [&](index_t i, index_t j, std::size_t k) {
      out[k] = estimate(out[k], kl[k], factors().row(i), factors().column(j));
    });
    return out;
  }
  [[nodiscard]] double row_self(index_t i) override {
    return estimate(squares_.row_self(i), norms_.row_self(i), factors().row(i), factors().row(i));
  }
  [[nodiscard]] double column_self(index_t j) override {
    return estimate(squares_.column_self(j), norms_.column_self(j), factors().column(j), factors().column(j));
  }
  [[nodiscard]] std::optional<double> chord(index_t, index_t) override { return {}; }

 private:
  [[nodiscard]] Operands operands(std::span<const Factor> rows, std::span<const Factor> columns) const {
    const bool symmetric = factors().symmetric;
    return {.rows = {rows}, .columns = {symmetric ? rows : columns}, .symmetric = symmetric};
  }
  [[nodiscard]] double estimate(double squares, double kl, const Factor& x, const Factor& y) const {
    const double m = samples_;
    if (!unbiased_) return squares - kl;
    return squares - kl + x.squared_norm * y.squared_norm / ((m - 1) * (m - 2)) - 2 * kl / (m - 2);
  }

  double samples_;  // m
  bool unbiased_;
  std::vector<Factor> row_norms_, column_norms_;
  PairValues norms_, squares_;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Cka& metric,
                                        const Progress& /*progress*/) {
  const bool linear = metric.kernel == CkaKernel::linear;
  if (!metric.centre && metric.estimator != CkaEstimator::gretton) {
    throw Error(
        ErrorCode::invalid_argument,
        "Cka::centre = no: the estimators song and lange centre the kernels themselves (Cka::estimator = gretton)");
  }
  // Distances do not depend on the means, and are more accurate without them.
  Factors f(backend, sets, metric.centre || !linear);
  const bool song = metric.estimator == CkaEstimator::song;
  if (song && f.has_pairs() && f.rows.front().rows < 4) {
    throw Error(ErrorCode::invalid_data, "the unbiased estimator of cka needs at least 4 samples, the systems have " +
                                             std::to_string(f.rows.front().rows));
  }
  if (!linear) {
    if (!(metric.bandwidth > 0) || !std::isfinite(metric.bandwidth)) {
      throw Error(ErrorCode::invalid_argument,
                  "Cka::bandwidth is " + std::to_string(metric.bandwidth) + ", expected above 0 (in median distances)");
    }
    return std::make_unique<VectorScorer>(
        backend, std::move(f), metric.score, metric.over_half_pi,
        [&](const std::vector<Factor>& set) { return distance_kernel_vectors(backend, set, metric); });
  }
  if (samples_are_cheaper(f.rows, f.right(), f.symmetric)) {
    return std::make_unique<VectorScorer>(
        backend, std::move(f), metric.score, metric.over_half_pi,
        [&](const std::vector<Factor>& set) { return gram_vectors(backend, set, metric.estimator); });
  }
  if (metric.estimator != CkaEstimator::gretton && f.has_pairs())
    return std::make_unique<HollowCka>(backend, std::move(f), metric);
  return std::make_unique<GrettonCka>(backend, std::move(f), metric);
}

}  // namespace kindred::host
