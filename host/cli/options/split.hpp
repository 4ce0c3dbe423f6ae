#pragma once
#include "host/cli/options/inputs.hpp"

#include <string>
#include <vector>

namespace kindred::cli {

/// A collection whose systems are parts of recordings, and the recording of each part.
struct Parts {
  Collection collection;
  std::vector<std::string> part_of;
};

/// Each recording in `parts` parts of equal size: of consecutive trials where it has so many, else of consecutive steps
/// of every trial; what is left over at the end belongs to none. Nothing is copied. A part of `x` is called x[1], x[2],
/// ...; its label is the recording's, or without one the recording's name. Throws invalid_data that names a recording
/// with fewer steps than parts.
[[nodiscard]] Parts split_systems(const Collection& collection, index_t parts);

}  // namespace kindred::cli
