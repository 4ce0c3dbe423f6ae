#pragma once
#include <kindred/device.hpp>

#include <string>
#include <vector>

namespace kindred::host {

/// Usable CUDA devices, in the order of their ordinals.
[[nodiscard]] std::vector<DeviceInfo> cuda_devices();

/// Why cuda_devices() is empty; empty when it is not.
[[nodiscard]] std::string cuda_absence();

}  // namespace kindred::host
