#include "host/engine/recordings/observables.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include <kindred/simulate.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

constexpr index_t most_columns = 20000;
constexpr index_t most_samples = 1000;   ///< whose distances make the median
constexpr double nystroem_floor = 1e-8;  ///< of the largest eigenvalue of K(Z, Z)

/// The median distance between samples, the lower one of two; 0 for a single sample.
double median_distance(const Samples& r) {
  const index_t rows = r.rows(), count = std::min(rows, most_samples);
  std::vector<double> squares;
  squares.reserve(at(count * (count - 1) / 2));
  const auto sample = [&](index_t i) { return r.values.data() + i * rows / count * r.channels; };
  for (index_t i = 0; i < count; ++i) {
    for (index_t j = i + 1; j < count; ++j) {
      double sum = 0;
      for (index_t c = 0; c < r.channels; ++c) {
        const double d = sample(i)[c] - sample(j)[c];
        sum += d * d;
      }
      squares.push_back(sum);
    }
  }
  if (squares.empty()) return 0;
  const auto middle = squares.begin() + (std::ssize(squares) - 1) / 2;
  std::nth_element(squares.begin(), middle, squares.end());
  return std::sqrt(*middle);
}

/// Zeros in `columns` columns in the place of features that there are none of.
void give_up(Samples& r, index_t columns, std::string why) {
  r.failure = std::move(why);
  r.values.assign(at(r.rows() * columns), 0.0);
  r.channels = columns;
}

/// Whether s, the width of the kernel, is one; else the samples, which would have `columns` columns, fail.
bool is_scale(double s, Samples& r, index_t columns, const Preprocess& steps) {
  if (s > 0 && std::isfinite(s)) return true;
  std::ostringstream text;
  text << "the median distance between its samples is " << s / steps.features_scale
       << ", which is no scale for a kernel; filter it, so that fewer of its samples are alike, or leave it out";
  give_up(r, columns, text.str());
  return false;
}

/// Rows of D / 2 random frequencies, C each.
std::vector<double> frequencies(index_t channels, double s, const Preprocess& steps) {
  simulate::Random random(static_cast<std::uint64_t>(steps.features_seed));
  std::vector<double> out(at(steps.features / 2 * channels));
  for (double& w : out) w = random.normal() / s;
  return out;
}

void observe_fourier(Backend& backend, Samples& r, const Preprocess& steps) {
  const index_t rows = r.rows(), half = steps.features / 2, kept = steps.features_state ? r.channels : 0;
  const double s = steps.features_scale * median_distance(r);
  if (!is_scale(s, r, kept + steps.features, steps)) return;
  std::vector<double> angles(at(rows * half));
  {
    const Buffer<double> x(backend, std::span<const double>(r.values));
    const std::vector<double> w = frequencies(r.channels, s, steps);
    const Buffer<double> v(backend, std::span<const double>(w));
    const Buffer<double> y(backend, rows * half);
    backend.gemm(1.0, packed(x.data(), rows, r.channels), t(packed(v.data(), half, r.channels)), 0.0,
                 packed(y.data(), rows, half));
    y.download(angles);
  }
  const double size = std::sqrt(1 / static_cast<double>(half));
  std::vector<double> out;
  out.reserve(at(rows * (kept + steps.features)));
  for (index_t i = 0; i < rows; ++i) {
    out.insert(out.end(), r.values.begin() + i * r.channels, r.values.begin() + i * r.channels + kept);
    for (index_t k = 0; k < half; ++k) {
      const double angle = angles[at(i * half + k)];
      out.push_back(size * std::cos(angle));
      out.push_back(size * std::sin(angle));
    }
  }
  r.values = std::move(out);
  r.channels = kept + steps.features;
}

/// Different samples, in ascending order of their rows: the first `count` of a random permutation.
std::vector<index_t> landmarks(index_t rows, index_t count, index_t seed) {
  simulate::Random random(static_cast<std::uint64_t>(seed));
  std::vector<index_t> all(at(rows));
  std::iota(all.begin(), all.end(), index_t{0});
  for (index_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.below(rows - i)]);
  all.resize(at(count));
  std::sort(all.begin(), all.end());
  return all;
}

/// Products x z become exp(-|x - z|^2 / (2 s^2)), for rows of x and of z and their squared lengths.
void to_kernel(std::span<double> products, std::span<const double> x, std::span<const double> z, double s) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < z.size(); ++j) {
      double& p = products[i * z.size() + j];
      p = std::exp(-std::max(x[i] + z[j] - 2 * p, 0.0) / (2 * s * s));
    }
  }
}

std::vector<double> squared_lengths(const std::vector<double>& rows, index_t channels) {
  std::vector<double> out(rows.size() / at(channels), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) out[i / at(channels)] += rows[i] * rows[i];
  return out;
}

/// K^(-1/2) in place of K (k x k, symmetric), without the directions whose eigenvalues are not above the floor. False:
/// the eigenvalues did not converge.
bool inverse_root(Backend& backend, const Buffer<double>& kernel, index_t k) {
  const Buffer<double> w(backend, k);
  backend.eigh(packed(kernel.data(), k, k), w.data(), k, 1, k);
  std::vector<double> values(at(k)), vectors(at(k * k));
  w.download(values);
  kernel.download(vectors);
  if (!std::isfinite(values.back())) return false;
  for (index_t i = 0; i < k; ++i) {
    const double root = values[i] > nystroem_floor * values.back() ? 1 / std::sqrt(std::sqrt(values[i])) : 0.0;
    for (index_t j = 0; j < k; ++j) vectors[i * k + j] *= root;
  }
  const Buffer<double> scaled(backend, std::span<const double>(vectors));
  backend.gram(packed(scaled.data(), k, k), 0.0, packed(kernel.data(), k, k), 1);
  backend.synchronize();
  return true;
}

