#pragma once
#include <string>

namespace kindred::host {

/// Processor model as the system names it.
[[nodiscard]] std::string cpu_model();

}  // namespace kindred::host
