#pragma once
#include "host/base/index.hpp"

#include <kindred/types.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace kindred::report {

inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

using host::at;

/// A square matrix of distances, n x n, row-major; NaN where a pair failed.
struct Distances {
  std::vector<double> values;
  index_t n = 0;

  [[nodiscard]] double operator()(index_t i, index_t j) const { return values[at(i * n + j)]; }
};

/// A view of rows x columns distances, row-major; NaN where a pair failed.
struct Grid {
  std::span<const double> values;
  index_t rows = 0;
  index_t columns = 0;

  [[nodiscard]] double operator()(index_t i, index_t j) const { return values[at(i * columns + j)]; }
};

/// Smallest and largest finite distance between two different systems; {0, 0} when there is none.
struct Range {
  double low = 0;
  double high = 0;
};
[[nodiscard]] Range off_diagonal_range(const Distances& distances);
/// Smallest and largest finite distance; {0, 0} when there is none.
[[nodiscard]] Range range_of(const Grid& grid);

/// The same matrix with every NaN replaced by the largest distance, so that a failed pair counts as far apart.
[[nodiscard]] Distances without_gaps(Distances distances);

}  // namespace kindred::report
