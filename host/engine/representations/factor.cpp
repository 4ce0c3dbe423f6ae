#include "host/engine/representations/factor.hpp"

#include "host/base/hash.hpp"
#include "host/base/index.hpp"
#include "host/base/parallel.hpp"
#include "host/base/progress.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/recordings/value_scan.hpp"
#include "kernels/program/pack_columns.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace kindred::host {
namespace {

Survey survey_one(const TrajectorySet& set, bool centre) {
  Survey f;
  f.system = &set;
  f.samples = set.total_steps();
  f.channels = set.channels();
  const auto channels = at(f.channels);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> sum(channels, 0.0), low(channels, infinity), high(channels, -infinity);
  RowHash hash;
  const double shape[] = {static_cast<double>(f.samples), static_cast<double>(f.channels)};
  hash.add(shape, 2);
  for_each_row(set, [&, sums = sum.data(), lows = low.data(), highs = high.data()](const double* x) {
#pragma omp simd
    for (std::size_t c = 0; c < channels; ++c) {
      sums[c] += x[c];
      lows[c] = x[c] < lows[c] ? x[c] : lows[c];
      highs[c] = x[c] > highs[c] ? x[c] : highs[c];
    }
    hash.add(x, f.channels);
  });
  f.content = hash.value();

  f.mean.resize(channels);
  double range = 0;
  bool finite = true;
  for (std::size_t c = 0; c < channels; ++c) {
    finite = finite && std::isfinite(sum[c]) && std::isfinite(high[c] - low[c]);
    // A channel that never changes is centred to exact zeros.
    if (centre) f.mean[c] = std::clamp(sum[c] / static_cast<double>(f.samples), low[c], high[c]);
    range = std::max(range, centre ? high[c] - low[c] : std::max(std::abs(low[c]), std::abs(high[c])));
  }
  f.usable = finite && range > 0;
  if (!f.usable) return f;

  const int range_exponent = std::clamp(std::ilogb(range), -1000, 1000);
  const double unit = std::ldexp(1.0, -range_exponent);
  double squares = 0;
  std::vector<double> square(channels, 0.0);
  for_each_row(set, [&, mean = f.mean.data(), sums = square.data()](const double* x) {
#pragma omp simd
    for (std::size_t c = 0; c < channels; ++c) {
      const double y = (x[c] - mean[c]) * unit;
      sums[c] += y * y;
    }
  });
  for (const double s : square) squares += s;
  const int norm_exponent = std::ilogb(squares) / 2;
  f.exponent = std::clamp(range_exponent + norm_exponent, -1000, 1000);
  f.squared_norm = std::ldexp(squares, 2 * (range_exponent - f.exponent));
  return f;
}

/// Puts a trial where the device can read it; `staging` holds at least its values there.
template <class In>
TrialView<In> on_device(Backend& backend, const TrialView<In>& x, In* staging) {
  if (backend.shares_host_memory()) return x;
  const auto bytes = at(x.steps * x.channels) * sizeof(In);
  if (x.channel_stride == 1 && x.time_stride == x.channels) {
    backend.upload(staging, x.data, bytes);
  } else {
    std::vector<In> dense(at(x.steps * x.channels));
    copy_samples(x, dense.data());
    backend.upload(staging, dense.data(), bytes);
  }
  return {staging, x.steps, x.channels, x.channels, 1};
}

/// Centred, scaled channels into panels.
template <class T>
void write_channels(Backend& backend, const Factor& f, const kernels::Panels<T>& panels, index_t column) {
  const Survey& survey = f.survey;
  const Buffer<double> mean(backend, std::span<const double>(survey.mean));
  std::visit(
      [&]<class In>(const std::vector<TrialView<In>>& trials) {
        index_t longest = 0;
        for (const auto& x : trials) longest = std::max(longest, x.steps);
        const Buffer<In> staging(backend, backend.shares_host_memory() ? 0 : longest * survey.channels);
        index_t row = 0;
        for (const auto& x : trials) {
          using Program = kernels::PackColumns<In, T>;
          const TrialView<In> y = on_device(backend, x, staging.data());
          const typename Program::Params params{y.data,      y.time_stride,  y.channel_stride, y.steps, y.channels,
                                                mean.data(), survey.scale(), panels,           row,     column};
          backend.launch<Program>(params, Program::items(params));
          row += x.steps;
        }
      },
      survey.system->trials);
}

/// Columns that are in memory one after the other, to the device and into panels.
template <class T>
void write_columns(Backend& backend, const TrialView<double>& x, const kernels::Panels<T>& panels, index_t column) {
  const Buffer<double> zero(backend, std::vector<double>(at(x.channels), 0.0));
  using Program = kernels::PackColumns<double, T>;
  const typename Program::Params params{x.data,      x.time_stride, x.channel_stride, x.steps, x.channels,
                                        zero.data(), 1.0,           panels,           0,       column};
  backend.launch<Program>(params, Program::items(params));
}

/// Vectors that are made before they are packed together, so that whole cache lines are written.
constexpr std::size_t vectors_at_once = 8;

template <class T>
void write_vectors(Backend& backend, std::span<const Factor* const> factors, const kernels::Panels<T>& panels,
                   index_t column) {
  const index_t rows = panels.rows, count = std::ssize(factors);
  const Buffer<double> columns(backend, rows * count);
  for (index_t i = 0; i < count; ++i) {
    const std::vector<double> v = std::get<Generated>(factors[i]->source).make();
    backend.upload(columns.data() + i * rows, v.data(), v.size() * sizeof(double));
  }
  write_columns<T>(backend, {columns.data(), rows, count, 1, rows}, panels, column);
}

/// The product of the channels with a basis.
template <class T>
void write_projection(Backend& backend, const Factor& f, const kernels::Panels<T>& panels, index_t column) {
  const Buffer<double> channels(backend, f.rows * f.survey.channels);
  write_channels(backend, f, kernels::Panels<double>{channels.data(), f.rows, f.survey.channels}, 0);
  const auto& values = std::get<Projected>(f.source).basis;
  const Buffer<double> basis(backend, std::span<const double>(values));
  const Buffer<double> product(backend, f.rows * f.columns);
  backend.gemm({.m = f.rows,
                .n = f.columns,
                .k = f.survey.channels,
                .a = channels.data(),
                .lda = f.survey.channels,
                .b = basis.data(),
                .ldb = f.columns,
                .c = product.data(),
                .ldc = f.columns});
  write_columns<T>(backend, {product.data(), f.rows, f.columns, f.columns, 1}, panels, column);
}

}  // namespace

