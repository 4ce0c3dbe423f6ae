#include "host/engine/representations/shape_stage.hpp"

#include "host/engine/representations/cross_validation.hpp"
#include "host/engine/representations/factor.hpp"
#include "host/engine/representations/factor_products.hpp"
#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/near_pair.hpp"
#include "host/engine/representations/principal.hpp"

#include <kindred/error.hpp>

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace kindred::host {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

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
  template <class F>
  void for_each_set(F&& f) {
    f(rows);
    if (!symmetric) f(columns);
  }
};

template <class F>
void for_each_value(Backend& backend, const PairBlocks& work, Precision precision, const Progress& progress, F&& sink) {
  if (precision == Precision::f32) {
    for_each_pair_block<float>(backend, work, progress, sink);
  } else {
    for_each_pair_block<double>(backend, work, progress, sink);
  }
}

/// An inner product of every pair, and of every system with itself; NaN where a system is unusable.
struct InnerProducts {
  index_t columns = 0;
  bool symmetric = false;
  std::vector<double> pairs;  ///< rows x columns
  std::vector<double> row_self, column_self;

  [[nodiscard]] double& pair(index_t i, index_t j) { return pairs[at(i * columns + j)]; }
  [[nodiscard]] double norm(index_t i, index_t j) const {
    // sqrt(x x) = x exactly, so that equal systems are at distance 0.
    return std::sqrt(row_self[at(i)] * (symmetric ? row_self : column_self)[at(j)]);
  }
};

std::vector<double> self_values(Backend& backend, const std::vector<Factor>& factors, BlockValue value,
                                Precision precision) {
  std::vector<double> out(factors.size(), nan);
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const std::span alone(&factors[i], 1);
    for_each_value(backend, {alone, alone, true, true, value}, precision, {},
                   [&](index_t, index_t, double v) { out[i] = v; });
  }
  return out;
}

InnerProducts inner_products(Backend& backend, const std::vector<Factor>& rows, const std::vector<Factor>& columns,
                             bool symmetric, BlockValue value, Precision precision, const Progress& progress) {
  InnerProducts out;
  out.columns = std::ssize(columns);
  out.symmetric = symmetric;
  out.pairs.assign(rows.size() * columns.size(), nan);
  for_each_value(backend, {rows, columns, symmetric, true, value}, precision, progress,
                 [&](index_t i, index_t j, double v) {
                   out.pair(i, j) = v;
                   if (symmetric) out.pair(j, i) = v;
                 });
  if (symmetric) {
    out.row_self.resize(rows.size());
    for (index_t i = 0; i < out.columns; ++i) out.row_self[at(i)] = out.pair(i, i);
  } else {
    out.row_self = self_values(backend, rows, value, precision);
    out.column_self = self_values(backend, columns, value, precision);
  }
  return out;
}

/// The angle between unit vectors whose distance is `chord`.
double angle_of_chord(double chord) { return 2 * std::asin(std::clamp(chord / 2, 0.0, 1.0)); }

/// The angle whose cosine is s, given 1 - s.
double angle_of(double one_minus_s) { return angle_of_chord(std::sqrt(std::max(0.0, 2 * one_minus_s))); }

double scale_of(bool normalized) { return normalized ? 2 / std::numbers::pi : 1; }

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

/// Calls score(i, j) for every pair of usable systems (i < j when symmetric) and fills the matrix: a finite number is
/// an exact result, anything else a failed pair.
template <class F>
void fill(DistanceMatrix& out, const std::vector<Factor>& rows, const std::vector<Factor>& columns, bool symmetric,
          double diagonal, F&& score) {
  for (index_t i = 0; i < out.rows(); ++i) {
    for (index_t j = symmetric ? i : 0; j < out.columns(); ++j) {
      double distance = nan;
      if (rows[at(i)].usable && columns[at(j)].usable) distance = symmetric && i == j ? diagonal : score(i, j);
      out.at(i, j) = std::isfinite(distance) ? exact(distance) : failed();
      if (symmetric) out.at(j, i) = out.at(i, j);
    }
  }
}

/// The distance of the unit vectors of a pair that are nearly equal.
using ChordOf = std::function<double(index_t i, index_t j)>;

