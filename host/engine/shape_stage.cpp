#include "host/engine/shape_stage.hpp"

#include "host/engine/factor.hpp"
#include "host/engine/pair_blocks.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace kindred::host {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Factors of both collections; one copy when they are the same.
struct Factors {
  std::vector<Factor> rows, columns;
  bool symmetric;

  Factors(Backend& backend, const Collections& sets) : symmetric(sets.symmetric) {
    const int threads = static_cast<int>(std::min<index_t>(backend.parallelism(), omp_get_max_threads()));
    rows = survey(sets.rows, threads);
    if (!symmetric) columns = survey(sets.columns, threads);
    require_equal_rows(rows, columns);
  }
  [[nodiscard]] const std::vector<Factor>& right() const { return symmetric ? rows : columns; }
};

template <class F>
void for_each_value(Backend& backend, const Factors& f, BlockValue value, bool self, Precision precision,
                    const Progress& progress, F&& sink) {
  const PairBlocks work{f.rows, f.right(), f.symmetric, self, value};
  if (precision == Precision::f32) {
    for_each_pair_block<float>(backend, work, progress, sink);
  } else {
    for_each_pair_block<double>(backend, work, progress, sink);
  }
}

/// ||F^T F||_F^2 of each factor; NaN for an unusable one.
std::vector<double> self_values(Backend& backend, const std::vector<Factor>& factors, Precision precision) {
  std::vector<double> out(factors.size(), nan);
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const PairBlocks alone{std::span(&factors[i], 1), std::span(&factors[i], 1), true, true, BlockValue::squared_norm};
    const auto keep = [&](index_t, index_t, double value) { out[i] = value; };
    if (precision == Precision::f32) {
      for_each_pair_block<float>(backend, alone, {}, keep);
    } else {
      for_each_pair_block<double>(backend, alone, {}, keep);
    }
  }
  return out;
}

/// The angle whose cosine is s, with 1 - s known better than s itself where s is near 1: 2 asin sqrt((1 - s) / 2).
double angle_of(double one_minus_s) { return 2 * std::asin(std::sqrt(std::clamp(one_minus_s / 2, 0.0, 1.0))); }

PairResult exact(double distance) {
  PairResult r;
  r.distance = r.lower_bound = distance;
  r.status = PairStatus::exact;
  return r;
}

PairResult failed() {
  PairResult r;
  r.distance = nan;
  r.status = PairStatus::failed;
  return r;
}

/// A finite number is an exact result, anything else a failed pair.
PairResult result_of(double distance) { return std::isfinite(distance) ? exact(distance) : failed(); }

void put(DistanceMatrix& out, bool symmetric, index_t i, index_t j, const PairResult& r) {
  out.at(i, j) = r;
  if (symmetric) out.at(j, i) = r;
}

/// Marks the pairs of unusable systems, and sets the diagonal of a symmetric matrix.
void finish(DistanceMatrix& out, const Factors& f, double diagonal) {
  for (index_t i = 0; i < out.rows(); ++i) {
    for (index_t j = 0; j < out.columns(); ++j) {
      const bool usable = f.rows[static_cast<std::size_t>(i)].usable && f.right()[static_cast<std::size_t>(j)].usable;
      if (!usable) {
        out.at(i, j) = failed();
      } else if (f.symmetric && i == j) {
        out.at(i, j) = exact(diagonal);
      }
    }
  }
}

double scale_of(bool normalized) { return normalized ? 2 / std::numbers::pi : 1; }

}  // namespace

void compare(Backend& backend, const Collections& sets, const Cka& metric, const Progress& progress,
             DistanceMatrix& out) {
  const Factors f(backend, sets);
  std::vector<double> rows(f.rows.size(), nan), columns;
  struct Value {
    index_t i, j;
    double squared_norm;
  };
  std::vector<Value> values;
  for_each_value(backend, f, BlockValue::squared_norm, true, metric.precision, progress,
                 [&](index_t i, index_t j, double v) {
                   if (f.symmetric && i == j) {
                     rows[static_cast<std::size_t>(i)] = v;
                   } else {
                     values.push_back({i, j, v});
                   }
                 });
  if (!f.symmetric) {
    rows = self_values(backend, f.rows, metric.precision);
    columns = self_values(backend, f.columns, metric.precision);
  }
  const std::vector<double>& right = f.symmetric ? rows : columns;
  for (const auto& [i, j, v] : values) {
    // sqrt(x x) = x exactly, so that equal systems are at distance 0.
    const double norm = std::sqrt(rows[static_cast<std::size_t>(i)] * right[static_cast<std::size_t>(j)]);
    const double distance = metric.score == SimilarityScore::similarity
                                ? v / norm
                                : angle_of((norm - v) / norm) * scale_of(metric.normalized);
    put(out, f.symmetric, i, j, result_of(distance));
  }
  finish(out, f, metric.score == SimilarityScore::similarity ? 1 : 0);
}

void compare(Backend& backend, const Collections& sets, const Procrustes& metric, const Progress& progress,
             DistanceMatrix& out) {
  const Factors f(backend, sets);
  const auto score = [&](const Factor& x, const Factor& y, double nuclear) {
    const double norms = std::sqrt(x.squared_norm * y.squared_norm);
    if (x == y) nuclear = norms;
    switch (metric.score) {
      case ProcrustesScore::angular:
        return angle_of((norms - nuclear) / norms) * scale_of(metric.normalized);
      case ProcrustesScore::similarity:
        return nuclear / norms;
      case ProcrustesScore::euclidean:
      case ProcrustesScore::squared:
        break;
    }
    // In units of the larger system, so that nothing overflows.
    const int unit = std::max(x.exponent, y.exponent);
    const int ex = x.exponent - unit, ey = y.exponent - unit;
    const double squared = std::max(0.0, std::ldexp(x.squared_norm, 2 * ex) + std::ldexp(y.squared_norm, 2 * ey) -
                                             std::ldexp(2 * nuclear, ex + ey));
    return metric.score == ProcrustesScore::squared ? std::ldexp(squared, 2 * unit)
                                                    : std::ldexp(std::sqrt(squared), unit);
  };
  for_each_value(backend, f, BlockValue::nuclear_norm, false, metric.precision, progress,
                 [&](index_t i, index_t j, double v) {
                   const Factor& x = f.rows[static_cast<std::size_t>(i)];
                   const Factor& y = f.right()[static_cast<std::size_t>(j)];
                   put(out, f.symmetric, i, j, result_of(score(x, y, v)));
                 });
  finish(out, f, metric.score == ProcrustesScore::similarity ? 1 : 0);
}

}  // namespace kindred::host
