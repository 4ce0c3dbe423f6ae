#pragma once
/// Recordings in device memory (Memory::device): scanned there, and copied to the host for what reads values on the
/// host.
#include "host/backend/backend.hpp"
#include "host/engine/recordings/checks.hpp"

#include <kindred/trajectories.hpp>

#include <optional>
#include <span>
#include <vector>

namespace kindred::host {

/// scan_values of the systems that lie on the device, in their places; empty for those in host memory. Throws as
/// scan_values, and Error{invalid_argument} for a pointer that is not memory of the backend's device. Cost: one read of
/// the data by the device; what crosses to the host is a byte a channel and tile of 16,384 values.
[[nodiscard]] std::vector<std::optional<ValueScan>> scan_device_values(Backend& backend,
                                                                       std::span<const TrajectorySet> systems);

/// A collection whose values can be read on the host: the caller's own, and copies of what lies on the device.
class OnHost {
 public:
  OnHost(Backend& backend, std::span<const TrajectorySet> systems);
  OnHost(const OnHost&) = delete;
  OnHost& operator=(const OnHost&) = delete;

  [[nodiscard]] std::span<const TrajectorySet> systems() const { return systems_; }

 private:
  std::vector<TrajectorySet> copies_;
  std::span<const TrajectorySet> systems_;
};

}  // namespace kindred::host
