#pragma once
#include "host/cli/report/matrix.hpp"

#include <vector>

namespace kindred::report {

/// One step of a hierarchical clustering: node n + k joins two earlier nodes (leaves are 0 .. n - 1).
struct Merge {
  index_t left = 0;
  index_t right = 0;
  double height = 0;  ///< average distance between the members of the two
};

struct Dendrogram {
  std::vector<Merge> merges;   ///< n - 1, by rising height
  std::vector<index_t> order;  ///< leaves from left to right, so that no branches cross
};

/// Average linkage (UPGMA, Sokal and Michener 1958) by nearest-neighbour chains, O(n^2) time and memory. A pair
/// without a distance counts as the farthest. Each merge is turned so that the two leaves that meet are the closest
/// of the four possible.
[[nodiscard]] Dendrogram average_linkage(const Distances& distances);

}  // namespace kindred::report
