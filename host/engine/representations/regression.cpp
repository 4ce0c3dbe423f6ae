/// Linear regression between recordings (kindred/recording_metrics.hpp, LinearRegression), both ways, on all samples or
/// cross-validated, and partial least squares.
#include "host/base/index.hpp"
#include "host/engine/representations/cross_validation.hpp"
#include "host/engine/representations/folds.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/partial_least_squares.hpp"
#include "host/engine/representations/principal.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// A pair's result from R^2 of both directions.
class RegressionScorer : public PairScorer {
 public:
  RegressionScorer(Factors factors, const LinearRegression& metric)
      : factors_(std::move(factors)),
        direction_(metric.direction),
        r2_(metric.score == RegressionScore::similarity),
        whole_(metric.pls_components == 0) {}

  [[nodiscard]] PairResult self(index_t i) override { return factors_.row(i).usable ? exact(r2_ ? 1 : 0) : failed(); }

 protected:
  [[nodiscard]] const Factors& factors() const { return factors_; }
  [[nodiscard]] Factors& factors() { return factors_; }

  /// `forward`: of the column system from the row system; NaN where it is not known.
  [[nodiscard]] double distance(index_t i, index_t j, double forward, double back) const {
    if (!factors_.row(i).usable || !factors_.column(j).usable) return std::numeric_limits<double>::quiet_NaN();
    double r2 = direction_ == Direction::both      ? (forward + back) / 2
                : direction_ == Direction::forward ? forward
                                                   : back;
    if (whole_ && factors_.same_recording(i, j)) r2 = 1;
    return r2_ ? r2 : 1 - r2;
  }

 private:
  Factors factors_;
  Direction direction_;
  bool r2_;
  bool whole_;  ///< a recording predicts all of itself
};

/// On all samples: R^2 = ||U_x^T Y||^2 / ||Y||^2, U_x the whitened coordinates of X. Both directions of a pair come
/// from one pass over its tile: U_x^T Y and X^T U_y. With a penalty lambda, Yhat = U F U^T Y with
/// f = s^2 / (s^2 + lambda), and ||Y||^2 - ||Y - Yhat||^2 = sum of (1 - (1 - f_k)^2) ||u_k^T Y||^2: the same with
/// coordinates of these weights' roots.
class WholeRegression final : public RegressionScorer {
 public:
  WholeRegression(Backend& backend, Factors given, const LinearRegression& metric)
      : RegressionScorer(std::move(given), metric),
        penalty_(metric.penalty),
        whitened_(factors()),
        values_(backend, prepared(backend), BlockValue::squared_norm, metric.precision, backend.memory_budget()) {}

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }
  void score(const Tile& tile, std::span<PairResult> out) override {
    const auto explained = values_.of(tile);
    fill(tile, factors().symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      const auto share = [k](const std::vector<double>& values, const Factor& of) {
        return std::isnan(values[k]) ? values[k] : std::min(1.0, values[k] / of.squared_norm);
      };
      return distance(i, j, share(explained[0], factors().column(j)), share(explained[1], factors().row(i)));
    });
  }

 private:
  [[nodiscard]] Operands prepared(Backend& backend) {
    const double penalty = penalty_;
    use_principal(backend, whitened_, [penalty](const std::vector<double>& sigma, Factor& x) {
      const double lambda = penalty * x.survey.scale() * x.survey.scale();
      std::vector<double> weight;
      for (const double s : sigma) {
        const double left = lambda / (s * s + lambda);  // 1 - f
        weight.push_back(std::sqrt(1 - left * left) / s);
      }
      return weight;
    });
    factors().for_each_set([&](std::vector<Factor>& set) { compress(backend, set); });
    return {.rows = {whitened_.rows, factors().rows},
            .columns = {whitened_.right(), factors().right()},
            .symmetric = factors().symmetric,
            .products = {{0, 1}, {1, 0}}};
  }

  double penalty_;
  Factors whitened_;
  PairValues values_;
};

/// By partial least squares on all samples: R^2 = sum over components of ||t_k^T Y||^2 / ||t_k||^2 / ||Y||^2, of the
/// pair's cross-products and the moments of each system alone, 8 C^2 bytes a system.
class PlsRegression final : public RegressionScorer {
 public:
  PlsRegression(Backend& backend, Factors given, const LinearRegression& metric)
      : RegressionScorer(std::move(given), metric),
        metric_(metric),
        values_(backend, factors(), metric.precision,
                [this](const Member& x, const Member& y, std::span<const double> m, bool turned) {
                  return turned ? value(y, x, transposed(m, x.factor.columns)) : value(x, y, {m.begin(), m.end()});
                }) {
    for (const auto* set : {&factors().rows, &factors().columns}) {
      auto& kept = set == &factors().rows ? row_moments_ : column_moments_;
      for (const Factor& f : *set) kept.push_back(f.usable ? moments(backend, f) : std::vector<double>{});
    }
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }
  void score(const Tile& tile, std::span<PairResult> out) override {
    const std::vector<double> r2 = values_.of(tile);
    fill(tile, factors().symmetric, out,
         [&](index_t i, index_t j, std::size_t k) { return distance(i, j, r2[k], r2[k]); });
  }

