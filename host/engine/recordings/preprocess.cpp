#include "host/engine/recordings/preprocess.hpp"

#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/rows.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// One system's trials, stacked: rows x channels, row-major.
struct Recording {
  std::vector<double> values;
  std::vector<index_t> steps;  ///< of each trial
  index_t channels = 0;

  [[nodiscard]] index_t rows() const { return channels == 0 ? 0 : std::ssize(values) / channels; }
};

Recording read(const TrajectorySet& set) {
  Recording out;
  out.channels = set.channels();
  for (index_t k = 0; k < set.trial_count(); ++k) out.steps.push_back(set.steps(k));
  out.values = dense_rows(set);
  return out;
}

/// Value at position i (T - 1) / (n - 1) of each trial's time axis, i = 0 .. n - 1; n = 1 is the first step.
void resample(Recording& r, index_t n) {
  std::vector<double> out;
  out.reserve(r.steps.size() * static_cast<std::size_t>(n * r.channels));
  const double* trial = r.values.data();
  for (const index_t steps : r.steps) {
    for (index_t i = 0; i < n; ++i) {
      const double position = n == 1 ? 0 : static_cast<double>(i * (steps - 1)) / static_cast<double>(n - 1);
      const index_t before = std::min(static_cast<index_t>(position), steps - 1);
      const index_t after = std::min(before + 1, steps - 1);
      const double fraction = position - static_cast<double>(before);
      for (index_t c = 0; c < r.channels; ++c) {
        const double x = trial[before * r.channels + c], y = trial[after * r.channels + c];
        out.push_back(fraction == 0 ? x : x + fraction * (y - x));
      }
    }
    trial += steps * r.channels;
  }
  std::fill(r.steps.begin(), r.steps.end(), n);
  r.values = std::move(out);
}

void average_trials(Recording& r, const TrajectorySet& set) {
  for (std::size_t k = 0; k < r.steps.size(); ++k) {
    if (r.steps[k] == r.steps[0]) continue;
    fail(ErrorCode::invalid_data, "trial ", k, " of ", called(set), " has ", r.steps[k], " steps, expected ",
         r.steps[0], " as in trial 0 to average over trials; resample them to a common length (Preprocess::resample)");
  }
  const auto size = static_cast<std::size_t>(r.steps[0] * r.channels);
  std::vector<double> mean(size, 0.0);
  for (std::size_t i = 0; i < r.values.size(); ++i) mean[i % size] += r.values[i];
  for (double& x : mean) x /= static_cast<double>(r.steps.size());
  r.steps.resize(1);
  r.values = std::move(mean);
}

std::vector<double> column_means(const Recording& r) {
  const auto channels = static_cast<std::size_t>(r.channels);
  std::vector<double> sum(channels, 0.0);
  for (std::size_t i = 0; i < r.values.size(); ++i) sum[i % channels] += r.values[i];
  for (double& s : sum) s /= static_cast<double>(r.rows());
  return sum;
}

void subtract(Recording& r, const std::vector<double>& mean) {
  for (std::size_t i = 0; i < r.values.size(); ++i) r.values[i] -= mean[i % mean.size()];
}

void scale(Recording& r, Scaling scaling) {
  if (scaling == Scaling::none) return;
  const auto channels = static_cast<std::size_t>(r.channels);
  std::vector<bool> constant(channels, true);
  for (std::size_t i = channels; i < r.values.size(); ++i) {
    if (r.values[i] != r.values[i % channels]) constant[i % channels] = false;
  }
  subtract(r, column_means(r));
  std::vector<double> square(channels, 0.0);
  for (std::size_t i = 0; i < r.values.size(); ++i) square[i % channels] += r.values[i] * r.values[i];
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    const std::size_t c = i % channels;
    if (constant[c]) {
      r.values[i] = 0;
    } else if (scaling == Scaling::zscore) {
      r.values[i] /= std::sqrt(square[c] / static_cast<double>(r.rows()));
    }
  }
}

/// Leading eigenvectors of a C x C Gram matrix on the device: rows of a k x C array.
std::vector<double> leading_directions(Backend& backend, double* gram, index_t channels, index_t k) {
  const Buffer<double> w(backend, channels);
  backend.eigh(packed(gram, channels, channels), w.data(), channels, 1, channels);
  std::vector<double> vectors(static_cast<std::size_t>(channels * channels)), out;
  backend.download(vectors.data(), gram, vectors.size() * sizeof(double));
  for (index_t i = 0; i < k; ++i) {
    const auto row = vectors.begin() + (channels - 1 - i) * channels;
    out.insert(out.end(), row, row + channels);
  }
  return out;
}

