#include "host/engine/representations/projection_weighted.hpp"

#include "host/base/index.hpp"
#include "host/engine/representations/host_pairs.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace kindred::host {
namespace {

class ProjectionWeighted final : public PairScorer {
 public:
  ProjectionWeighted(Backend& backend, Factors given, const Cca& metric)
      : factors_(std::move(given)), metric_(metric), scale_(scale_of(metric.over_half_pi)) {
    use_principal(backend, factors_, whitening(metric.explained_variance, metric.dimensions));
    row_variances_ = variances_of(factors_.rows);
    column_variances_ = variances_of(factors_.columns);
    values_ = std::make_unique<BlockValues>(backend, factors_, metric.precision,
                                            [this](const Member& x, const Member& y, std::span<const double> m,
                                                   bool turned) { return value(x, y, m, turned); });
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_->plan(pairs, limits);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const std::vector<double> values = values_->of(tile);
    fill(tile, factors_.symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      if (!factors_.row(i).usable || !factors_.column(j).usable) return std::numeric_limits<double>::quiet_NaN();
      const double s = factors_.same_recording(i, j) ? 1 : std::min(values[k], 1.0);
      if (metric_.score == SimilarityScore::similarity || std::isnan(s)) return s;
      return reported(metric_.score, angle_of(1 - s), scale_);
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    if (!factors_.row(i).usable) return failed();
    return exact(metric_.score == SimilarityScore::similarity ? 1 : 0);
  }

 private:
  [[nodiscard]] double value(const Member& x, const Member& y, std::span<const double> m, bool turned) const {
    const auto r = static_cast<int>(x.factor.columns), s = static_cast<int>(y.factor.columns), k = std::min(r, s);
    const auto size = [](int a, int b) { return at(a) * at(b); };
    std::vector<double> a(m.begin(), m.end()), rho(size(k, 1)), p(size(r, k)), qt(size(k, s));
    if (LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'S', r, s, a.data(), s, rho.data(), p.data(), k, qt.data(), s) != 0) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    for (double& v : rho) {
      v = std::min(v, 1.0);
      if (metric_.squared) v *= v;
    }
    std::vector<double> q(size(s, k));
    for (int i = 0; i < k; ++i) {
      for (int j = 0; j < s; ++j) q[size(j, k) + at(i)] = qt[size(i, s) + at(j)];
    }
    const double by_x = weighted(x, p, rho), by_y = weighted(y, q, rho);
    if (metric_.direction == Direction::both) return (by_x + by_y) / 2;
    return (metric_.direction == Direction::forward) != turned ? by_x : by_y;
  }

  /// S^2 of each system, from its basis V / S.
  static std::vector<std::vector<double>> variances_of(const std::vector<Factor>& factors) {
    std::vector<std::vector<double>> out;
    for (const Factor& f : factors) {
      std::vector<double>& variances = out.emplace_back();
      if (!f.usable) continue;
      const auto& basis = std::get<Projected>(f.source).basis;
      const auto r = at(f.columns);
      variances.assign(r, 0.0);
      for (std::size_t k = 0; k < basis.size(); ++k) variances[k % r] += basis[k] * basis[k];
      for (double& v : variances) v = 1 / v;
    }
    return out;
  }

  /// The mean of rho, weighted by the projections of the system's channels on its variates, V S p.
  [[nodiscard]] double weighted(const Member& x, const std::vector<double>& p, const std::vector<double>& rho) const {
    const std::vector<double>& variances = (x.of_columns ? column_variances_ : row_variances_)[at(x.index)];
    const auto& basis = std::get<Projected>(x.factor.source).basis;
    const std::size_t r = at(x.factor.columns), k = rho.size(), channels = basis.size() / r;
    std::vector<double> scaled(p), projection(channels * k);
    for (std::size_t a = 0; a < r; ++a) {
      for (std::size_t i = 0; i < k; ++i) scaled[a * k + i] *= variances[a];
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(channels), static_cast<int>(k),
                static_cast<int>(r), 1.0, basis.data(), static_cast<int>(r), scaled.data(), static_cast<int>(k), 0.0,
                projection.data(), static_cast<int>(k));
    double sum = 0, weights = 0;
    for (std::size_t i = 0; i < k; ++i) {
      double weight = 0;
      for (std::size_t c = 0; c < channels; ++c) weight += std::abs(projection[c * k + i]);
      sum += weight * rho[i];
      weights += weight;
    }
    return sum / weights;
  }

  Factors factors_;
  Cca metric_;
  double scale_;
  std::vector<std::vector<double>> row_variances_, column_variances_;
  std::unique_ptr<BlockValues> values_;
};

}  // namespace

std::unique_ptr<PairScorer> make_projection_weighted(Backend& backend, Factors factors, const Cca& metric) {
  return std::make_unique<ProjectionWeighted>(backend, std::move(factors), metric);
}

}  // namespace kindred::host
