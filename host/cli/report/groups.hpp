#pragma once
#include "host/cli/report/matrix.hpp"

#include <string>
#include <vector>

namespace kindred::report {

/// Labels as group numbers, in order of first appearance. A system without a label belongs to no group (-1).
struct Groups {
  std::vector<std::string> names;
  std::vector<index_t> of;  ///< group of each system

  [[nodiscard]] bool empty() const { return names.empty(); }
};
[[nodiscard]] Groups group(const std::vector<std::string>& labels);

/// Distances within groups against distances between groups, over unordered pairs of labelled systems.
struct Separation {
  std::vector<double> within;  ///< finite distances, by rising i, j
  std::vector<double> between;
  double within_mean = 0;  ///< NaN without pairs
  double between_mean = 0;
  double ratio = 0;              ///< between_mean / within_mean; NaN where undefined
  index_t neighbours_right = 0;  ///< systems whose nearest labelled neighbour has their label
  index_t neighbours_asked = 0;  ///< labelled systems whose group has another member

  /// Whether there are pairs of both kinds to tell apart.
  [[nodiscard]] bool tells() const { return !within.empty() && !between.empty(); }
};
[[nodiscard]] Separation separation(const Distances& distances, const Groups& groups);

/// Mean distance between the members of groups a and b (of different members, if a == b); NaN without pairs.
[[nodiscard]] double mean_distance(const Distances& distances, const Groups& groups, index_t a, index_t b);

}  // namespace kindred::report
