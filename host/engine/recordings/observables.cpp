#include "host/engine/recordings/observables.hpp"

#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include <kindred/simulate.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace kindred::host {
namespace {

constexpr index_t most_columns = 20000;
constexpr index_t most_samples = 1000;  ///< whose distances make the median

/// The median distance between samples, the lower one of two; 0 for a single sample.
double median_distance(const Samples& r) {
  const index_t rows = r.rows(), count = std::min(rows, most_samples);
  std::vector<double> squares;
  squares.reserve(static_cast<std::size_t>(count * (count - 1) / 2));
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

/// Rows of D / 2 random frequencies, C each. Samples that are all alike have no scale: frequency 0.
std::vector<double> frequencies(const Samples& r, const Preprocess& steps) {
  const double s = steps.features_scale * median_distance(r);
  simulate::Random random(static_cast<std::uint64_t>(steps.features_seed));
  std::vector<double> out(static_cast<std::size_t>(steps.features / 2 * r.channels));
  for (double& w : out) {
    const double draw = random.normal();
    w = s > 0 ? draw / s : 0;
  }
  return out;
}

void observe_fourier(Backend& backend, Samples& r, const Preprocess& steps) {
  const index_t rows = r.rows(), half = steps.features / 2, kept = steps.features_state ? r.channels : 0;
  std::vector<double> angles(static_cast<std::size_t>(rows * half));
  {
    const Buffer<double> x(backend, std::span<const double>(r.values));
    const std::vector<double> w = frequencies(r, steps);
    const Buffer<double> v(backend, std::span<const double>(w));
    const Buffer<double> y(backend, rows * half);
    backend.gemm(1.0, packed(x.data(), rows, r.channels), t(packed(v.data(), half, r.channels)), 0.0,
                 packed(y.data(), rows, half));
    y.download(angles);
  }
  const double size = std::sqrt(1 / static_cast<double>(half));
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(rows * (kept + steps.features)));
  for (index_t i = 0; i < rows; ++i) {
    out.insert(out.end(), r.values.begin() + i * r.channels, r.values.begin() + i * r.channels + kept);
    for (index_t k = 0; k < half; ++k) {
      const double angle = angles[static_cast<std::size_t>(i * half + k)];
      out.push_back(size * std::cos(angle));
      out.push_back(size * std::sin(angle));
    }
  }
  r.values = std::move(out);
  r.channels = kept + steps.features;
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
         " are more than ", most_columns, "; keep fewer components (Preprocess::components), or lower Preprocess::degree");
  }
  std::vector<index_t> last(static_cast<std::size_t>(columns)), from = last;  // of column k: its last channel, and the rest
  index_t count = 0, first = 0;
  for (; count < channels; ++count) last[static_cast<std::size_t>(count)] = count;
  for (index_t d = 2; d <= degree; ++d) {
    const index_t end = count;
    for (index_t k = first; k < end; ++k) {
      for (index_t c = last[static_cast<std::size_t>(k)]; c < channels; ++c, ++count) {
        last[static_cast<std::size_t>(count)] = c;
        from[static_cast<std::size_t>(count)] = k;
      }
    }
    first = end;
  }
  std::vector<double> out(static_cast<std::size_t>(rows * columns));
  for (index_t i = 0; i < rows; ++i) {
    const double* x = r.values.data() + i * channels;
    double* y = out.data() + i * columns;
    for (index_t k = 0; k < columns; ++k) {
      const double value = x[last[static_cast<std::size_t>(k)]];
      y[k] = k < channels ? value : y[from[static_cast<std::size_t>(k)]] * value;
    }
  }
  r.values = std::move(out);
  r.channels = columns;
}

}  // namespace

void observe(Backend& backend, Samples& samples, const TrajectorySet& set, const Preprocess& steps) {
  if (samples.steps.empty()) return;
  if (steps.observables == Observables::fourier) observe_fourier(backend, samples, steps);
  if (steps.observables == Observables::polynomial) observe_polynomials(samples, set, steps.degree);
}

}  // namespace kindred::host
