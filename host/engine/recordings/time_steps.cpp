#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/samples.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kindred::host {
namespace {

/// Replaces each trial x of T steps by length(T) steps that write(x, T, out, length(T)) makes of it. A piece of which
/// nothing is left goes; a trial is never left with nothing.
template <class Length, class Write>
void map_trials(Samples& r, Length&& length, Write&& write) {
  std::vector<double> values;
  std::vector<index_t> steps, trial_of;
  const double* x = r.values.data();
  for (std::size_t k = 0; k < r.steps.size(); ++k) {
    const index_t before = r.steps[k], after = length(before);
    if (after == 0) {
      ++r.gaps.short_pieces;
    } else {
      const std::size_t at = values.size();
      values.resize(at + static_cast<std::size_t>(after * r.channels));
      write(x, before, values.data() + at, after);
      steps.push_back(after);
      if (r.gaps.cut()) trial_of.push_back(r.gaps.trial_of[k]);
    }
    x += before * r.channels;
  }
  for (index_t& whole : r.gaps.whole_steps) whole = length(whole);
  r.values = std::move(values);
  r.steps = std::move(steps);
  r.gaps.trial_of = std::move(trial_of);
}

/// Sums are of differences to the first sample, so that a channel that never changes gives one value and not its
/// rounding.
void bin(Samples& r, const TrajectorySet& set, const Preprocess& how) {
  const std::vector<index_t>& whole = r.gaps.cut() ? r.gaps.whole_steps : r.steps;
  for (std::size_t k = 0; k < whole.size(); ++k) {
    if (whole[k] >= how.bin) continue;
    fail(ErrorCode::invalid_data, called(set), ", trial ", k, ": ", whole[k],
         " steps are too few for a bin of Preprocess::bin = ", how.bin);
  }
  const index_t hop = how.bin - how.bin_overlap, channels = r.channels;
  const auto width = static_cast<double>(how.bin);
  const auto length = [&](index_t steps) { return steps < how.bin ? 0 : 1 + (steps - how.bin) / hop; };
  map_trials(r, length, [&](const double* x, index_t, double* out, index_t bins) {
    for (index_t j = 0; j < bins; ++j, out += channels) {
      const double* first = x + j * hop * channels;
      std::fill_n(out, channels, 0.0);
      for (index_t i = 1; i < how.bin; ++i) {
        for (index_t c = 0; c < channels; ++c) out[c] += first[i * channels + c] - first[c];
      }
      for (index_t c = 0; c < channels; ++c) {
        out[c] = how.bin_by == BinBy::mean ? first[c] + out[c] / width : first[c] * width + out[c];
      }
    }
  });
}

/// Weights w(0), w(1), ... of the filter; those beyond `most` are not needed.
std::vector<double> gaussian(double deviation, index_t most) {
  const double reach = std::min(std::floor(4 * deviation), static_cast<double>(most));
  std::vector<double> w;
  for (index_t j = 0; j <= static_cast<index_t>(reach); ++j) {
    const double z = static_cast<double>(j) / deviation;
    w.push_back(std::exp(-0.5 * z * z));
  }
  return w;
}

/// y(t) = x(t) + sum_j w(j) (x(t - j) - x(t)) / sum_j w(j): the equation in a form that keeps a constant to the bit.
void smooth(Samples& r, const Preprocess& how) {
  const index_t channels = r.channels;
  const index_t longest = r.steps.empty() ? 0 : *std::max_element(r.steps.begin(), r.steps.end());
  const std::vector<double> w = gaussian(how.smooth, longest - 1);
  const index_t reach = std::ssize(w) - 1;
  const auto same = [](index_t steps) { return steps; };
  map_trials(r, same, [&](const double* x, index_t steps, double* out, index_t) {
    for (index_t t = 0; t < steps; ++t, out += channels) {
      const double* here = x + t * channels;
      const index_t last = how.causal ? t : std::min(t + reach, steps - 1);
      double total = 0;
      std::fill_n(out, channels, 0.0);
      for (index_t s = std::max<index_t>(t - reach, 0); s <= last; ++s) {
        const double weight = w[static_cast<std::size_t>(std::abs(t - s))];
        const double* there = x + s * channels;
        total += weight;
        for (index_t c = 0; c < channels; ++c) out[c] += weight * (there[c] - here[c]);
      }
      for (index_t c = 0; c < channels; ++c) out[c] = here[c] + out[c] / total;
    }
  });
}

void thin_out(Samples& r, index_t every) {
  const index_t channels = r.channels;
  const auto length = [&](index_t steps) { return steps == 0 ? 0 : 1 + (steps - 1) / every; };
  map_trials(r, length, [&](const double* x, index_t, double* out, index_t n) {
    for (index_t i = 0; i < n; ++i) std::copy_n(x + i * every * channels, channels, out + i * channels);
  });
}

/// Value at position i (T - 1) / (n - 1) of each trial's time axis, i = 0 .. n - 1; n = 1 is the first step.
void resample(Samples& r, index_t n) {
  const index_t channels = r.channels;
  map_trials(
      r, [n](index_t) { return n; },
      [&](const double* x, index_t steps, double* out, index_t) {
        for (index_t i = 0; i < n; ++i) {
          const double position = n == 1 ? 0 : static_cast<double>(i * (steps - 1)) / static_cast<double>(n - 1);
          const index_t before = std::min(static_cast<index_t>(position), steps - 1);
          const index_t after = std::min(before + 1, steps - 1);
          const double fraction = position - static_cast<double>(before);
          for (index_t c = 0; c < channels; ++c) {
            const double a = x[before * channels + c], b = x[after * channels + c];
            *out++ = fraction == 0 ? a : a + fraction * (b - a);
          }
        }
      });
}

void average_trials(Samples& r, const TrajectorySet& set) {
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

}  // namespace

void prepare_in_time(Samples& samples, const TrajectorySet& set, const Preprocess& steps) {
  if (samples.gaps.cut() && (steps.resample > 0 || steps.trial_average)) {
    fail(ErrorCode::invalid_data, called(set), " was cut into ", samples.steps.size(), " pieces at ",
         samples.gaps.steps, " steps with missing samples; pieces cannot be ",
         steps.resample > 0 ? "resampled (Preprocess::resample)" : "averaged (Preprocess::trial_average)",
         ": interpolate the gaps (Preprocess::nan, Preprocess::largest_gap), or leave that step out");
  }
  if (steps.bin > 1) bin(samples, set, steps);
  if (steps.smooth > 0) smooth(samples, steps);
  if (steps.every > 1) thin_out(samples, steps.every);
  if (steps.resample > 0) resample(samples, steps.resample);
  if (steps.trial_average) average_trials(samples, set);
}

}  // namespace kindred::host
