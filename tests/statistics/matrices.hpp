#pragma once
#include <kindred/error.hpp>
#include <kindred/simulate.hpp>
#include <kindred/statistics.hpp>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace kindred::test {

/// Distances between points on a line.
inline statistics::Distances line(const std::vector<double>& points) {
  statistics::Distances d{"line", {}};
  for (const double a : points) {
    for (const double b : points) d.values.push_back(std::fabs(a - b));
  }
  return d;
}

/// Independent numbers from 0.5 to 2: symmetric, not of any space.
inline statistics::Distances random_distances(std::size_t n, std::uint64_t seed) {
  simulate::Random random(seed);
  statistics::Distances d{"random" + std::to_string(seed), std::vector<double>(n * n, 0.0)};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) d.values[i * n + j] = d.values[j * n + i] = random.uniform(0.5, 2);
  }
  return d;
}

}  // namespace kindred::test