/// Fills the matrix from cosines v / |x| |y|; a system whose vector vanishes has none. Angles of nearly equal systems
/// are taken from `chord_of`, if given.
void fill_cosines(DistanceMatrix& out, Factors& f, InnerProducts& v, SimilarityScore score, bool normalized,
                  const ChordOf& chord_of) {
  for (std::size_t i = 0; i < f.rows.size(); ++i) f.rows[i].usable = v.row_self[i] > 0;
  for (std::size_t j = 0; j < f.columns.size(); ++j) f.columns[j].usable = v.column_self[j] > 0;
  const bool similarity = score == SimilarityScore::similarity;
  fill(out, f.rows, f.right(), f.symmetric, similarity ? 1 : 0, [&](index_t i, index_t j) {
    const double norm = v.norm(i, j), one_minus_s = (norm - v.pair(i, j)) / norm;
    if (similarity) return v.pair(i, j) / norm;
    const bool near = chord_of && one_minus_s < near_similarity && f.rows[at(i)] != f.right()[at(j)];
    return (near ? angle_of_chord(chord_of(i, j)) : angle_of(one_minus_s)) * scale_of(normalized);
  });
}

/// Compares the systems by the cosines of vectors made of them (kernel_vectors.hpp).
template <class VectorsOf>
void compare_vectors(Backend& backend, Factors& f, SimilarityScore score, bool normalized, const Progress& progress,
                     DistanceMatrix& out, VectorsOf&& vectors_of) {
  const std::vector<Factor> rows = vectors_of(f.rows), columns = f.symmetric ? rows : vectors_of(f.columns);
  InnerProducts v = inner_products(backend, rows, f.symmetric ? rows : columns, f.symmetric, BlockValue::sum,
                                   Precision::f64, progress);
  std::vector<double> row;
  index_t made = -1;
  fill_cosines(out, f, v, score, normalized, [&](index_t i, index_t j) {
    if (made != i) row = rows[at(i)].vector();
    made = i;
    return chord(row, columns[at(j)].vector());
  });
}

/// Turns ||X^T Y||^2 into m (m - 3) times the unbiased estimator (Song et al. 2012, equation 5) of centred recordings:
/// with k, l the squared norms of the samples, it is ||X^T Y||^2 - k.l + (sum k)(sum l) / ((m-1)(m-2)) - 2 k.l / (m-2).
void make_unbiased(Backend& backend, const Factors& f, InnerProducts& v, const Progress& progress) {
  const index_t rows = f.rows.front().rows;
  const double m = static_cast<double>(rows);
  const std::vector<Factor> row_norms = sample_norms(f.rows), column_norms = sample_norms(f.columns);
  InnerProducts k = inner_products(backend, row_norms, f.symmetric ? row_norms : column_norms, f.symmetric,
                                   BlockValue::sum, Precision::f64, progress);
  const auto estimate = [m](double squares, double kl, const Factor& x, const Factor& y) {
    return squares - kl + x.squared_norm * y.squared_norm / ((m - 1) * (m - 2)) - 2 * kl / (m - 2);
  };
  const auto self = [&](std::vector<double>& values, const std::vector<double>& kk,
                        const std::vector<Factor>& factors) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = estimate(values[i], kk[i], factors[i], factors[i]);
  };
  self(v.row_self, k.row_self, f.rows);
  self(v.column_self, k.column_self, f.columns);
  for (index_t i = 0; i < std::ssize(f.rows); ++i) {
    for (index_t j = 0; j < v.columns; ++j)
      v.pair(i, j) = estimate(v.pair(i, j), k.pair(i, j), f.rows[at(i)], f.right()[at(j)]);
  }
}

double norms(const Factor& x, const Factor& y) { return std::sqrt(x.squared_norm * y.squared_norm); }

