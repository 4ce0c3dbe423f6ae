#pragma once
#include <string>

namespace kindred::host {

/// What the linker wrote into the library, program or module that holds `address` (null: this code) to tell its builds
/// apart: the GNU build ID, in hexadecimal. Empty where there is none.
[[nodiscard]] std::string build_id(const void* address = nullptr);

}  // namespace kindred::host
