#include "host/engine/representations/kernel_vectors.hpp"

#include "host/engine/recordings/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

namespace kindred::host {
namespace {

/// Rows of a Gram matrix that are made at once: whole blocks of the backend's products.
constexpr index_t block_rows = 1024;

/// Calls f(i, j, sum over c of a[i, c] a[j, c]) for j >= i, in the order of the rows.
template <class F>
void for_each_product(Backend& backend, const std::vector<double>& a, index_t m, index_t n, F&& f) {
  const Buffer<double> x(backend, std::span<const double>(a));
  const Buffer<double> k(backend, std::min(block_rows, m) * m);
  std::vector<double> products(static_cast<std::size_t>(k.size()));
  for (index_t first = 0; first < m; first += block_rows) {
    const index_t rows = std::min(block_rows, m - first), columns = m - first;
    backend.gemm({.op_b = Op::transpose,
                  .m = rows,
                  .n = columns,
                  .k = n,
                  .a = x.data() + first * n,
                  .lda = n,
                  .b = x.data() + first * n,
                  .ldb = n,
                  .c = k.data(),
                  .ldc = columns});
    k.download(products);
    for (index_t i = 0; i < rows; ++i) {
      for (index_t j = i; j < columns; ++j) {
        f(first + i, first + j, products[i * columns + j]);
      }
    }
  }
}

/// Bytes that a vector made by for_each_product takes: `arrays` of its length, two copies of the samples and of the
/// products.
std::size_t bytes_of(const Factor& f, index_t length, int arrays) {
  const index_t products = std::min(block_rows, f.rows) * f.rows;
  return sizeof(double) * static_cast<std::size_t>(arrays * length + 2 * (f.rows * f.survey.channels + products));
}

/// Centred, scaled samples, m x C.
std::vector<double> samples(const Factor& f) {
  std::vector<double> x = dense_rows(*f.survey.system);
  const auto channels = static_cast<std::size_t>(f.survey.channels);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - f.survey.mean[i % channels]) * f.survey.scale();
  return x;
}

/// What rounding may have added to each entry of a dissimilarity matrix (m x m, above the diagonal, row by row). With
/// u = eps / 2, C channels and |v_ij - v| <= bound:
///   euclidean, v = s_i + s_j - 2 k for samples x^ = (x - shift)(1 + u): a shift common to all samples changes no
///   distance, its rounding 4 u (s_i + s_j); the three sums of C terms 2 C u (s_i + s_j); the last two additions
///   4 u (s_i + s_j); together (C + 4) eps (s_i + s_j).
///   correlation, v = 1 - k for unit vectors: three roundings of every value 6 u, a norm and a product of C terms
///   2 C u, the last subtraction 2 u; together (C + 4) eps. The error of a sample's mean enters squared only.
/// Two entries whose true values are equal therefore differ by at most the sum of their bounds; the order of two that
/// differ by less is not known.
class Rounding {
 public:
  /// `squares`: s of every sample, or nothing for a correlation.
  Rounding(index_t channels, std::vector<double> squares, index_t rows)
      : factor_((static_cast<double>(channels) + 4) * std::numeric_limits<double>::epsilon()),
        squares_(std::move(squares)),
        largest_(squares_.empty() ? factor_ : 2 * factor_ * *std::max_element(squares_.begin(), squares_.end())) {
    index_t first = 0;
    for (index_t i = 0; i + 1 < rows; ++i) {
      row_start_.push_back(first);
      first += rows - 1 - i;
    }
  }

  /// Of any entry.
  [[nodiscard]] double largest() const { return largest_; }
  /// Of entry k.
  [[nodiscard]] double of(std::size_t k) const {
    if (squares_.empty()) return factor_;
    const auto row = std::upper_bound(row_start_.begin(), row_start_.end(), static_cast<index_t>(k)) - 1;
    const auto i = static_cast<std::size_t>(row - row_start_.begin());
    const std::size_t j = i + 1 + k - static_cast<std::size_t>(*row);
    return factor_ * (squares_[i] + squares_[j]);
  }
  [[nodiscard]] bool equal(const std::vector<double>& v, std::size_t a, std::size_t b) const {
    const double difference = std::abs(v[a] - v[b]);
    return difference == 0 || (difference <= 2 * largest_ && difference <= of(a) + of(b));
  }

