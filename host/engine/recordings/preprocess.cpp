#include "host/engine/recordings/preprocess.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/observables.hpp"
#include "host/engine/recordings/samples.hpp"

#include <kindred/preprocess_fields.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

std::vector<double> column_means(const Samples& r) {
  const auto channels = at(r.channels);
  std::vector<double> sum(channels, 0.0);
  for (std::size_t i = 0; i < r.values.size(); ++i) sum[i % channels] += r.values[i];
  for (double& s : sum) s /= static_cast<double>(r.rows());
  return sum;
}

void subtract(Samples& r, const std::vector<double>& mean) {
  for (std::size_t i = 0; i < r.values.size(); ++i) r.values[i] -= mean[i % mean.size()];
}

/// Each channel of a stretch of rows without its mean and, for a z-score, over its standard deviation.
void scale_channels(std::span<double> values, index_t count, bool by_deviation) {
  const auto channels = at(count);
  const double rows = static_cast<double>(values.size() / channels);
  std::vector<bool> constant(channels, true);
  std::vector<double> mean(channels, 0.0), square(channels, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != values[i % channels]) constant[i % channels] = false;
    mean[i % channels] += values[i];
  }
  for (double& m : mean) m /= rows;
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& x = values[i];
    x -= mean[i % channels];
    square[i % channels] += x * x;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = i % channels;
    if (constant[c]) {
      values[i] = 0;
    } else if (by_deviation) {
      values[i] /= std::sqrt(square[c] / rows);
    }
  }
}

/// A trial between its least value, which becomes 0, and its largest, which becomes 1.
void scale_to_unit(std::span<double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double least = *low, range = *high - *low;
  for (double& x : values) x = range > 0 ? (x - least) / range : 0;
}

/// Calls f(values) with the samples of each recorded trial: all pieces of one, which lie one after another, together.
template <class F>
void for_each_trial(Samples& r, F&& f) {
  std::size_t end = 0;
  for (std::size_t k = 0; k < r.steps.size();) {
    const std::size_t trial = r.trial_of(k), first = end;
    for (; k < r.steps.size() && r.trial_of(k) == trial; ++k) end += at(r.steps[k] * r.channels);
    f(std::span(r.values).subspan(first, end - first));
  }
}

void scale(Samples& r, Scaling scaling) {
  switch (scaling) {
    case Scaling::none:
      break;
    case Scaling::centre:
    case Scaling::zscore:
      scale_channels(r.values, r.channels, scaling == Scaling::zscore);
      break;
    case Scaling::zscore_trial:
      for_each_trial(r, [&](std::span<double> values) { scale_channels(values, r.channels, true); });
      break;
    case Scaling::unit_trial:
      for_each_trial(r, scale_to_unit);
      break;
  }
}

/// Principal directions of `samples` centred rows of C channels: k x C, the leading first.
struct Basis {
  std::vector<double> directions;
  index_t count = 0;
};

/// How many of the variances, which ascend, carry the share; at least one.
index_t leading_count(std::span<const double> variances, double share, double samples) {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  const double largest = variances.back();
  const double rounding = std::max(samples, static_cast<double>(variances.size())) * eps * largest;
  double total = 0, left_out = 0;
  for (const double v : variances) total += v > rounding ? v : 0;
  std::size_t first = 0;
  for (; first + 1 < variances.size(); ++first) {
    left_out += variances[first] > rounding ? variances[first] : 0;
    if (left_out > (1 - share) * total) break;
  }
  return std::ssize(variances) - static_cast<index_t>(first);
}