void accumulate_gram(Backend& backend, const Recording& r, double beta, double* gram) {
  const Buffer<double> x(backend, std::span<const double>(r.values));
  backend.gram(packed(x.data(), r.rows(), r.channels), beta, packed(gram, r.channels, r.channels), 1);
  backend.synchronize();
}

/// X <- X V^T, V: k x C.
void project(Backend& backend, Recording& r, const std::vector<double>& directions, index_t k) {
  const Buffer<double> x(backend, std::span<const double>(r.values)), v(backend, std::span<const double>(directions));
  const index_t rows = r.rows();
  const Buffer<double> y(backend, rows * k);
  backend.gemm(1.0, packed(x.data(), rows, r.channels), t(packed(v.data(), k, r.channels)), 0.0,
               packed(y.data(), rows, k));
  r.values.resize(static_cast<std::size_t>(rows * k));
  r.channels = k;
  y.download(r.values);
}

void require_components(const Recording& r, const TrajectorySet& set, index_t k) {
  if (r.rows() >= k && r.channels >= k) return;
  fail(ErrorCode::invalid_data, called(set), " has ", r.rows(), " samples of ", r.channels,
       " channels, expected at least ", k, " of each for ", k, " components");
}

/// A recording resampled, averaged and scaled.
Recording prepare(const TrajectorySet& set, const Preprocess& steps) {
  Recording r = read(set);
  if (steps.resample > 0) resample(r, steps.resample);
  if (steps.trial_average) average_trials(r, set);
  scale(r, steps.scaling);
  if (steps.components > 0) require_components(r, set, steps.components);
  return r;
}

/// The mean of all samples, and the leading directions about it: k x C.
struct CommonBasis {
  std::vector<double> mean, directions;
};

/// Two passes over the systems, one of them in memory at a time.
CommonBasis common_basis(Backend& backend, std::span<const TrajectorySet> systems, const Preprocess& steps) {
  CommonBasis out;
  const index_t channels = systems.front().channels();
  out.mean.assign(static_cast<std::size_t>(channels), 0.0);
  double samples = 0;
  for (const TrajectorySet& set : systems) {
    const Recording r = prepare(set, steps);
    if (r.channels != channels) {
      fail(ErrorCode::invalid_data, called(set), " has ", r.channels, " channels, expected ", channels, " as in ",
           called(systems.front()), " for a common basis");
    }
    const std::vector<double> own = column_means(r);
    for (std::size_t c = 0; c < own.size(); ++c) out.mean[c] += own[c] * static_cast<double>(r.rows());
    samples += static_cast<double>(r.rows());
  }
  for (double& x : out.mean) x /= samples;
  const Buffer<double> gram(backend, channels * channels);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    Recording r = prepare(systems[i], steps);
    subtract(r, out.mean);
    accumulate_gram(backend, r, i == 0 ? 0 : 1, gram.data());
  }
  out.directions = leading_directions(backend, gram.data(), channels, steps.components);
  return out;
}

/// The leading principal components of one system's own channels.
void reduce(Backend& backend, Recording& r, index_t k) {
  subtract(r, column_means(r));
  const Buffer<double> gram(backend, r.channels * r.channels);
  accumulate_gram(backend, r, 0, gram.data());
  project(backend, r, leading_directions(backend, gram.data(), r.channels, k), k);
}

TrajectorySet as_set(Recording recording, const TrajectorySet& like) {
  TrajectorySet out;
  out.name = like.name;
  out.label = like.label;
  const auto storage = std::make_shared<const std::vector<double>>(std::move(recording.values));
  std::vector<TrialView<double>> trials;
  const double* x = storage->data();
  for (const index_t steps : recording.steps) {
    trials.push_back({x, steps, recording.channels, recording.channels, 1});
    x += steps * recording.channels;
  }
  out.trials = std::move(trials);
  out.storage = storage;
  return out;
}

}  // namespace

std::vector<TrajectorySet> preprocess(Recordings& recordings, const Preprocess& steps) {
  Backend& backend = recordings.backend();
  const std::span<const TrajectorySet> systems = recordings.host();
  if (steps.resample < 0 || steps.components < 0) {
    fail(ErrorCode::invalid_argument, "resample is ", steps.resample, " and components is ", steps.components,
         ", expected 0 (off) or more");
  }
  const index_t k = steps.components;
  const bool common = k > 0 && steps.common_basis && !systems.empty();
  const CommonBasis basis = common ? common_basis(backend, systems, steps) : CommonBasis{};
  std::vector<TrajectorySet> out;
  for (const TrajectorySet& set : systems) {
    Recording r = prepare(set, steps);
    if (common) {
      subtract(r, basis.mean);
      project(backend, r, basis.directions, k);
    } else if (k > 0) {
      reduce(backend, r, k);
    }
    out.push_back(as_set(std::move(r), set));
  }
  return out;
}

}  // namespace kindred::host