 private:
  double factor_;
  std::vector<double> squares_;
  double largest_;
  std::vector<index_t> row_start_;  // the first entry of each row
};

/// Whether one value lies within the rounding of every entry.
bool all_equal(const std::vector<double>& v, const Rounding& rounding) {
  const auto [low, high] = std::minmax_element(v.begin(), v.end());
  if (*high - *low > 2 * rounding.largest()) return false;
  double from = -std::numeric_limits<double>::infinity(), to = -from;
  for (std::size_t k = 0; k < v.size(); ++k) {
    const double bound = rounding.of(k);
    from = std::max(from, v[k] - bound);
    to = std::min(to, v[k] + bound);
  }
  return from <= to;
}

bool all_zero(const std::vector<double>& v, const Rounding& rounding) {
  for (std::size_t k = 0; k < v.size(); ++k) {
    if (std::abs(v[k]) > rounding.largest() || std::abs(v[k]) > rounding.of(k)) return false;
  }
  return true;
}

/// Ranks from 1; values that are equal but for rounding share their mean rank.
std::vector<double> ranks(const std::vector<double>& v, const Rounding& rounding) {
  std::vector<std::size_t> order(v.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return v[a] < v[b]; });
  std::vector<double> rank(v.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && rounding.equal(v, order[i], order[end])) ++end;
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = static_cast<double>(i + 1 + end) / 2;
    i = end;
  }
  return rank;
}

void subtract_mean(std::vector<double>& v) {
  const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  for (double& x : v) x -= mean;
}

/// One column for each factor: values(f) makes that of a usable one, which takes bytes(f).
template <class Values, class Bytes>
std::vector<Factor> columns_of(std::span<const Factor> factors, index_t length, Bytes&& bytes, Values&& values) {
  std::vector<Factor> out(factors.size());
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    Factor& vector = out[i];
    vector.survey.system = f.survey.system;
    vector.survey.content = f.survey.content;
    vector.rows = length;
    vector.columns = 1;
    vector.usable = f.usable;
    vector.source = Generated{[&f, values] { return values(f); }, bytes(f)};
  }
  return out;
}

std::vector<double> squared_rows(const Factor& factor) {
  const std::vector<double> x = samples(factor);
  std::vector<double> out(static_cast<std::size_t>(factor.rows), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) out[i / static_cast<std::size_t>(factor.survey.channels)] += x[i] * x[i];
  return out;
}

/// Entry (i, j), i <= j, of a flattened Gram matrix.
double weight(index_t i, index_t j) { return i == j ? 1.0 : std::numbers::sqrt2; }

std::vector<double> gram(Backend& backend, const Factor& f) {
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(f.rows * (f.rows + 1) / 2));
  for_each_product(backend, samples(f), f.rows, f.survey.channels,
                   [&](index_t i, index_t j, double k) { out.push_back(k * weight(i, j)); });
  return out;
}

std::vector<double> u_centred_gram(Backend& backend, const Factor& f) {
  const auto m = static_cast<std::size_t>(f.rows), channels = static_cast<std::size_t>(f.survey.channels);
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
  const std::vector<double> x = samples(f), squares = squared_rows(f);
  const double rounding = (static_cast<double>(f.survey.channels) + 4) * std::numeric_limits<double>::epsilon();
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(f.rows * (f.rows + 1) / 2));
  for_each_product(backend, x, f.rows, f.survey.channels, [&](index_t i, index_t j, double k) {
    const double sum = squares[static_cast<std::size_t>(i)] + squares[static_cast<std::size_t>(j)];
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
  // Sums of the rows of the whole matrix; song's have no diagonal.
  const bool song = metric.estimator == CkaEstimator::song;
  const auto m = static_cast<std::size_t>(f.rows);
  std::vector<double> row(m, 0.0);
  std::size_t at = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = i; j < m; ++j, ++at) {
      if (i == j && song) continue;
      row[i] += k[at];
      if (i != j) row[j] += k[at];
    }
  }
  const double n = static_cast<double>(m), total = std::accumulate(row.begin(), row.end(), 0.0);
  const double per_row = song ? n - 2 : n, per_all = song ? (n - 1) * (n - 2) : n * n;
  at = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = i; j < m; ++j, ++at) {
      const double centred = k[at] - (row[i] + row[j]) / per_row + total / per_all;
      k[at] = song && i == j ? 0.0 : centred * weight(static_cast<index_t>(i), static_cast<index_t>(j));
    }
  }
  return k;
}

