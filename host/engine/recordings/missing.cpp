#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/recordings/samples.hpp"
#include "host/engine/recordings/value_scan.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// "channel 3", "input 0".
std::string place(const TrajectorySet& set, index_t column) {
  const index_t input = column - set.channels();
  return input < 0 ? "channel " + std::to_string(column) : "input " + std::to_string(input);
}

/// NaN among the values of a trial. Throws at the first infinity.
index_t count_missing(const TrajectorySet& set, index_t trial, const double* x, index_t steps, index_t channels) {
  index_t missing = 0;
  for (index_t i = 0; i < steps * channels; ++i) {
    if (std::isfinite(x[i])) continue;
    if (std::isinf(x[i])) {
      fail(ErrorCode::invalid_data, called(set), ", trial ", trial, ", time ", i / channels, ", ",
           place(set, i % channels), ": the value is ", x[i] > 0 ? "Inf" : "-Inf",
           ", expected a finite number, or NaN for a missing one");
    }
    ++missing;
  }
  return missing;
}

/// Bridges the gaps inside a trial of at most `longest` steps, a channel at a time; returns how many values it gave.
index_t interpolate(double* x, index_t steps, index_t channels, index_t longest) {
  index_t given = 0;
  for (index_t c = 0; c < channels; ++c) {
    index_t last = -1;  // the last value that is there
    for (index_t t = 0; t < steps; ++t) {
      const double after = x[t * channels + c];
      if (std::isnan(after)) continue;
      const index_t gap = t - last - 1;
      if (last >= 0 && gap > 0 && gap <= longest) {
        const double before = x[last * channels + c];
        for (index_t i = 1; i <= gap; ++i) {
          const double fraction = static_cast<double>(i) / static_cast<double>(gap + 1);
          x[(last + i) * channels + c] = before + fraction * (after - before);
        }
        given += gap;
      }
      last = t;
    }
  }
  return given;
}

bool is_whole(const double* row, index_t channels) {
  return std::none_of(row, row + channels, [](double x) { return std::isnan(x); });
}

/// Leaves out the steps that still miss a value, and cuts the trials there.
void cut(Samples& r) {
  Samples out;
  out.channels = r.channels;
  out.inputs = r.inputs;
  out.failure = r.failure;
  out.gaps = r.gaps;
  out.gaps.whole_steps = r.steps;
  const double* row = r.values.data();
  for (std::size_t k = 0; k < r.steps.size(); ++k) {
    bool open = false;  // whether the last piece goes on
    for (index_t t = 0; t < r.steps[k]; ++t, row += r.channels) {
      if (!is_whole(row, r.channels)) {
        ++out.gaps.steps;
        open = false;
        continue;
      }
      if (!open) {
        out.steps.push_back(0);
        out.gaps.trial_of.push_back(static_cast<index_t>(k));
        open = true;
      }
      ++out.steps.back();
      out.values.insert(out.values.end(), row, row + r.channels);
    }
  }
  if (out.gaps.steps > 0) r = std::move(out);
}

/// Columns beside the recording's own.
void append_inputs(Samples& r, const std::vector<double>& inputs, index_t count) {
  std::vector<double> both;
  both.reserve(r.values.size() + inputs.size());
  const double* y = r.values.data();
  for (const double* u = inputs.data(); u != inputs.data() + inputs.size(); u += count, y += r.channels) {
    both.insert(both.end(), y, y + r.channels);
    both.insert(both.end(), u, u + count);
  }
  r.values = std::move(both);
  r.channels += count;
  r.inputs = count;
}

}  // namespace

std::vector<double> take_inputs(Samples& r) {
  std::vector<double> own, inputs;
  const index_t channels = r.channels - r.inputs;
  if (r.inputs == 0) return inputs;
  for (const double* row = r.values.data(); row != r.values.data() + r.values.size(); row += r.channels) {
    own.insert(own.end(), row, row + channels);
    inputs.insert(inputs.end(), row + channels, row + r.channels);
  }
  r.values = std::move(own);
  r.channels = channels;
  r.inputs = 0;
  return inputs;
}

Samples read_samples(const TrajectorySet& set, const Preprocess& steps) {
  if (steps.nan == Missing::error) (void)scan_values(set);
  Samples out;
  out.failure = set.failure;
  out.channels = set.channels();
  for (index_t k = 0; k < set.trial_count(); ++k) out.steps.push_back(set.steps(k));
  out.values = dense_rows(set);
  if (set.input_count() > 0) {
    const TrajectorySet inputs = inputs_of(set);
    if (steps.nan == Missing::error) (void)scan_values(inputs);
    append_inputs(out, dense_rows(inputs), inputs.channels());
  }
  if (steps.nan == Missing::error) return out;
  double* x = out.values.data();
  for (std::size_t k = 0; k < out.steps.size(); ++k) {
    const index_t missing = count_missing(set, static_cast<index_t>(k), x, out.steps[k], out.channels);
    out.gaps.values += missing;
    if (missing > 0 && steps.nan == Missing::interpolate) {
      out.gaps.interpolated += interpolate(x, out.steps[k], out.channels, steps.largest_gap);
    }
    x += out.steps[k] * out.channels;
  }
  if (out.gaps.values > out.gaps.interpolated) cut(out);
  return out;
}

}  // namespace kindred::host
