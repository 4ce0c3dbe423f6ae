#include "host/cli/report/matrix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::report {

Range off_diagonal_range(const Distances& distances) {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (index_t i = 0; i < distances.n; ++i) {
    for (index_t j = 0; j < distances.n; ++j) {
      const double d = distances(i, j);
      if (i == j || !std::isfinite(d)) continue;
      range.low = std::min(range.low, d);
      range.high = std::max(range.high, d);
    }
  }
  return range.low <= range.high ? range : Range{};
}

Range range_of(const Grid& grid) {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const double d : grid.values) {
    if (!std::isfinite(d)) continue;
    range.low = std::min(range.low, d);
    range.high = std::max(range.high, d);
  }
  return range.low <= range.high ? range : Range{};
}

Distances without_gaps(Distances distances) {
  const double far = off_diagonal_range(distances).high;
  for (double& d : distances.values) {
    if (!std::isfinite(d)) d = far;
  }
  for (index_t i = 0; i < distances.n; ++i) distances.values[at(i * distances.n + i)] = 0;
  return distances;
}

}  // namespace kindred::report