/// The leading eigenvectors of a C x C Gram matrix on the device.
Basis leading_directions(Backend& backend, double* gram, index_t channels, const Preprocess& steps, double samples) {
  const Buffer<double> w(backend, channels);
  backend.eigh(packed(gram, channels, channels), w.data(), channels, 1, channels);
  std::vector<double> vectors(at(channels * channels));
  backend.download(vectors.data(), gram, vectors.size() * sizeof(double));
  Basis out;
  out.count = steps.components;
  if (steps.variance > 0) {
    std::vector<double> variances(at(channels));
    w.download(variances);
    out.count = leading_count(variances, steps.variance, samples);
  }
  for (index_t i = 0; i < out.count; ++i) {
    const auto row = vectors.begin() + (channels - 1 - i) * channels;
    out.directions.insert(out.directions.end(), row, row + channels);
  }
  return out;
}

void accumulate_gram(Backend& backend, const Samples& r, double beta, double* gram) {
  const Buffer<double> x(backend, std::span<const double>(r.values));
  backend.gram(packed(x.data(), r.rows(), r.channels), beta, packed(gram, r.channels, r.channels), 1);
  backend.synchronize();
}

/// X <- X V^T, V: k x C.
void project(Backend& backend, Samples& r, const Basis& basis) {
  const Buffer<double> x(backend, std::span<const double>(r.values));
  const Buffer<double> v(backend, std::span<const double>(basis.directions));
  const index_t rows = r.rows();
  const Buffer<double> y(backend, rows * basis.count);
  backend.gemm(1.0, packed(x.data(), rows, r.channels), t(packed(v.data(), basis.count, r.channels)), 0.0,
               packed(y.data(), rows, basis.count));
  r.values.resize(at(rows * basis.count));
  r.channels = basis.count;
  y.download(r.values);
}

void require_components(const Samples& r, const TrajectorySet& set, index_t k) {
  if (r.steps.empty() || (r.rows() >= k && r.channels >= k)) return;
  fail(ErrorCode::invalid_data, called(set), " has ", r.rows(), " samples of ", r.channels,
       " channels, expected at least ", k, " of each for ", k, " components");
}

/// A recording up to its scaling, and its inputs.
struct Prepared {
  Samples samples;
  std::vector<double> inputs;
};

bool reduces(const Preprocess& steps) { return steps.components > 0 || steps.variance > 0; }

/// Has a system fail by itself whose values leave the range of double precision: those that are not finite, or of which
/// squares are needed that overflow or vanish.
void check_range(Samples& r, bool squares) {
  constexpr double least = 1e-140, most = 1e140;
  double largest = 0;
  for (const double x : r.values) largest = std::abs(x) <= largest ? largest : std::abs(x);  // a NaN stays
  const bool fits = squares ? largest == 0 || (largest >= least && largest <= most) : std::isfinite(largest);
  if (fits || !r.failure.empty()) return;
  std::ostringstream text;
  text << "its values, as large as " << largest
       << ", leave the range of double precision in its preparation: bring it to other units";
  r.failure = text.str();
  std::fill(r.values.begin(), r.values.end(), 0.0);
}

Prepared prepare(const TrajectorySet& set, const Preprocess& steps) {
  Prepared out;
  Samples& r = out.samples;
  r = read_samples(set, steps);
  prepare_in_time(r, set, steps);
  out.inputs = take_inputs(r);
  check_range(r, steps.scaling != Scaling::none || reduces(steps) || steps.observables != Observables::none);
  scale(r, steps.scaling);
  require_components(r, set, steps.components);
  return out;
}

/// The mean of all samples, and the leading directions about it.
struct CommonBasis {
  std::vector<double> mean;
  Basis basis;
};

