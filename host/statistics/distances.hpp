#pragma once
#include "host/base/index.hpp"

#include <kindred/statistics.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace kindred::statistics {

using host::at;

/// n of an n x n matrix of distances. Throws as compare_groups.
[[nodiscard]] index_t checked_size(const Distances& distances);

/// Throws invalid_argument for an option out of range.
void check(const Options& options);

/// Systems that all have a distance to each other, and those left out for it.
struct Complete {
  std::vector<index_t> systems, left_out;  ///< rising
};
/// The systems that `counts` marks, less those whose own entry is NaN in one of the matrices, and less, one by one, the
/// system with most NaN (of several the last) until there is no NaN. O(matrices n^2).
[[nodiscard]] Complete complete(std::span<const Distances* const> matrices, std::vector<bool> counts);

/// The matrix of these systems alone, row-major, each entry the mean of (i, j) and (j, i).
[[nodiscard]] std::vector<double> part(const Distances& distances, index_t n, const std::vector<index_t>& systems);

/// The interval that holds the share `confidence` of the values in its middle; NaN unless at least `least` are numbers.
[[nodiscard]] WithInterval with_interval(double value, std::vector<double> resampled, double confidence, index_t least);

}  // namespace kindred::statistics
