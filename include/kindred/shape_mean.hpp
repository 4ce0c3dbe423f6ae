#pragma once
#include <kindred/export.hpp>
#include <kindred/progress.hpp>
#include <kindred/trajectories.hpp>
#include <kindred/types.hpp>

#include <limits>
#include <span>
#include <vector>

namespace kindred {

struct ShapeMeanOptions {
  bool centre = true;  ///< subtract each channel's mean
  /// Shapes of norm 1, whose distance is the angle (Procrustes, angular); else their size counts (euclidean).
  bool unit_norm = false;
  index_t dimensions = 2;     ///< of the tangent coordinates, at most the number of systems
  index_t iterations = 1000;  ///< at most
  double tolerance = 1e-12;   ///< relative change of the mean at which it is found
  int threads = 0;            ///< 0: all
};

/// The mean shape of a collection, and where its systems lie about it.
struct ShapeMean {
  index_t samples = 0, channels = 0;  ///< m, and the most channels of a system
  std::vector<double> mean;  ///< m x channels, row-major, by principal axes, each pointing to where the mean is skewed
  /// Distance of each system from the mean; NaN for one that has no shape (with unit_norm: a constant one).
  std::vector<double> distances;
  double variance = std::numeric_limits<double>::quiet_NaN();  ///< mean square of the distances
  index_t dimensions = 0;
  /// N x dimensions, row-major: principal coordinates of the systems in the space tangent to the mean, about their own
  /// mean; NaN without a shape.
  std::vector<double> coordinates;
  std::vector<double> shares;  ///< of the tangent variance, of each dimension; NaN where there is none
  index_t iterations = 0;
  bool converged = false;
};

/// M = sum_i X_i Q_i / N (over its norm with unit_norm), Q_i the orthogonal matrix that brings X_i nearest to M:
/// alternately, from the largest system on, each step lowers sum_i ||X_i Q_i - M||^2. A local minimum; narrower systems
/// are padded with zero channels. It does not depend on the order of the systems but for rounding. Tangent vectors are
/// X_i Q_i - M, with unit_norm theta / sin theta (X_i Q_i - cos theta M), theta the angle between both.
/// N (4 m C^2 + 22 C^3) flops an iteration, N^2 m C for the coordinates; 8 N m C bytes. Source: Gower 1975,
/// doi 10.1007/BF02291478; Dryden and Mardia 2016, doi 10.1002/9781119072492, sections 7.3 and 7.7. Throws
/// Error{invalid_data} for no system, systems of different numbers of samples (naming both), values that are not
/// finite, and where no system has a shape; invalid_argument for options out of range; cancelled.
[[nodiscard]] KINDRED_EXPORT ShapeMean shape_mean(std::span<const TrajectorySet> systems,
                                                  const ShapeMeanOptions& options = {}, const Progress& progress = {});

}  // namespace kindred
