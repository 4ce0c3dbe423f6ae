#pragma once
/// One pass over the values of recordings: how large they are, which channels never change, and the first value that is
/// not finite. On the host by a loop, on a device by a block program (kernels/program/scan_values.hpp).
#include "host/backend/backend.hpp"

#include <kindred/trajectories.hpp>

#include <span>
#include <vector>

namespace kindred::host {

struct ValueScan {
  double largest = 0;                      ///< max |x|; infinite: some value is not finite (scans of a device alone)
  std::vector<index_t> constant_channels;  ///< channels that have one value in all trials
};

/// The scan of a system in host memory whose shape was checked. Throws Error{invalid_data} at the first NaN or Inf
/// (naming system, trial, time, channel). Cost: one read of the data.
[[nodiscard]] ValueScan scan_values(const TrajectorySet& system);

/// The scans of those of `systems` that lie on the device, in their places of `out`. Cost: one read of the data by the
/// device; what crosses to the host is a byte a channel and tile of 16,384 values.
void scan_on_device(Backend& backend, std::span<const TrajectorySet> systems, std::span<ValueScan> out);

}  // namespace kindred::host