/// Two passes over the systems, one of them in memory at a time.
CommonBasis common_basis(Backend& backend, std::span<const TrajectorySet> systems, std::span<const Preprocess> steps) {
  CommonBasis out;
  const index_t channels = systems.front().channels();
  out.mean.assign(at(channels), 0.0);
  double samples = 0;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    const Samples r = prepare(systems[i], steps[i]).samples;
    if (r.channels != channels) {
      fail(ErrorCode::invalid_data, called(systems[i]), " has ", r.channels, " channels, expected ", channels,
           " as in ", called(systems.front()), " for a common basis");
    }
    if (r.steps.empty() || !r.failure.empty()) continue;
    const std::vector<double> own = column_means(r);
    for (std::size_t c = 0; c < own.size(); ++c) out.mean[c] += own[c] * static_cast<double>(r.rows());
    samples += static_cast<double>(r.rows());
  }
  if (samples == 0) return out;  // nothing is left of any system
  for (double& x : out.mean) x /= samples;
  const Buffer<double> gram(backend, channels * channels);
  bool first = true;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    Samples r = prepare(systems[i], steps[i]).samples;
    if (r.steps.empty() || !r.failure.empty()) continue;
    subtract(r, out.mean);
    accumulate_gram(backend, r, first ? 0 : 1, gram.data());
    first = false;
  }
  out.basis = leading_directions(backend, gram.data(), channels, steps.front(), samples);
  return out;
}

/// The leading principal components of one system's own channels.
void reduce(Backend& backend, Samples& r, const Preprocess& steps) {
  subtract(r, column_means(r));
  const Buffer<double> gram(backend, r.channels * r.channels);
  accumulate_gram(backend, r, 0, gram.data());
  project(backend, r, leading_directions(backend, gram.data(), r.channels, steps, static_cast<double>(r.rows())));
}

/// Rows of `channels` values cut into trials of these steps.
std::vector<TrialView<double>> views(const std::vector<double>& values, const std::vector<index_t>& steps,
                                     index_t channels) {
  std::vector<TrialView<double>> out;
  const double* x = values.data();
  for (const index_t n : steps) {
    out.push_back({x, n, channels, channels, 1});
    x += n * channels;
  }
  return out;
}

TrajectorySet as_set(Samples samples, std::vector<double> inputs, const TrajectorySet& like) {
  TrajectorySet out;
  out.name = like.name;
  out.label = like.label;
  using Values = std::vector<double>;
  const auto storage = std::make_shared<const std::pair<Values, Values>>(std::move(samples.values), std::move(inputs));
  out.trials = views(storage->first, samples.steps, samples.channels);
  if (like.input_count() > 0) out.inputs = views(storage->second, samples.steps, like.input_count());
  out.storage = storage;
  out.gaps = std::move(samples.gaps);
  out.failure = std::move(samples.failure);
  return out;
}

/// refuse(...) for parameters of observables that are out of range, or that nothing looks at.
template <class Refuse>
void check_observables(const Preprocess& p, const Refuse& refuse) {
  const Preprocess defaults;
  const bool fourier = p.observables == Observables::fourier;
  if (fourier || p.observables == Observables::nystroem) {
    if (fourier && (p.features < 2 || p.features % 2 != 0 || p.features > 20000)) {
      refuse("Preprocess::features = ", p.features, ", expected an even number from 2 to 20000");
    }
    if (!fourier && (p.features < 1 || p.features > 5000)) {
      refuse("Preprocess::features = ", p.features, ", expected 1 to 5000 landmarks");
    }
    if (!(p.features_scale > 0) || std::isinf(p.features_scale)) {
      refuse("Preprocess::features_scale = ", p.features_scale, ", expected a finite number above 0");
    }
    if (p.features_seed < 0) refuse("Preprocess::features_seed = ", p.features_seed, ", expected 0 or more");
  } else if (p.features != defaults.features || p.features_scale != defaults.features_scale ||
             p.features_seed != defaults.features_seed || p.features_state) {
    refuse(
        "Preprocess::features, Preprocess::features_scale, Preprocess::features_seed and Preprocess::features_state "
        "are for Preprocess::observables = fourier or nystroem");
  }
  if (p.observables == Observables::polynomial) {
    if (p.degree < 1 || p.degree > 10) refuse("Preprocess::degree = ", p.degree, ", expected 1 to 10");
  } else if (p.degree != defaults.degree) {
    refuse("Preprocess::degree = ", p.degree, " is for Preprocess::observables = polynomial");
  }
}

