#pragma once
#include <kindred/results.hpp>
#include <kindred/types.hpp>

#include <limits>
#include <string>
#include <vector>

namespace kindred {

/// Which neighbours of a system are wanted.
struct NearestOptions {
  index_t k = 10;                                           ///< so many; 0: all within the radius
  double radius = std::numeric_limits<double>::infinity();  ///< none further away than this, in the metric's units
};

/// A neighbour, and what is known of its distance.
struct Neighbour {
  index_t system = 0;  ///< its place in the collection
  PairResult result;
};

/// The nearest systems of each query, nearest first; of equal distances the earlier system comes first. A system that
/// cannot be compared has no neighbours and is none.
struct Neighbours {
  std::vector<std::string> query_names;
  std::vector<std::string> names;  ///< of the collection that is searched
  std::vector<std::vector<Neighbour>> of;
  index_t pairs = 0;   ///< of queries and other systems
  index_t scored = 0;  ///< pairs whose distance was computed; all others were excluded by their lower bound
  /// Facts of the fits behind the queries and the collection; the same where a collection is searched for itself.
  std::vector<FitFacts> query_facts, facts;
};

}  // namespace kindred
