#pragma once
#include <kindred/types.hpp>

#include <cstddef>

namespace kindred::host {

/// Index i of a vector.
[[nodiscard]] constexpr std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

}  // namespace kindred::host
