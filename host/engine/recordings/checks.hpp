#pragma once
/// Checks of what the caller hands in, done once, before any work. Every message names the system, the place and the
/// value found, and what was expected.
#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <string>
#include <vector>

namespace kindred::host {

/// One pass over a system's values.
struct ValueScan {
  double largest = 0;                      ///< max |x|
  std::vector<index_t> constant_channels;  ///< channels that have one value in all trials
};

/// Throws Error{invalid_data} for a set without trials, a null, empty or channel-less trial, trials of different
/// channel counts, and the first NaN or Inf (system, trial, time, channel). Cost: one read of the data.
[[nodiscard]] ValueScan scan_values(const TrajectorySet& system);

/// The same for all but the values, which may lie on a device.
void check_shape(const TrajectorySet& system);

/// Throws Error{invalid_argument} for a parameter out of range.
void check_parameters(const Dmd& dmd);

/// The delay embedding of one system and what its values allow.
struct Embedding {
  index_t channels = 0;
  index_t columns = 0;              ///< d C
  index_t rows = 0;                 ///< sum over trials of T_k - (d - 1) tau
  std::vector<index_t> trial_rows;  ///< rows of each trial, at least steps_ahead + 1
  double scale = 1;  ///< power of two that brings the largest value into [1/2, 1); the operator does not change
  FitStatus status = FitStatus::ok;  ///< ok, constant_channel or failed
  std::string detail;
};

/// Checks one system, whose values were scanned, against the parameters. Throws Error{invalid_data} for a trial with too
/// few steps (states T, d, tau and the largest d that fits); Error{invalid_argument} for a rank above the rows or
/// columns. A system in which no channel ever changes is not an error of the call: its status is failed.
[[nodiscard]] Embedding examine(const TrajectorySet& system, const ValueScan& values, const Dmd& dmd);

}  // namespace kindred::host
