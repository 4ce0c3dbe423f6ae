#include "host/engine/representations/kernel_vectors.hpp"

#include "host/base/index.hpp"
#include "host/engine/representations/sample_products.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

namespace kindred::host {
namespace {

/// Entry (i, j), i <= j, of a flattened Gram matrix.
double weight(index_t i, index_t j) { return i == j ? 1.0 : std::numbers::sqrt2; }

std::vector<double> gram(Backend& backend, const Factor& f, bool hollow) {
  std::vector<double> out;
  out.reserve(at(f.rows * (f.rows + 1) / 2));
  for_each_product(backend, samples(f), f.rows, f.survey.channels,
                   [&](index_t i, index_t j, double k) { out.push_back(hollow && i == j ? 0.0 : k * weight(i, j)); });
  return out;
}

std::vector<double> u_centred_gram(Backend& backend, const Factor& f) {
  const auto m = at(f.rows), channels = at(f.survey.channels);
  const std::vector<double> x = samples(f);
  // Sums of the rows of F F^T without its diagonal: x_i . (sum of x_j) - x_i . x_i.
  std::vector<double> sum(channels, 0.0), row(m, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) sum[i % channels] += x[i];
  for (std::size_t i = 0; i < x.size(); ++i) row[i / channels] += x[i] * (sum[i % channels] - x[i]);
  const double n = static_cast<double>(m), total = std::accumulate(row.begin(), row.end(), 0.0);
  std::vector<double> out;
  out.reserve(m * (m + 1) / 2);
  for_each_product(backend, x, f.rows, f.survey.channels, [&](index_t i, index_t j, double k) {
    const double rows = row[i] + row[j];
    const double centred = i == j ? 0.0 : k + total / ((n - 1) * (n - 2)) - rows / (n - 2);
    out.push_back(centred * weight(i, j));
  });
  return out;
}

/// Squared distances of the samples i <= j, row by row; those that rounding can make of 0 are 0.
std::vector<double> squared_distances(Backend& backend, const Factor& f) {
  const std::vector<double> x = samples(f), squares = squared_rows(x, f.survey.channels);
  const double rounding = (static_cast<double>(f.survey.channels) + 4) * std::numeric_limits<double>::epsilon();
  std::vector<double> out;
  out.reserve(at(f.rows * (f.rows + 1) / 2));
  for_each_product(backend, x, f.rows, f.survey.channels, [&](index_t i, index_t j, double k) {
    const double sum = squares[at(i)] + squares[at(j)];
    const double distance = i == j ? 0.0 : sum - 2 * k;
    out.push_back(distance > rounding * sum ? distance : 0.0);
  });
  return out;
}

/// Median of the distances of different samples, from their squares.
double median_distance(const std::vector<double>& squares, index_t m) {
  std::vector<double> off;
  off.reserve(squares.size());
  std::size_t k = 0;
  for (index_t i = 0; i < m; ++i) {
    ++k;  // the diagonal
    for (index_t j = i + 1; j < m; ++j) off.push_back(squares[k++]);
  }
  if (off.empty()) return 0;
  const auto middle = off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2);
  std::nth_element(off.begin(), middle, off.end());
  const double upper = std::sqrt(*middle);
  if (off.size() % 2 == 1) return upper;
  return 0.5 * (upper + std::sqrt(*std::max_element(off.begin(), middle)));
}

std::vector<double> distance_kernel(Backend& backend, const Factor& f, const Cka& metric) {
  std::vector<double> k = squared_distances(backend, f);
  const double width = metric.bandwidth * median_distance(k, f.rows);
  if (!(width > 0)) return std::vector<double>(k.size(), 0.0);
  for (double& v : k) {
    v = metric.kernel == CkaKernel::rbf ? std::exp(-v / (2 * width * width)) : std::exp(-std::sqrt(v) / width);
  }
  flatten(k, f.rows, !metric.centre ? Centring::none : centring_of(metric.estimator));
  return k;
}

std::vector<double> distance_vector(Backend& backend, const Factor& f, bool unbiased) {
  std::vector<double> d = squared_distances(backend, f);
  for (double& v : d) v = std::sqrt(v);
  flatten(d, f.rows, unbiased ? Centring::unbiased : Centring::biased);
  return d;
}

/// Vectors of pairs of samples i <= j that make(f) makes of a factor f, with `arrays` arrays of its length at once.
template <class Make>
std::vector<Factor> pair_vectors(std::span<const Factor> factors, int arrays, Make&& make) {
  const index_t m = factors.empty() ? 0 : factors.front().rows, length = m * (m + 1) / 2;
  const auto bytes = [length, arrays](const Factor& f) { return bytes_of_vector(f, length, arrays); };
  return columns_of(factors, length, bytes, make);
}

}  // namespace

