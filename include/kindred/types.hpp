#pragma once
#include <cstdint>

namespace kindred {

/// Sizes, counts and strides (in elements). Signed, so that differences are safe.
using index_t = std::int64_t;

}  // namespace kindred
