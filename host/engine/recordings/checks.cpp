#include "host/engine/recordings/checks.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <variant>

namespace kindred::host {
namespace {

template <class... Part>
[[noreturn]] void fail(ErrorCode code, const Part&... part) {
  std::ostringstream text;
  (text << ... << part);
  throw Error(code, text.str());
}

std::string quoted(const TrajectorySet& system) { return "system '" + system.name + "'"; }

/// max |x| over n values `stride` apart; infinite when a value is not finite.
template <class T>
double largest_magnitude(const T* x, index_t n, index_t stride) {
  T largest = 0;
  int bad = 0;
  const auto scan = [&](index_t step) {
#pragma omp simd reduction(max : largest) reduction(| : bad)
    for (index_t i = 0; i < n; ++i) {
      const T magnitude = std::abs(x[i * step]);
      bad |= !(magnitude <= std::numeric_limits<T>::max());
      largest = magnitude > largest ? magnitude : largest;
    }
  };
  stride == 1 ? scan(1) : scan(stride);
  return bad != 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(largest);
}

/// The same over a trial, walked along its denser axis.
template <class T>
double largest_magnitude(const TrialView<T>& trial) {
  if (trial.channel_stride == 1 && trial.time_stride == trial.channels) {
    return largest_magnitude(trial.data, trial.steps * trial.channels, 1);
  }
  const bool by_time = std::abs(trial.time_stride) < std::abs(trial.channel_stride);
  const index_t lines = by_time ? trial.channels : trial.steps;
  const index_t length = by_time ? trial.steps : trial.channels;
  const index_t line_stride = by_time ? trial.channel_stride : trial.time_stride;
  const index_t stride = by_time ? trial.time_stride : trial.channel_stride;
  double largest = 0;
  for (index_t l = 0; l < lines; ++l) {
    largest = std::max(largest, largest_magnitude(trial.data + l * line_stride, length, stride));
  }
  return largest;
}

/// Throws at the first value of a trial that is not finite.
template <class T>
void require_finite(const TrajectorySet& system, const TrialView<T>& trial, index_t k) {
  for (index_t t = 0; t < trial.steps; ++t) {
    for (index_t c = 0; c < trial.channels; ++c) {
      const T value = trial(t, c);
      if (!std::isfinite(value)) {
        fail(ErrorCode::invalid_data, quoted(system), ", trial ", k, ", time ", t, ", channel ", c, ": the value is ",
             std::isnan(value) ? "NaN" : (value > 0 ? "Inf" : "-Inf"), ", expected a finite number");
      }
    }
  }
}

template <class T>
bool is_constant(const std::vector<TrialView<T>>& trials, index_t channel) {
  const T first = trials.front()(0, channel);
  return std::all_of(trials.begin(), trials.end(), [=](const TrialView<T>& trial) {
    for (index_t t = 0; t < trial.steps; ++t) {
      if (trial(t, channel) != first) return false;
    }
    return true;
  });
}

template <class T>
void check_shape(const TrajectorySet& system, const std::vector<TrialView<T>>& trials) {
  if (trials.empty()) fail(ErrorCode::invalid_data, quoted(system), " has no trials, expected at least one");
  for (std::size_t k = 0; k < trials.size(); ++k) {
    const auto& trial = trials[k];
    if (trial.steps < 1 || trial.channels < 1) {
      fail(ErrorCode::invalid_data, quoted(system), ", trial ", k, " is empty (", trial.steps, " steps x ",
           trial.channels, " channels)");
    }
    if (trial.data == nullptr)
      fail(ErrorCode::invalid_data, quoted(system), ", trial ", k, " has no data (null pointer)");
    if (trial.channels != trials.front().channels) {
      fail(ErrorCode::invalid_data, quoted(system), ", trial ", k, " has ", trial.channels,
           " channels, but trial 0 has ", trials.front().channels, "; the trials of one system need the same channels");
    }
  }
}

template <class T>
ValueScan scan(const TrajectorySet& system, const std::vector<TrialView<T>>& trials) {
  check_shape(system, trials);
  ValueScan result;
  for (std::size_t k = 0; k < trials.size(); ++k) {
    const double largest = largest_magnitude(trials[k]);
    if (std::isinf(largest)) require_finite(system, trials[k], static_cast<index_t>(k));
    result.largest = std::max(result.largest, largest);
  }
  for (index_t c = 0; c < trials.front().channels; ++c) {
    if (is_constant(trials, c)) result.constant_channels.push_back(c);
  }
  return result;
}

std::string list(const std::vector<index_t>& values) {
  constexpr std::size_t most = 8;
  std::ostringstream text;
  for (std::size_t i = 0; i < std::min(values.size(), most); ++i) text << (i > 0 ? ", " : "") << values[i];
  if (values.size() > most) text << " and " << values.size() - most << " more";
  return text.str();
}

void check_steps(const TrajectorySet& system, index_t k, const Dmd& dmd) {
  const index_t steps = system.steps(k);
  const index_t span = (dmd.delays - 1) * dmd.interval;
  if (steps > span + dmd.steps_ahead) return;
  const index_t spare = steps - dmd.steps_ahead - 1;
  std::ostringstream text;
  text << quoted(system) << ", trial " << k << ": " << steps << " steps are too few for " << dmd.delays
       << " delays at interval " << dmd.interval << ", which need " << span + dmd.steps_ahead + 1;
  if (spare >= 0) {
    text << "; the largest number of delays that fits is " << spare / dmd.interval + 1;
  } else {
    text << "; no number of delays fits";
  }
  throw Error(ErrorCode::invalid_data, text.str());
}

}  // namespace

void check_shape(const TrajectorySet& system) {
  std::visit([&](const auto& trials) { check_shape(system, trials); }, system.trials);
}

ValueScan scan_values(const TrajectorySet& system) {
  return std::visit([&](const auto& trials) { return scan(system, trials); }, system.trials);
}

void check_parameters(const Dmd& dmd) {
  static constexpr index_t most = std::numeric_limits<std::int32_t>::max();
  const auto in_range = [](const char* what, index_t value, index_t least) {
    if (value < least || value > most) {
      fail(ErrorCode::invalid_argument, what, " is ", value, ", expected ", least, " .. ", most);
    }
  };
  in_range("number of delays", dmd.delays, 1);
  in_range("delay interval", dmd.interval, 1);
  in_range("rank", dmd.rank, 0);
  in_range("number of steps ahead", dmd.steps_ahead, 1);
  if (!(dmd.ridge >= 0) || std::isinf(dmd.ridge)) {
    fail(ErrorCode::invalid_argument, "ridge is ", dmd.ridge, ", expected a finite number >= 0");
  }
}

Embedding examine(const TrajectorySet& system, const ValueScan& values, const Dmd& dmd) {
  Embedding out;
  out.channels = system.channels();
  out.columns = dmd.delays * out.channels;
  for (index_t k = 0; k < system.trial_count(); ++k) {
    check_steps(system, k, dmd);
    out.trial_rows.push_back(system.steps(k) - (dmd.delays - 1) * dmd.interval);
    out.rows += out.trial_rows.back();
  }
  if (dmd.rank > out.columns) {
    fail(ErrorCode::invalid_argument, "rank ", dmd.rank, " exceeds the ", out.columns, " columns of ", quoted(system),
         " (", dmd.delays, " delays x ", out.channels, " channels)");
  }
  if (dmd.rank > out.rows) {
    fail(ErrorCode::invalid_argument, "rank ", dmd.rank, " exceeds the ", out.rows, " rows of ", quoted(system),
         " after embedding");
  }
  const auto constant = static_cast<index_t>(values.constant_channels.size());
  if (constant == out.channels) {
    out.status = FitStatus::failed;
    out.detail = constant == 1 ? "its only channel is constant" : "all its channels are constant";
    return out;
  }
  if (constant > 0) {
    out.status = FitStatus::constant_channel;
    out.detail = (constant == 1 ? "constant channel " : "constant channels ") + list(values.constant_channels);
  }
  int exponent = 0;
  std::frexp(values.largest, &exponent);
  out.scale = std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
  return out;
}

}  // namespace kindred::host