Centring centring_of(CkaEstimator estimator) {
  switch (estimator) {
    case CkaEstimator::song:
      return Centring::unbiased;
    case CkaEstimator::lange:
      return Centring::hollow;
    case CkaEstimator::gretton:
      break;
  }
  return Centring::biased;
}

void flatten(std::vector<double>& k, index_t rows, Centring how) {
  const auto m = at(rows);
  const bool unbiased = how == Centring::unbiased;
  std::vector<double> row(m, 0.0);  // sums of the rows of the whole matrix; the unbiased estimator's have no diagonal
  std::size_t place = 0;
  for (std::size_t i = 0; i < m && how != Centring::none; ++i) {
    for (std::size_t j = i; j < m; ++j, ++place) {
      if (i == j && unbiased) continue;
      row[i] += k[place];
      if (i != j) row[j] += k[place];
    }
  }
  const double n = static_cast<double>(m), total = std::accumulate(row.begin(), row.end(), 0.0);
  const double per_row = unbiased ? n - 2 : n, per_all = unbiased ? (n - 1) * (n - 2) : n * n;
  const bool hollow = unbiased || how == Centring::hollow;
  place = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = i; j < m; ++j, ++place) {
      const double centred =
          how == Centring::none ? k[place] : k[place] - (row[i] + row[j]) / per_row + total / per_all;
      k[place] = hollow && i == j ? 0.0 : centred * weight(static_cast<index_t>(i), static_cast<index_t>(j));
    }
  }
}

std::vector<Factor> sample_norms(std::span<const Factor> factors) {
  const auto bytes = [](const Factor& f) { return sizeof(double) * at(f.rows * (f.survey.channels + 1)); };
  return columns_of(factors, factors.empty() ? 0 : factors.front().rows, bytes,
                    [](const Factor& f) { return squared_rows(samples(f), f.survey.channels); });
}

std::vector<Factor> gram_vectors(Backend& backend, std::span<const Factor> factors, CkaEstimator estimator) {
  return pair_vectors(factors, 1, [&backend, estimator](const Factor& f) {
    return estimator == CkaEstimator::song ? u_centred_gram(backend, f)
                                           : gram(backend, f, estimator == CkaEstimator::lange);
  });
}

std::vector<Factor> distance_kernel_vectors(Backend& backend, std::span<const Factor> factors, const Cka& metric) {
  return pair_vectors(factors, 2, [&backend, metric](const Factor& f) { return distance_kernel(backend, f, metric); });
}

std::vector<Factor> distance_vectors(Backend& backend, std::span<const Factor> factors, bool unbiased) {
  return pair_vectors(factors, 1,
                      [&backend, unbiased](const Factor& f) { return distance_vector(backend, f, unbiased); });
}

double chord(std::span<const double> a, std::span<const double> b) {
  // A norm's error would turn into a chord of its size: sums in extended precision.
  const auto norm = [](std::span<const double> v) {
    long double sum = 0;
    for (const double x : v) sum += static_cast<long double>(x) * static_cast<long double>(x);
    return std::sqrt(static_cast<double>(sum));
  };
  const double a_norm = norm(a), b_norm = norm(b);
  long double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double d = a[k] / a_norm - b[k] / b_norm;
    sum += static_cast<long double>(d) * static_cast<long double>(d);
  }
  return std::sqrt(static_cast<double>(sum));
}

bool samples_are_cheaper(std::span<const Factor> rows, std::span<const Factor> columns, bool symmetric) {
  if (rows.empty() || columns.empty()) return false;
  const double m = static_cast<double>(rows.front().rows), length = m * (m + 1) / 2;
  struct Sums {
    double count = 0, values = 0, width = 0, squares = 0;
  };
  const auto sums_of = [m](std::span<const Factor> factors) {
    Sums s;
    for (const Factor& f : factors) {
      const auto channels = static_cast<double>(f.survey.channels), width = std::min(channels, m);
      s.count += 1;
      s.values += m * channels;
      s.width += width;
      s.squares += width * width;
    }
    return s;
  };
  const Sums a = sums_of(rows), b = symmetric ? Sums{} : sums_of(columns);
  const double pairs = symmetric ? a.count * (a.count + 1) / 2 : a.count * b.count;
  const double blocks = symmetric ? (a.width * a.width + a.squares) / 2 : a.width * b.width;
  const double values = a.values + b.values;
  return m * values + 2 * length * pairs < 2 * m * blocks && length * (a.count + b.count) <= values;
}

}  // namespace kindred::host