 private:
  [[nodiscard]] static std::vector<double> transposed(std::span<const double> m, index_t p) {
    const index_t q = std::ssize(m) / p;
    std::vector<double> out;
    for (index_t j = 0; j < q; ++j) {
      for (index_t i = 0; i < p; ++i) out.push_back(m[at(i * q + j)]);
    }
    return out;
  }
  [[nodiscard]] const std::vector<double>& moments_of(const Member& x) const {
    return (x.of_columns ? column_moments_ : row_moments_)[at(x.index)];
  }
  /// R^2 of y from x by their cross-product.
  [[nodiscard]] double share(const Member& x, const Member& y, std::vector<double> m) const {
    const double explained = explained_by_pls(moments_of(x), std::move(m), x.factor.columns, y.factor.columns, metric_);
    return std::min(1.0, explained / y.factor.squared_norm);
  }
  /// The mean over the directions that count; x is the row system.
  [[nodiscard]] double value(const Member& x, const Member& y, const std::vector<double>& m) const {
    double forward = 0, back = 0;
    if (metric_.direction != Direction::back) forward = share(x, y, m);
    if (metric_.direction != Direction::forward) back = share(y, x, transposed(m, x.factor.columns));
    return metric_.direction == Direction::both ? (forward + back) / 2 : forward + back;
  }

  LinearRegression metric_;
  std::vector<std::vector<double>> row_moments_, column_moments_;
  BlockValues values_;
};

/// Each fold predicted from the others (cross_validation.hpp). What a fold needs of each system is made for a tile at a
/// time, so that not all folds of all systems are in memory: in tiles of 64 systems a side this is a few percent of the
/// work.
class CrossValidatedRegression final : public RegressionScorer {
 public:
  CrossValidatedRegression(Backend& backend, Factors given, const LinearRegression& metric, const Progress& progress)
      : RegressionScorer(std::move(given), metric), backend_(backend), metric_(metric), progress_(progress) {
    if (factors().has_pairs()) (void)folds_of(factors().rows, factors().right(), folding_of(metric));
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return square_tiles(pairs, limits, systems_at_once);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const auto rows = std::span(factors().rows).subspan(at(tile.row), at(tile.rows));
    const auto columns = std::span(factors().right()).subspan(at(tile.column), at(tile.columns));
    const bool square = factors().symmetric && tile.row == tile.column && tile.rows == tile.columns;
    std::vector<double> forward, back;
    if (metric_.direction != Direction::back) {
      forward = cross_validated_r2(backend_, rows, columns, metric_, progress_);
    }
    if (square) {
      back = forward;
    } else if (metric_.direction != Direction::forward) {
      back = cross_validated_r2(backend_, columns, rows, metric_, progress_);
    }
    fill(tile, factors().symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      const index_t turned = (j - tile.column) * tile.rows + (i - tile.row);
      return distance(i, j, forward.empty() ? 0 : forward[k], back.empty() ? 0 : back[at(turned)]);
    });
  }

 private:
  static constexpr index_t systems_at_once = 64;

  Backend& backend_;
  LinearRegression metric_;
  Progress progress_;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const LinearRegression& metric,
                                        const Progress& progress) {
  check_fold_count(folding_of(metric));
  if (!(metric.penalty >= 0) || !std::isfinite(metric.penalty)) {
    throw Error(ErrorCode::invalid_argument,
                "LinearRegression::penalty is " + std::to_string(metric.penalty) + ", expected 0 or more");
  }
  require_two_collections(metric.direction != Direction::both, sets.symmetric, "LinearRegression::direction");
  if (metric.pls_components < 0 || (metric.pls_components > 0 && metric.penalty > 0)) {
    throw Error(ErrorCode::invalid_argument,
                "LinearRegression::pls_components is " + std::to_string(metric.pls_components) +
                    (metric.penalty > 0 ? " with a LinearRegression::penalty, expected one of the two"
                                        : ", expected 0 or more"));
  }
  Factors f(backend, sets);
  if (metric.pls_components > 0 && metric.folds == 0) {
    f.for_each_set([&](std::vector<Factor>& set) { compress(backend, set); });
    return std::make_unique<PlsRegression>(backend, std::move(f), metric);
  }
  if (metric.folds > 0) {
    return std::make_unique<CrossValidatedRegression>(backend, std::move(f), metric, progress);
  }
  return std::make_unique<WholeRegression>(backend, std::move(f), metric);
}

}  // namespace kindred::host
