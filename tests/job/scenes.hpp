#pragma once
/// Small comparisons for tests of jobs: of operators and of recordings, of one collection and of two.
#include "tests/support/operators.hpp"
#include "tests/support/representations.hpp"

#include <kindred/engine.hpp>
#include <kindred/job.hpp>

#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace kindred::test {

/// One comparison, in memory and as a job.
struct Scene {
  std::string name;
  std::function<DistanceMatrix(Engine&)> matrix;
  std::function<void(Engine&, PairSink&, const JobOptions&)> score;
  PairSet pairs;
};

/// dsa, spectral and cka; 23 systems, or 9 against 14. Of the operators one is not finite, so that its pairs fail.
inline std::vector<Scene> scenes() {
  OperatorSet operators = gaussians(23, 4);
  operators[5].values[3] = std::numeric_limits<double>::quiet_NaN();
  const OperatorSet left(operators.begin(), operators.begin() + 9), right(operators.begin() + 9, operators.end());
  const auto recordings = collection(2, 15, std::vector<index_t>(23, 3));
  const std::vector<TrajectorySet> first(recordings.begin(), recordings.begin() + 9),
      second(recordings.begin() + 9, recordings.end());
  std::vector<Scene> out;
  const auto add = [&](const std::string& name, const Metric& metric, const auto& all, const auto& a, const auto& b) {
    out.push_back({name, [=](Engine& engine) { return engine.pairwise(all, metric); },
                   [=](Engine& engine, PairSink& sink, const JobOptions& job) { engine.score(all, metric, sink, job); },
                   PairSet::all(23)});
    out.push_back(
        {name + ", two collections", [=](Engine& engine) { return engine.cross(a, b, metric); },
         [=](Engine& engine, PairSink& sink, const JobOptions& job) { engine.score(a, b, metric, sink, job); },
         PairSet::rectangle(9, 14)});
  };
  add("dsa", Dsa{.effort = Effort::fast}, operators, left, right);
  add("bounds", Dsa{.effort = Effort::bound}, operators, left, right);
  add("spectral", Spectral{}, operators, left, right);
  add("cka", Cka{}, recordings, first, second);
  return out;
}

inline DistanceMatrix empty_matrix(const PairSet& pairs) {
  const auto names = [](index_t n) {
    std::vector<std::string> out;
    for (index_t i = 0; i < n; ++i) out.push_back(std::to_string(i));
    return out;
  };
  return pairs.symmetric() ? DistanceMatrix(names(pairs.rows()))
                           : DistanceMatrix(names(pairs.rows()), names(pairs.columns()));
}

/// The same bits, NaN too.
template <class T>
bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

inline void require_equal(const DistanceMatrix& a, const DistanceMatrix& b) {
  REQUIRE((a.rows() == b.rows() && a.columns() == b.columns()));
  for (index_t i = 0; i < a.rows(); ++i) {
    for (index_t j = 0; j < a.columns(); ++j) {
      const PairResult &x = a.at(i, j), &y = b.at(i, j);
      REQUIRE((same_bits(x.distance, y.distance) && same_bits(x.lower_bound, y.lower_bound)));
      REQUIRE((same_bits(x.gap, y.gap) && x.refinements == y.refinements && x.status == y.status));
    }
  }
}

}  // namespace kindred::test