double Survey::scale() const { return std::ldexp(1.0, -exponent); }

Factor Factor::of(Survey survey) {
  Factor f;
  f.rows = survey.samples;
  f.columns = survey.channels;
  f.usable = survey.usable;
  f.unit = survey.exponent;
  f.squared_norm = survey.squared_norm;
  f.survey = std::move(survey);
  return f;
}

std::vector<Factor> survey(std::span<const TrajectorySet> systems, int threads, const Progress& progress, bool centre) {
  std::vector<Factor> factors(systems.size());
  constexpr index_t batch = 256;  // between two calls of `progress`
  for (index_t first = 0; first < std::ssize(systems); first += batch) {
    parallel_for(std::min(batch, std::ssize(systems) - first), threads,
                 [&](index_t i) { factors[first + i] = Factor::of(survey_one(systems[first + i], centre)); });
    tell_progress(progress, "prepare", std::min(first + batch, std::ssize(systems)), std::ssize(systems));
  }
  for (const Factor& f : factors) {
    if (!f.usable) (void)scan_values(*f.survey.system);  // names the first NaN or Inf, where that is the reason
  }
  return factors;
}

void require_equal_rows(std::span<const Factor> first, std::span<const Factor> second) {
  const Factor* reference = first.empty() ? nullptr : &first.front();
  for (const auto set : {first, second}) {
    for (const Factor& f : set) {
      if (reference == nullptr || f.rows == reference->rows) continue;
      throw Error(ErrorCode::invalid_data, "system '" + f.survey.system->name + "' has " + std::to_string(f.rows) +
                                               " samples (steps of all trials), expected " +
                                               std::to_string(reference->rows) + " as in system '" +
                                               reference->survey.system->name +
                                               "'; this metric compares sample with sample: resample the trials to a "
                                               "common length (Preprocess::resample), or compare by dynamics (dsa)");
    }
  }
}

template <class T>
void write_factors(Backend& backend, std::span<const Factor* const> factors, const kernels::Panels<T>& panels,
                   index_t column) {
  for (std::size_t i = 0; i < factors.size();) {
    const Factor& f = *factors[i];
    std::size_t last = i + 1;
    if (std::holds_alternative<Generated>(f.source)) {
      last = std::min(i + vectors_at_once, factors.size());
      write_vectors(backend, factors.subspan(i, last - i), panels, column);
    } else if (std::holds_alternative<Channels>(f.source)) {
      write_channels(backend, f, panels, column);
    } else {
      write_projection(backend, f, panels, column);
    }
    for (; i < last; ++i) column += factors[i]->columns;
  }
}

std::size_t write_factor_bytes(const Backend& backend, const Factor& f) {
  if (const auto* generated = std::get_if<Generated>(&f.source)) {
    return generated->bytes + vectors_at_once * at(f.rows) * sizeof(double);
  }
  const index_t channels = f.survey.channels;
  const index_t staging = backend.shares_host_memory() ? 0 : f.rows * channels;
  const index_t dense = std::holds_alternative<Channels>(f.source) ? 0 : f.rows * (channels + f.columns);
  return at(staging + dense) * sizeof(double);
}

template void write_factors(Backend&, std::span<const Factor* const>, const kernels::Panels<float>&, index_t);
template void write_factors(Backend&, std::span<const Factor* const>, const kernels::Panels<double>&, index_t);

}  // namespace kindred::host
