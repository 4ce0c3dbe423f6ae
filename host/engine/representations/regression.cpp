/// Linear regression between recordings (kindred/metrics.hpp, LinearRegression), both ways, on all samples or
/// cross-validated.
#include "host/engine/pairs/stored_tiles.hpp"
#include "host/engine/representations/cross_validation.hpp"
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
  RegressionScorer(Factors factors, bool r2) : factors_(std::move(factors)), r2_(r2) {}

  [[nodiscard]] PairResult self(index_t i) override { return factors_.row(i).usable ? exact(r2_ ? 1 : 0) : failed(); }

 protected:
  [[nodiscard]] const Factors& factors() const { return factors_; }
  [[nodiscard]] Factors& factors() { return factors_; }

  /// `forward`: of the column system from the row system; NaN where it is not known.
  [[nodiscard]] double distance(index_t i, index_t j, double forward, double back) const {
    if (!factors_.row(i).usable || !factors_.column(j).usable) return std::numeric_limits<double>::quiet_NaN();
    const double r2 = factors_.same_recording(i, j) ? 1 : (forward + back) / 2;
    return r2_ ? r2 : 1 - r2;
  }

 private:
  Factors factors_;
  bool r2_;
};

/// On all samples: R^2 = ||U_x^T Y||^2 / ||Y||^2, U_x the whitened coordinates of X. Both directions of a pair come from
/// one pass over its tile: U_x^T Y and X^T U_y.
class WholeRegression final : public RegressionScorer {
 public:
  WholeRegression(Backend& backend, Factors given, const LinearRegression& metric)
      : RegressionScorer(std::move(given), metric.score == RegressionScore::similarity),
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
    use_principal(backend, whitened_, whitening(1));
    factors().for_each_set([&](std::vector<Factor>& set) { compress(backend, set); });
    return {.rows = {whitened_.rows, factors().rows},
            .columns = {whitened_.right(), factors().right()},
            .symmetric = factors().symmetric,
            .products = {{0, 1}, {1, 0}}};
  }

  Factors whitened_;
  PairValues values_;
};

/// Each fold predicted from the others (cross_validation.hpp). What a fold needs of each system is made for a tile at a
/// time, so that not all folds of all systems are in memory: in tiles of 64 systems a side this is a few percent of the
/// work.
class CrossValidatedRegression final : public RegressionScorer {
 public:
  CrossValidatedRegression(Backend& backend, Factors given, const LinearRegression& metric, const Progress& progress)
      : RegressionScorer(std::move(given), metric.score == RegressionScore::similarity),
        backend_(backend),
        metric_(metric),
        progress_(progress) {
    if (factors().has_pairs()) check_folds(factors().rows, factors().right(), metric);
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    std::vector<Tile> out;
    for (const Tile& square : stored_tiles(pairs, systems_at_once)) {
      for (const Tile& part : pairs.within(square)) {
        for (const Tile& tile : cut(part, limits.most)) {
          if (pairs.count(tile) > 0) out.push_back(tile);
        }
      }
    }
    return out;
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const auto rows = std::span(factors().rows).subspan(at(tile.row), at(tile.rows));
    const auto columns = std::span(factors().right()).subspan(at(tile.column), at(tile.columns));
    const std::vector<double> forward = cross_validated_r2(backend_, rows, columns, metric_, progress_);
    const bool square = factors().symmetric && tile.row == tile.column && tile.rows == tile.columns;
    const std::vector<double> back = square ? forward : cross_validated_r2(backend_, columns, rows, metric_, progress_);
    fill(tile, factors().symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      const index_t turned = (j - tile.column) * tile.rows + (i - tile.row);
      return distance(i, j, forward[k], back[at(turned)]);
    });
  }

 private:
  static constexpr index_t systems_at_once = 64;
  [[nodiscard]] static std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

  Backend& backend_;
  LinearRegression metric_;
  Progress progress_;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const LinearRegression& metric,
                                        const Progress& progress) {
  if (metric.folds != 0 && metric.folds < 2) {
    throw Error(ErrorCode::invalid_argument, "number of folds (LinearRegression::folds) is " +
                                                 std::to_string(metric.folds) +
                                                 ", expected 0 (no cross-validation), or 2 or more");
  }
  Factors f(backend, sets);
  if (metric.folds > 0) {
    return std::make_unique<CrossValidatedRegression>(backend, std::move(f), metric, progress);
  }
  return std::make_unique<WholeRegression>(backend, std::move(f), metric);
}

}  // namespace kindred::host