/// Every sample as a unit vector about its own mean over channels.
void standardise_rows(std::vector<double>& x, std::size_t channels) {
  for (auto row = x.begin(); row != x.end(); row += static_cast<std::ptrdiff_t>(channels)) {
    const auto end = row + static_cast<std::ptrdiff_t>(channels);
    const auto [low, high] = std::minmax_element(row, end);
    const double range = *high - *low, mean = std::accumulate(row, end, 0.0) / static_cast<double>(channels);
    double squares = 0;
    for (auto v = row; v != end; ++v) {
      *v = (*v - mean) / range;
      squares += *v * *v;
    }
    for (auto v = row; v != end; ++v) *v /= std::sqrt(squares);
  }
}

/// Whether every sample differs over the channels.
bool rows_vary(const Factor& f) {
  bool all = true;
  for_each_row(*f.survey.system, [&](const double* x) {
    const auto [low, high] = std::minmax_element(x, x + f.survey.channels);
    all = all && *low < *high;
  });
  return all;
}

std::vector<double> rdm_vector(Backend& backend, const Factor& f, Rdm rdm, RdmComparison comparison) {
  std::vector<double> x;
  if (rdm == Rdm::correlation) {
    x = dense_rows(*f.survey.system);
    for (double& v : x) v *= f.survey.scale();
    standardise_rows(x, static_cast<std::size_t>(f.survey.channels));
  } else {
    x = samples(f);
  }
  std::vector<double> squares(static_cast<std::size_t>(f.rows), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) squares[i / static_cast<std::size_t>(f.survey.channels)] += x[i] * x[i];
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(f.rows * (f.rows - 1) / 2));
  for_each_product(backend, x, f.rows, f.survey.channels, [&](index_t i, index_t j, double k) {
    if (i == j) return;
    const double distance = squares[i] + squares[j] - 2 * k;
    out.push_back(rdm == Rdm::correlation ? 1 - k : distance);
  });
  // Nothing is correlated with a constant, and there is no angle to zero: a zero vector, which makes a failed pair.
  const Rounding rounding(f.survey.channels, rdm == Rdm::correlation ? std::vector<double>() : std::move(squares),
                          f.rows);
  const bool cosine = comparison == RdmComparison::cosine;
  if (cosine ? all_zero(out, rounding) : all_equal(out, rounding)) return std::vector<double>(out.size(), 0.0);
  if (comparison == RdmComparison::spearman) out = ranks(out, rounding);
  if (!cosine) subtract_mean(out);
  return out;
}

}  // namespace

std::vector<Factor> sample_norms(std::span<const Factor> factors) {
  const auto bytes = [](const Factor& f) {
    return sizeof(double) * static_cast<std::size_t>(f.rows * (f.survey.channels + 1));
  };
  return columns_of(factors, factors.empty() ? 0 : factors.front().rows, bytes, squared_rows);
}

std::vector<Factor> gram_vectors(Backend& backend, std::span<const Factor> factors, CkaEstimator estimator) {
  const index_t m = factors.empty() ? 0 : factors.front().rows, length = m * (m + 1) / 2;
  const auto bytes = [length](const Factor& f) { return bytes_of(f, length, 1); };
  return columns_of(factors, length, bytes, [&backend, estimator](const Factor& f) {
    return estimator == CkaEstimator::song ? u_centred_gram(backend, f) : gram(backend, f);
  });
}

std::vector<Factor> distance_kernel_vectors(Backend& backend, std::span<const Factor> factors, const Cka& metric) {
  const index_t m = factors.empty() ? 0 : factors.front().rows, length = m * (m + 1) / 2;
  const auto bytes = [length](const Factor& f) { return bytes_of(f, length, 2); };
  return columns_of(factors, length, bytes,
                    [&backend, metric](const Factor& f) { return distance_kernel(backend, f, metric); });
}

std::vector<Factor> rdm_vectors(Backend& backend, std::span<const Factor> factors, Rdm rdm, RdmComparison comparison) {
  const index_t m = factors.empty() ? 0 : factors.front().rows, length = m * (m - 1) / 2;
  const int arrays = comparison == RdmComparison::spearman ? 3 : 1;  // values, their order, their ranks
  const auto bytes = [length, arrays](const Factor& f) { return bytes_of(f, length, arrays); };
  std::vector<Factor> out = columns_of(factors, length, bytes, [&backend, rdm, comparison](const Factor& f) {
    return rdm_vector(backend, f, rdm, comparison);
  });
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (rdm == Rdm::correlation) out[i].usable = factors[i].usable && rows_vary(factors[i]);
  }
  return out;
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
