/// The i-th system with the i-th alone, as tiles of one pair: the bits of each pair by itself, whatever the threads.
#include "tests/support/devices.hpp"
#include "tests/support/representations.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace kindred;

TEST_CASE("pairs of a diagonal have the bits of each pair alone", "[engine]") {
  const auto rows = test::collection(3, 24, {4, 4, 4, 4, 4, 4}), others = test::collection(3, 24, {3, 3, 3, 3, 3, 3});
  const std::vector<TrajectorySet> columns(others.rbegin(), others.rend());
  JobOptions diagonal;
  for (index_t k = 0; k < 6; ++k) diagonal.tiles.push_back({k, k, 1, 1});
  const Dmd dmd{.delays = 2, .rank = 3};
  for (const Metric& metric :
       {Metric(Dsa{.dmd = dmd}), Metric(Spectral{.dmd = dmd}), Metric(Spectral{.dmd = dmd, .order = 1}), Metric(Cka{}),
        Metric(NeighbourGraph{}), Metric(Matching{}), Metric(StochasticShape{.starts = 3})}) {
    CAPTURE(text_of(metric));
    for (const int threads : {1, 3}) {
      Engine engine(Device::cpu(threads));
      DistanceMatrix whole(test::names(rows), test::names(columns));
      engine.score(rows, columns, metric, whole, diagonal);
      for (index_t k = 0; k < 6; ++k) {
        const auto at = static_cast<std::size_t>(k);
        const auto alone = engine.cross(std::span(&rows[at], 1), std::span(&columns[at], 1), metric);
        REQUIRE(test::same_bits(whole(k, k), alone(0, 0)));
      }
    }
  }
}
