#pragma once
#include "host/backend/backend.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kindred::host::cuda {

/// As in Parts (host/backend/cuda/parts.hpp).
[[nodiscard]] std::vector<DeviceInfo> devices();
[[nodiscard]] std::string absence();
[[nodiscard]] std::unique_ptr<Backend> make_backend(int ordinal, std::size_t memory_budget,
                                                    std::optional<void*> stream);

/// What device `ordinal`, which must exist, is.
[[nodiscard]] DeviceInfo device_info(int ordinal);

}  // namespace kindred::host::cuda
