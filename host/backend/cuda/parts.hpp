#pragma once
/// What the CUDA backend offers to the rest of the library.
#include "host/backend/backend.hpp"

#include <kindred/device.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kindred::host::cuda {

struct Parts {
  std::vector<DeviceInfo> (*devices)();  ///< usable, in the order of their ordinals
  std::string (*absence)();              ///< why there is none; empty when there is one
  /// On device `ordinal`, which exists.
  std::unique_ptr<Backend> (*make_backend)(int ordinal, std::size_t memory_budget, std::optional<void*> stream);
};

extern const Parts parts;

}  // namespace kindred::host::cuda