/// s = ||M||_* / norm_of(x, y) for every pair, or the Euclidean distance.
template <class NormOf>
void compare_nuclear(Backend& backend, const Factors& f, ProcrustesScore score, bool normalized, Precision precision,
                     const Progress& progress, DistanceMatrix& out, NormOf&& norm_of) {
  std::vector<double> nuclear(f.rows.size() * f.right().size(), nan);
  const index_t columns = std::ssize(f.right());
  for_each_value(backend, {f.rows, f.right(), f.symmetric, false, BlockValue::nuclear_norm}, precision, progress,
                 [&](index_t i, index_t j, double v) {
                   nuclear[at(i * columns + j)] = v;
                   if (f.symmetric) nuclear[at(j * columns + i)] = v;
                 });
  const bool precise = precision != Precision::f32;
  fill(out, f.rows, f.right(), f.symmetric, score == ProcrustesScore::similarity ? 1 : 0, [&](index_t i, index_t j) {
    const Factor &x = f.rows[at(i)], &y = f.right()[at(j)];
    const double norm = norm_of(x, y), v = x == y ? norm : nuclear[at(i * columns + j)];
    if (score == ProcrustesScore::similarity) return std::min(v / norm, 1.0);
    if (score == ProcrustesScore::angular) {
      const double one_minus_s = (norm - v) / norm;
      const bool near =
          precise && x != y && one_minus_s < near_similarity && (x.columns == y.columns || norm == norms(x, y));
      const double angle = near ? angle_of_chord(procrustes_residual(backend, x, 1 / std::sqrt(x.squared_norm), y,
                                                                     1 / std::sqrt(y.squared_norm)))
                                : angle_of(one_minus_s);
      return angle * scale_of(normalized);
    }
    // In units of the larger system, so that nothing overflows.
    const int unit = std::max(x.unit, y.unit);
    const double a = std::ldexp(1.0, x.unit - unit), b = std::ldexp(1.0, y.unit - unit);
    const double sum = a * a * x.squared_norm + b * b * y.squared_norm;
    const double squared = x == y ? 0 : std::max(0.0, sum - 2 * a * b * v);
    double distance = std::sqrt(squared);
    if (precise && !(x == y) && squared < near_similarity * sum) distance = procrustes_residual(backend, x, a, y, b);
    return score == ProcrustesScore::squared ? std::ldexp(distance * distance, 2 * unit) : std::ldexp(distance, unit);
  });
}

void require(bool condition, const std::string& message) {
  if (!condition) throw Error(ErrorCode::invalid_argument, message);
}

/// Basis of every usable factor: weights of its leading principal directions from their singular values.
template <class WeightOf>
void use_principal(Backend& backend, Factors& f, WeightOf&& weight_of) {
  f.for_each_set([&](std::vector<Factor>& factors) {
    for (Factor& x : factors) {
      if (!x.usable) continue;
      const Principal p = principal_directions(backend, x, range_tolerance(x));
      x.usable = !p.sigma.empty();
      if (x.usable) set_basis(x, p, weight_of(p.sigma, x));
    }
  });
}

/// Whitened coordinates of the leading directions that carry `share` of the variance.
auto whitening(double share) {
  return [share](const std::vector<double>& sigma, const Factor&) {
    double total = 0, sum = 0;
    for (const double s : sigma) total += s * s;
    std::vector<double> weight;
    for (const double s : sigma) {
      if (share < 1 && sum >= share * total) break;
      sum += s * s;
      weight.push_back(1 / s);
    }
    return weight;
  };
}

}  // namespace

void compare(Backend& backend, const Collections& sets, const Cka& metric, const Progress& progress,
             DistanceMatrix& out) {
  Factors f(backend, sets);
  if (f.rows.empty() || f.right().empty()) return;
  const bool song = metric.estimator == CkaEstimator::song;
  const index_t m = f.rows.front().rows;
  if (song && m < 4) {
    throw Error(ErrorCode::invalid_data,
                "the unbiased estimator of cka needs at least 4 samples, the systems have " + std::to_string(m));
  }
  if (samples_are_cheaper(f.rows, f.right(), f.symmetric)) {
    compare_vectors(
        backend, f, metric.score, metric.normalized, progress, out,
        [&](const std::vector<Factor>& factors) { return gram_vectors(backend, factors, metric.estimator); });
    return;
  }
  f.for_each_set([&](std::vector<Factor>& factors) { compress(backend, factors); });
  InnerProducts v =
      inner_products(backend, f.rows, f.right(), f.symmetric, BlockValue::squared_norm, metric.precision, progress);
  if (song) make_unbiased(backend, f, v, progress);
  const auto chord_of = [&](index_t i, index_t j) {
    const double y_self = (f.symmetric ? v.row_self : v.column_self)[at(j)];
    return gram_residual(backend, f.rows[at(i)], std::sqrt(v.row_self[at(i)]), f.right()[at(j)], std::sqrt(y_self));
  };
  const bool precise = !song && metric.precision != Precision::f32;
  fill_cosines(out, f, v, metric.score, metric.normalized, precise ? ChordOf(chord_of) : ChordOf());
}

