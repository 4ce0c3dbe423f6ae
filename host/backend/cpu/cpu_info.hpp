#pragma once
#include <cstddef>
#include <string>

namespace kindred::host {

/// Processor model as the system names it.
[[nodiscard]] std::string cpu_model();

/// Bytes of host memory that can be taken without swapping.
[[nodiscard]] std::size_t free_memory();

}  // namespace kindred::host
