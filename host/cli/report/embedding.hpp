#pragma once
#include "host/cli/report/matrix.hpp"

#include <vector>

namespace kindred::report {

/// Points in the plane whose distances resemble those given.
struct Embedding {
  std::vector<double> x;
  std::vector<double> y;
  double stress = 0;  ///< sqrt(sum (d - |p_i - p_j|)^2 / sum d^2) over pairs; 0: the plane shows it all
};

/// Classical multidimensional scaling (Torgerson 1952): the two leading eigenvectors of -J D^2 J / 2, each scaled by
/// the root of its eigenvalue; J = I - 1 1^T / n. An axis points to where its largest coordinate is positive. A pair
/// without a distance counts as the farthest; a system without any gets NaN. O(n^3).
[[nodiscard]] Embedding classical_mds(const Distances& distances);

}  // namespace kindred::report
