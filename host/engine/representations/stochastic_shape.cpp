/// Shape distances of responses over repeated trials (kindred/recording_metrics.hpp, StochasticShape), a pair at a time
/// on the processor (stochastic_search.hpp).
#include "host/base/index.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/rdm_vectors.hpp"
#include "host/engine/representations/representation_scorers.hpp"
#include "host/engine/representations/stochastic_search.hpp"

#include <kindred/error.hpp>

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

using Values = std::vector<double>;

Responses responses_of(const Factor& f, const StochasticShape& metric) {
  Responses out;
  const index_t k = out.trials = f.survey.system->trial_count(), c = out.channels = f.survey.channels;
  const index_t n = out.conditions = f.rows / k;
  out.unit = f.survey.exponent;
  const Values rows = dense_rows(*f.survey.system);
  Values& x = out.samples;
  x.resize(rows.size());
  for (index_t trial = 0; trial < k; ++trial) {
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = 0; j < c; ++j) {
        x[at((i * k + trial) * c + j)] = (rows[at((trial * n + i) * c + j)] - f.survey.mean[at(j)]) * f.survey.scale();
      }
    }
  }
  out.means.assign(at(n * c), 0.0);
  for (index_t row = 0; row < n * k; ++row) {
    for (index_t j = 0; j < c; ++j) out.means[at(row / k * c + j)] += x[at(row * c + j)] / static_cast<double>(k);
  }
  if (metric.form == StochasticForm::energy) return out;
  // Z_i^T: the centred trials over sqrt(K - 1), or the triangle of their QR factorisation where it is smaller.
  const double by = 1 / std::sqrt(static_cast<double>(k - 1));
  out.width = std::min(k, c);
  for (index_t i = 0; i < n; ++i) {
    double* block = &x[at(i * k * c)];
    for (index_t row = 0; row < k; ++row) {
      for (index_t j = 0; j < c; ++j) block[row * c + j] = (block[row * c + j] - out.means[at(i * c + j)]) * by;
    }
    if (k > c) {
      Values tau(at(c));
      LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, static_cast<lapack_int>(k), static_cast<lapack_int>(c), block,
                     static_cast<lapack_int>(c), tau.data());
      for (index_t row = 1; row < c; ++row) std::fill(block + row * c, block + row * c + row, 0.0);
    }
    out.spread.insert(out.spread.end(), block, block + out.width * c);
  }
  x.clear();
  return out;
}

class StochasticScorer final : public PairScorer {
 public:
  StochasticScorer(Backend& backend, Factors given, const StochasticShape& metric)
      : backend_(backend), factors_(std::move(given)), metric_(metric) {
    const std::string of = "StochasticShape";
    require_repeats(factors_.rows, factors_.right(), of);
    std::size_t bytes = 0;
    for (const auto* set : {&factors_.rows, &factors_.columns}) {
      for (const Factor& f : *set) {
        bytes += at((2 * f.rows + f.survey.channels) * f.survey.channels) * sizeof(double);
      }
    }
    if (bytes > backend.memory_budget()) {
      throw Error(ErrorCode::out_of_memory, "means and spreads over the trials of all systems need " +
                                                std::to_string(bytes) + " bytes, the budget is " +
                                                std::to_string(backend.memory_budget()));
    }
    for (const auto* set : {&factors_.rows, &factors_.columns}) {
      auto& kept = set == &factors_.rows ? rows_ : columns_;
      kept.resize(set->size());
      for_each_on_host(backend, std::ssize(*set), [&](index_t i) {
        kept[at(i)] = responses_of((*set)[at(i)], metric);
        measure(kept[at(i)], metric);
      });
    }
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return square_tiles(pairs, limits, 16);
  }

  void score(const Tile& tile, std::span<PairResult> out) override { score_list({&tile, 1}, {&out, 1}); }

  void score_list(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out) override {
    fill_list_in_parallel(backend_, PairList(tiles, out, factors_.symmetric), [&](index_t i, index_t j) {
      if (factors_.same_recording(i, j)) return same();
      const auto& right = factors_.symmetric ? rows_ : columns_;
      // One order for (i, j) and (j, i).
      return precedes(factors_.column(j), factors_.row(i)) ? found(right[at(j)], rows_[at(i)])
                                                           : found(rows_[at(i)], right[at(j)]);
    });
  }

  [[nodiscard]] index_t listed_at_once() const override { return 256; }

 private:
  [[nodiscard]] PairResult found(const Responses& first, const Responses& second) const {
    const index_t channels = std::max(first.channels, second.channels), width = std::max(first.width, second.width);
    const int unit = std::max(first.unit, second.unit);
    const Responses x = embedded(first, channels, width, unit), y = embedded(second, channels, width, unit);
    const StochasticMinimum least = stochastic_minimum(x, y, metric_);
    if (!std::isfinite(least.squared)) return failed();
    const auto conditions = static_cast<double>(x.conditions);
    PairResult out;
    out.distance = in_units(least.squared / conditions, unit);
    out.lower_bound = in_units(least.bound / conditions, unit);
    out.gap = out.distance - out.lower_bound;
    out.refinements = static_cast<std::int32_t>(metric_.starts);
    out.status = least.converged ? PairStatus::converged : PairStatus::iteration_limit;
    return out;
  }

  /// Distances between samples scale as the data do; sums of squares of gaussian as their squares.
  [[nodiscard]] double in_units(double squared, int unit) const {
    const bool root = metric_.score == StochasticScore::distance;
    if (metric_.form == StochasticForm::gaussian) {
      return root ? std::ldexp(std::sqrt(squared), unit) : std::ldexp(squared, 2 * unit);
    }
    return root ? std::sqrt(std::ldexp(squared, unit)) : std::ldexp(squared, unit);
  }

  Backend& backend_;
  Factors factors_;
  StochasticShape metric_;
  std::vector<Responses> rows_, columns_;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const StochasticShape& metric,
                                        const Progress& /*progress*/) {
  if (!(metric.alpha >= 0 && metric.alpha <= 2)) {
    throw Error(ErrorCode::invalid_argument,
                "StochasticShape::alpha is " + std::to_string(metric.alpha) + ", expected 0 to 2");
  }
  if (metric.starts < 1) {
    throw Error(ErrorCode::invalid_argument,
                "StochasticShape::starts is " + std::to_string(metric.starts) + ", expected 1 or more");
  }
  return std::make_unique<StochasticScorer>(backend, Factors(backend, sets, metric.centre), metric);
}

}  // namespace kindred::host