/// Throws invalid_argument; `where` is empty, or names the system that has steps of its own.
void check(const Preprocess& p, const std::string& where) {
  const auto refuse = [&](const auto&... parts) { fail(ErrorCode::invalid_argument, where, parts...); };
  const auto at_least = [&](const char* field, index_t value, index_t least) {
    if (value < least) refuse(field, " = ", value, ", expected ", least, " or more");
  };
  at_least("Preprocess::largest_gap", p.largest_gap, 0);
  at_least("Preprocess::bin", p.bin, 1);
  at_least("Preprocess::every", p.every, 1);
  at_least("Preprocess::resample", p.resample, 0);
  at_least("Preprocess::components", p.components, 0);
  if (p.nan == Missing::interpolate && p.largest_gap == 0) {
    refuse("interpolation needs the longest gap, in steps, that may be bridged: Preprocess::largest_gap is 0");
  }
  if (p.nan != Missing::interpolate && p.largest_gap > 0) {
    refuse("Preprocess::largest_gap = ", p.largest_gap, " is for Preprocess::nan = interpolate");
  }
  if (p.bin_overlap < 0 || p.bin_overlap >= p.bin) {
    refuse("Preprocess::bin_overlap = ", p.bin_overlap, ", expected 0 to ", p.bin - 1, ", less than Preprocess::bin");
  }
  if (!(p.smooth >= 0) || std::isinf(p.smooth)) {
    refuse("Preprocess::smooth = ", p.smooth, ", expected a finite number of samples, 0 or more");
  }
  if (p.causal && p.smooth == 0) refuse("Preprocess::causal is for a filter: Preprocess::smooth is 0");
  if (!(p.variance >= 0 && p.variance <= 1)) {
    refuse("Preprocess::variance = ", p.variance, ", expected a share from 0 to 1");
  }
  if (p.variance > 0 && p.components > 0) {
    refuse("Preprocess::components = ", p.components, " and Preprocess::variance = ", p.variance,
           " exclude each other");
  }
  check_observables(p, refuse);
  if (p.common_basis && !reduces(p)) {
    refuse("Preprocess::common_basis needs Preprocess::components or Preprocess::variance");
  }
}

/// The steps of each system, checked.
std::vector<Preprocess> steps_of(std::span<const TrajectorySet> systems, const Preprocess& steps) {
  check(steps, "");
  std::vector<Preprocess> out;
  for (const TrajectorySet& set : systems) {
    out.push_back(preprocess_of(set, steps));
    const Preprocess& own = out.back();
    if (!set.preprocess.empty()) check(own, called(set) + ": ");
    const Preprocess& first = out.front();
    if (own.common_basis == first.common_basis &&
        (!own.common_basis || (own.components == first.components && own.variance == first.variance))) {
      continue;
    }
    fail(ErrorCode::invalid_argument, called(set), " and ", called(systems.front()),
         " ask for different components, and a common basis (Preprocess::common_basis) is one for all systems");
  }
  return out;
}

}  // namespace

std::vector<TrajectorySet> preprocess(Recordings& recordings, const Preprocess& given) {
  Backend& backend = recordings.backend();
  const std::span<const TrajectorySet> systems = recordings.host();
  const std::vector<Preprocess> steps = steps_of(systems, given);
  const bool common = !systems.empty() && steps.front().common_basis;
  const CommonBasis basis = common ? common_basis(backend, systems, steps) : CommonBasis{};
  std::vector<TrajectorySet> out;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    auto [r, inputs] = prepare(systems[i], steps[i]);
    if (reduces(steps[i]) && !r.steps.empty()) {
      if (common) {
        subtract(r, basis.mean);
        project(backend, r, basis.basis);
      } else {
        reduce(backend, r, steps[i]);
      }
    }
    std::string failure = r.failure;
    observe(backend, r, systems[i], steps[i]);
    if (!failure.empty()) r.failure = std::move(failure);
    check_range(r, false);
    out.push_back(as_set(std::move(r), std::move(inputs), systems[i]));
  }
  return out;
}

}  // namespace kindred::host
