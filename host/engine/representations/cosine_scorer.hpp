#pragma once
/// Comparisons by the cosine of a vector made of each system: x_i . x_j / (|x_i| |x_j|).
#include "host/engine/representations/pair_values.hpp"

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// A pair's result is the cosine, its root (of distance correlations), or an angle or distance of either; a system
/// whose vector vanishes fails. Angles of nearly equal systems come from the difference of their unit vectors
/// (near_pair.hpp), where a metric has it.
class CosineScorer : public PairScorer {
 public:
  CosineScorer(Factors factors, SimilarityScore score, bool over_half_pi, bool root = false)
      : factors_(std::move(factors)), score_(score), scale_(scale_of(over_half_pi)), root_(root) {}

  void score(const Tile& tile, std::span<PairResult> out) override;
  [[nodiscard]] PairResult self(index_t i) override;

 protected:
  /// Inner products of the pairs of a tile, row-major; NaN where a system is unusable.
  [[nodiscard]] virtual std::vector<double> products(const Tile& tile) = 0;
  /// Squared norms of the vectors; NaN where a system is unusable.
  [[nodiscard]] virtual double row_self(index_t i) = 0;
  [[nodiscard]] virtual double column_self(index_t j) = 0;
  /// The distance of the unit vectors of different, nearly equal systems, right to rounding; empty if it is not known
  /// better than from the cosine.
  [[nodiscard]] virtual std::optional<double> chord(index_t i, index_t j) = 0;

  [[nodiscard]] const Factors& factors() const { return factors_; }
  [[nodiscard]] Factors& factors() { return factors_; }

 private:
  Factors factors_;
  SimilarityScore score_;
  double scale_;
  bool root_;
};

/// The same of vectors that are factors of one column (kernel_vectors.hpp).
class VectorScorer : public CosineScorer {
 public:
  using VectorsOf = std::function<std::vector<Factor>(const std::vector<Factor>&)>;
  VectorScorer(Backend& backend, Factors factors, SimilarityScore score, bool over_half_pi, const VectorsOf& vectors_of,
               bool root = false);

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }

 protected:
  [[nodiscard]] std::vector<double> products(const Tile& tile) override;
  [[nodiscard]] double row_self(index_t i) override { return values_.row_self(i); }
  [[nodiscard]] double column_self(index_t j) override { return values_.column_self(j); }
  [[nodiscard]] std::optional<double> chord(index_t i, index_t j) override;

 private:
  std::vector<Factor> rows_, columns_;  // the vectors; no columns when symmetric
  PairValues values_;
  index_t made_ = -1;  // the row whose vector is at hand
  std::vector<double> row_;
};

}  // namespace kindred::host
