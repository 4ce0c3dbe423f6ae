#pragma once
/// One system's samples while they are prepared, and the steps of the preparation that work along time
/// (kindred/preprocess.hpp has the equations).
#include <kindred/preprocess.hpp>
#include <kindred/trajectories.hpp>

#include <string>
#include <vector>

namespace kindred::host {

/// The trials of one system, or the pieces that they were cut into, stacked: rows x channels, row-major.
struct Samples {
  std::vector<double> values;
  std::vector<index_t> steps;  ///< of each trial or piece
  index_t channels = 0;
  index_t inputs = 0;  ///< the last of the channels are inputs, until they are taken apart
  Gaps gaps;
  std::string failure;  ///< TrajectorySet::failure

  [[nodiscard]] index_t rows() const { return channels == 0 ? 0 : std::ssize(values) / channels; }
  /// The recorded trial that trial or piece k is of.
  [[nodiscard]] std::size_t trial_of(std::size_t k) const { return gaps.cut() ? gaps.trial_of[k] : k; }
};

/// The samples of a system in host memory with its inputs as further channels, its missing ones treated as `steps`
/// says. Throws Error{invalid_data} at the first value that is not finite (naming system, trial, time, channel) and may
/// not be missing. A system of which nothing is left has no pieces. Cost: one or two reads of the data.
[[nodiscard]] Samples read_samples(const TrajectorySet& set, const Preprocess& steps);

/// Takes the inputs out: rows x inputs, row-major.
[[nodiscard]] std::vector<double> take_inputs(Samples& samples);

/// Bins, filters, thins out and resamples each trial, and averages over trials, in this order. Throws
/// Error{invalid_data} naming the system: for a trial shorter than a bin, trials of unequal steps that are to be
/// averaged, and trials that were cut where they are to be resampled or averaged.
/// Cost O(values), of the filter O(values min(s, T)).
void prepare_in_time(Samples& samples, const TrajectorySet& set, const Preprocess& steps);

}  // namespace kindred::host