void observe_nystroem(Backend& backend, Samples& r, const Preprocess& steps) {
  const index_t rows = r.rows(), channels = r.channels, k = std::min(steps.features, rows);
  const index_t columns = (steps.features_state ? channels : 0) + k;
  const double s = steps.features_scale * median_distance(r);
  if (!is_scale(s, r, columns, steps)) return;
  // About the landmarks' mean, as the products cancel less there.
  std::vector<double> mean(at(channels), 0.0), x = r.values, z;
  const std::vector<index_t> chosen = landmarks(rows, k, steps.features_seed);
  for (const index_t i : chosen) {
    for (index_t c = 0; c < channels; ++c) mean[c] += r.values[i * channels + c] / static_cast<double>(k);
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] -= mean[i % mean.size()];
  for (const index_t i : chosen) z.insert(z.end(), x.begin() + i * channels, x.begin() + (i + 1) * channels);

  std::vector<double> kernel(at(rows * k)), among(at(k * k));
  const Buffer<double> all(backend, rows * k), small(backend, k * k);
  {
    const Buffer<double> samples(backend, std::span<const double>(x)), marks(backend, std::span<const double>(z));
    const MatrixBatch<double> m = packed(marks.data(), k, channels);
    backend.gemm(1.0, packed(samples.data(), rows, channels), t(m), 0.0, packed(all.data(), rows, k));
    backend.gemm(1.0, m, t(m), 0.0, packed(small.data(), k, k));
    all.download(kernel);
    small.download(among);
  }
  const std::vector<double> lengths = squared_lengths(x, channels), own = squared_lengths(z, channels);
  to_kernel(kernel, lengths, own, s);
  to_kernel(among, own, own, s);
  backend.upload(small.data(), among.data(), among.size() * sizeof(double));
  if (!inverse_root(backend, small, k)) {
    give_up(r, columns, "the eigenvalues of its kernel matrix did not converge");
    return;
  }
  const Buffer<double> mapped(backend, rows * k);
  backend.upload(all.data(), kernel.data(), kernel.size() * sizeof(double));
  backend.gemm(1.0, packed(all.data(), rows, k), packed(small.data(), k, k), 0.0, packed(mapped.data(), rows, k));
  mapped.download(kernel);
  if (!steps.features_state) {
    r.values = std::move(kernel);
    r.channels = k;
    return;
  }
  std::vector<double> out;
  out.reserve(at(rows * (channels + k)));
  for (index_t i = 0; i < rows; ++i) {
    out.insert(out.end(), r.values.begin() + i * channels, r.values.begin() + (i + 1) * channels);
    out.insert(out.end(), kernel.begin() + i * k, kernel.begin() + (i + 1) * k);
  }
  r.values = std::move(out);
  r.channels = columns;
}

/// binom(channels + degree, degree) - 1, or more than most_columns.
index_t monomials(index_t channels, index_t degree) {
  index_t count = 1;
  for (index_t k = 1; k <= degree && count <= most_columns + 1; ++k) count = count * (channels + k) / k;
  return count - 1;
}

/// A degree's monomials are those of the degree before times each channel that is not before their last one.
void observe_polynomials(Samples& r, const TrajectorySet& set, index_t degree) {
  const index_t rows = r.rows(), channels = r.channels, columns = monomials(channels, degree);
  if (columns > most_columns) {
    fail(ErrorCode::invalid_data, called(set), " has ", channels, " channels, whose products of up to ", degree,
         " are more than ", most_columns,
         "; keep fewer components (Preprocess::components), or lower Preprocess::degree");
  }
  std::vector<index_t> last(at(columns)),
      from = last;  // of column k: its last channel, and the rest
  index_t count = 0, first = 0;
  for (; count < channels; ++count) last[at(count)] = count;
  for (index_t d = 2; d <= degree; ++d) {
    const index_t end = count;
    for (index_t k = first; k < end; ++k) {
      for (index_t c = last[at(k)]; c < channels; ++c, ++count) {
        last[at(count)] = c;
        from[at(count)] = k;
      }
    }
    first = end;
  }
  std::vector<double> out(at(rows * columns));
  for (index_t i = 0; i < rows; ++i) {
    const double* x = r.values.data() + i * channels;
    double* y = out.data() + i * columns;
    for (index_t k = 0; k < columns; ++k) {
      const double value = x[last[at(k)]];
      y[k] = k < channels ? value : y[from[at(k)]] * value;
    }
  }
  r.values = std::move(out);
  r.channels = columns;
}

}  // namespace

void observe(Backend& backend, Samples& samples, const TrajectorySet& set, const Preprocess& steps) {
  if (samples.steps.empty()) return;
  if (steps.observables == Observables::fourier) observe_fourier(backend, samples, steps);
  if (steps.observables == Observables::nystroem) observe_nystroem(backend, samples, steps);
  if (steps.observables == Observables::polynomial) observe_polynomials(samples, set, steps.degree);
}

}  // namespace kindred::host