void compare(Backend& backend, const Collections& sets, const Procrustes& metric, const Progress& progress,
             DistanceMatrix& out) {
  Factors f(backend, sets);
  f.for_each_set([&](std::vector<Factor>& factors) { compress(backend, factors); });
  compare_nuclear(backend, f, metric.score, metric.normalized, metric.precision, progress, out, norms);
}

void compare(Backend& backend, const Collections& sets, const Shape& metric, const Progress& progress,
             DistanceMatrix& out) {
  const double alpha = metric.alpha;
  require(alpha >= 0 && alpha <= 1, "alpha of the shape metric is " + std::to_string(alpha) + ", expected 0 to 1");
  Factors f(backend, sets);
  if (alpha < 1) {
    use_principal(backend, f, [alpha](const std::vector<double>& sigma, Factor& x) {
      // X (alpha + (1 - alpha) / sigma) in the units of the data, which are 2^-exponent those of sigma.
      const double scale = std::ldexp(1.0, x.exponent);
      x.unit = 0;
      std::vector<double> weight;
      for (const double s : sigma) weight.push_back(alpha * scale + (1 - alpha) / s);
      return weight;
    });
  }
  compare_nuclear(backend, f, metric.score, metric.normalized, metric.precision, progress, out, norms);
}

void compare(Backend& backend, const Collections& sets, const Cca& metric, const Progress& progress,
             DistanceMatrix& out) {
  const double share = metric.explained_variance;
  require(share > 0 && share <= 1,
          "explained variance of cca is " + std::to_string(share) + ", expected above 0 and at most 1");
  Factors f(backend, sets);
  use_principal(backend, f, whitening(share));
  const auto score =
      metric.score == SimilarityScore::similarity ? ProcrustesScore::similarity : ProcrustesScore::angular;
  compare_nuclear(backend, f, score, metric.normalized, metric.precision, progress, out,
                  [](const Factor& x, const Factor& y) { return static_cast<double>(std::min(x.columns, y.columns)); });
}

void compare(Backend& backend, const Collections& sets, const Rsa& metric, const Progress& progress,
             DistanceMatrix& out) {
  Factors f(backend, sets);
  if (f.rows.empty() || f.right().empty()) return;
  const index_t m = f.rows.front().rows;
  if (m < 3) {
    throw Error(ErrorCode::invalid_data,
                "rsa needs at least 3 conditions (samples), the systems have " + std::to_string(m));
  }
  compare_vectors(backend, f, metric.score, metric.normalized, progress, out, [&](const std::vector<Factor>& factors) {
    return rdm_vectors(backend, factors, metric.rdm, metric.comparison);
  });
}

void compare(Backend& backend, const Collections& sets, const LinearRegression& metric, const Progress& progress,
             DistanceMatrix& out) {
  require(metric.folds == 0 || metric.folds > 1, "number of folds (--folds) is " + std::to_string(metric.folds) +
                                                     ", expected 0 (no cross-validation), or 2 or more");
  Factors f(backend, sets);
  Factors whitened = f;
  if (metric.folds == 0) {
    use_principal(backend, whitened, whitening(1));
    f.for_each_set([&](std::vector<Factor>& factors) { compress(backend, factors); });
  }
  // R^2 of each ordered pair; without folds ||U_x^T Y||^2 / ||Y||^2.
  const auto explained = [&](const std::vector<Factor>& from, const std::vector<Factor>& to) {
    if (metric.folds > 0) return cross_validated_r2(backend, from, to, metric, progress);
    std::vector<double> r2(from.size() * to.size(), nan);
    for_each_value(backend, {from, to, false, false, BlockValue::squared_norm}, metric.precision, progress,
                   [&](index_t i, index_t j, double v) {
                     r2[at(i) * to.size() + at(j)] = std::min(1.0, v / to[at(j)].squared_norm);
                   });
    return r2;
  };
  const std::vector<double> forward = explained(whitened.rows, f.right());
  const std::vector<double> back = f.symmetric ? forward : explained(whitened.columns, f.rows);
  fill(out, f.rows, f.right(), f.symmetric, metric.r2 ? 1 : 0, [&](index_t i, index_t j) {
    const double r2 = f.rows[at(i)] == f.right()[at(j)]
                          ? 1
                          : (forward[at(i) * f.right().size() + at(j)] + back[at(j) * f.rows.size() + at(i)]) / 2;
    return metric.r2 ? r2 : 1 - r2;
  });
}

}  // namespace kindred::host
