#pragma once
#include <string>

namespace kindred::host {

/// What the linker wrote into this library (or the program it is part of) to tell its builds apart: the GNU build ID,
/// in hexadecimal. Empty where there is none.
[[nodiscard]] std::string build_id();

}  // namespace kindred::host
