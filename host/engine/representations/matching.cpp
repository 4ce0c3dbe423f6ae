/// Comparison of recordings by their channels as they are, matched with each other (kindred/recording_metrics.hpp,
/// Matching).
#include "host/base/index.hpp"
#include "host/base/transport.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/representation_scorers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace kindred::host {
namespace {

/// Norms of a factor's channels.
std::vector<double> channel_norms(const Factor& f) {
  std::vector<double> out(f.survey.mean.size(), 0.0);
  for_each_row(*f.survey.system, [&](const double* x) {
    for (std::size_t c = 0; c < out.size(); ++c) {
      const double v = (x[c] - f.survey.mean[c]) * f.survey.scale();
      out[c] += v * v;
    }
  });
  for (double& v : out) v = std::sqrt(v);
  return out;
}

/// sum f_cd m_cd over the sum of the masses, for the coupling f that maximises it.
double best_coupling(std::span<const double> m, std::span<const std::int64_t> rows,
                     std::span<const std::int64_t> columns) {
  std::vector<double> cost(m.size());
  std::transform(m.begin(), m.end(), cost.begin(), [](double v) { return -v; });
  const std::vector<std::int64_t> flow = transport_plan(cost, rows, columns);
  double sum = 0, mass = 0;
  for (std::size_t k = 0; k < m.size(); ++k) {
    if (flow[k] != 0) sum += static_cast<double>(flow[k]) * m[k];  // of n m places about n + m
  }
  for (const std::int64_t units : rows) mass += static_cast<double>(units);
  return sum / mass;
}

/// max over permutations of sum m_c,pi(c), p x q, the smaller side padded with zeros.
double best_permutation(std::span<const double> m, index_t p, index_t q) {
  const auto n = at(std::max(p, q));
  std::vector<double> padded(n * n, 0.0);
  for (index_t c = 0; c < p; ++c) {
    std::copy_n(m.begin() + c * q, q, padded.begin() + c * std::max(p, q));
  }
  const std::vector<std::int64_t> ones(n, 1);
  return best_coupling(padded, ones, ones) * static_cast<double>(n);
}

/// The greatest sum of m over min(p, q) matched channels, all of the smaller side: a padded channel takes any other at
/// no cost.
double mean_of_best(std::span<const double> m, index_t p, index_t q) {
  double sum = 0;
  for (index_t c = 0; c < p; ++c) {
    const auto row = m.subspan(at(c * q), at(q));
    sum += *std::max_element(row.begin(), row.end());
  }
  return sum / static_cast<double>(p);
}

std::vector<double> transposed(std::span<const double> m, index_t p, index_t q) {
  std::vector<double> out(m.size());
  for (index_t c = 0; c < p; ++c) {
    for (index_t d = 0; d < q; ++d) out[at(d * p + c)] = m[at(c * q + d)];
  }
  return out;
}

class MatchingScorer final : public PairScorer {
 public:
  MatchingScorer(Backend& backend, Factors given, const Matching& metric)
      : factors_(std::move(given)),
        metric_(metric),
        scale_(scale_of(metric.over_half_pi)),
        values_(backend, factors_, metric.precision,
                [this](const Member& x, const Member& y, std::span<const double> m, bool) { return value(x, y, m); }) {
    if (!of_correlations()) return;
    for (const auto* set : {&factors_.rows, &factors_.columns}) {
      auto& norms = set == &factors_.rows ? row_norms_ : column_norms_;
      norms.resize(set->size());
      for_each_on_host(backend, std::ssize(*set), [&](index_t i) {
        const auto place = at(i);
        if ((*set)[place].usable) norms[place] = channel_norms((*set)[place]);
      });
    }
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return values_.plan(pairs, limits);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const std::vector<double> values = values_.of(tile);
    fill(tile, factors_.symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      const Factor &x = factors_.row(i), &y = factors_.column(j);
      if (!x.usable || !y.usable) return std::numeric_limits<double>::quiet_NaN();
      return shown(x, y, factors_.same_recording(i, j) ? most(x, y) : values[k]);
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    if (!factors_.row(i).usable) return failed();
    return exact(metric_.score == ProcrustesScore::similarity ? 1 : 0);
  }

 private:
  [[nodiscard]] bool of_correlations() const {
    return metric_.match == Match::hard_correlation || metric_.match == Match::soft_correlation;
  }

  /// The sum or mean that the matching maximises, in units of both factors.
  [[nodiscard]] double value(const Member& x, const Member& y, std::span<const double> m) const {
    const index_t p = x.factor.columns, q = y.factor.columns;
    if (metric_.match == Match::permutation) return best_permutation(m, p, q);
    if (metric_.match == Match::soft) return best_coupling(m, equal_masses(p, q), equal_masses(q, p));
    std::vector<double> correlation(m.begin(), m.end());
    const std::vector<double>&a = norms_of(x), &b = norms_of(y);
    for (std::size_t k = 0; k < correlation.size(); ++k) {
      const double norm = a[k / at(q)] * b[k % at(q)];
      correlation[k] = norm > 0 ? std::clamp(correlation[k] / norm, -1.0, 1.0) : 0.0;
    }
    if (metric_.match == Match::soft_correlation) {
      return (mean_of_best(correlation, p, q) + mean_of_best(transposed(correlation, p, q), q, p)) / 2;
    }
    // A channel of padding takes any other at no cost, and so the wider side's least useful ones.
    return best_permutation(correlation, p, q) / static_cast<double>(std::min(p, q));
  }

  [[nodiscard]] const std::vector<double>& norms_of(const Member& x) const {
    return (x.of_columns ? column_norms_ : row_norms_)[at(x.index)];
  }

  /// Squared sizes whose product's root bounds the value: ||X||^2, or its mean over channels (soft), or 1.
  [[nodiscard]] double size(const Factor& x) const {
    if (of_correlations()) return 1;
    return metric_.match == Match::soft ? x.squared_norm / static_cast<double>(x.columns) : x.squared_norm;
  }
  /// The value of equal recordings.
  [[nodiscard]] double most(const Factor& x, const Factor& y) const { return std::sqrt(size(x) * size(y)); }

  [[nodiscard]] double shown(const Factor& x, const Factor& y, double v) const {
    const double norm = most(x, y);
    if (metric_.score == ProcrustesScore::similarity) return std::clamp(v / norm, -1.0, 1.0);
    if (metric_.score == ProcrustesScore::angular) return angle_of((norm - v) / norm) * scale_;
    // In units of the larger system, so that nothing overflows.
    const int unit = of_correlations() ? 0 : std::max(x.unit, y.unit);
    const double a = of_correlations() ? 1 : std::ldexp(1.0, x.unit - unit);
    const double b = of_correlations() ? 1 : std::ldexp(1.0, y.unit - unit);
    const double squared = std::max(0.0, a * a * size(x) + b * b * size(y) - 2 * a * b * v);
    return metric_.score == ProcrustesScore::squared ? std::ldexp(squared, 2 * unit)
                                                     : std::ldexp(std::sqrt(squared), unit);
  }

  Factors factors_;
  Matching metric_;
  double scale_;
  std::vector<std::vector<double>> row_norms_, column_norms_;  // of channels, where correlations are matched
  BlockValues values_;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const Matching& metric,
                                        const Progress& /*progress*/) {
  return std::make_unique<MatchingScorer>(backend, Factors(backend, sets, metric.centre), metric);
}

}  // namespace kindred::host
