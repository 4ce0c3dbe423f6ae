#pragma once
/// Comparisons by a nuclear norm: s = ||X^T Y||_* / norm, or the Euclidean distance min over orthogonal Q of
/// ||X - Y Q||_F.
#include "host/engine/representations/pair_values.hpp"

#include <optional>
#include <span>
#include <vector>

namespace kindred::host {

class NuclearScorer final : public PairScorer {
 public:
  /// By what ||X^T Y||_* is divided.
  using NormOf = double (*)(const Factor& x, const Factor& y);
  /// `similarity`: how a metric that has only a similarity reports it. It takes the place of `score`, which is then
  /// angular.
  NuclearScorer(Backend& backend, Factors factors, ProcrustesScore score, bool over_half_pi, ProductPrecision precision,
                NormOf norm_of, std::optional<SimilarityScore> similarity = {});

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }
  void score(const Tile& tile, std::span<PairResult> out) override;
  [[nodiscard]] PairResult self(index_t i) override;

 private:
  [[nodiscard]] double angle(const Factor& x, const Factor& y, bool equal, double norm, double nuclear) const;
  [[nodiscard]] double euclidean(const Factor& x, const Factor& y, bool equal, double nuclear) const;

  Backend& backend_;
  Factors factors_;
  ProcrustesScore score_;
  double scale_;
  bool precise_;
  NormOf norm_of_;
  std::optional<SimilarityScore> similarity_;
  PairValues values_;
};

/// ||X||_F ||Y||_F.
[[nodiscard]] double product_of_norms(const Factor& x, const Factor& y);

}  // namespace kindred::host
