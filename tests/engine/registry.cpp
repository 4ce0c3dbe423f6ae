/// What holds of every metric in the list, none left out.
#include "tests/support/registry.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace kindred;
using namespace kindred::test;

TEST_CASE(
    "every metric is free of NaN on identical, deficient and orthogonal systems, and says where a constant has none",
    "[engine][shape][devices]") {
  constexpr index_t constant = 5;
  Engine engine(device());
  for (const MetricName& known : metric_names()) {
    const Metric metric = for_small_systems(known.name);
    const DistanceMatrix d = engine.pairwise(systems_for(metric), metric);
    for (index_t i = 0; i < d.rows(); ++i) {
      for (index_t j = 0; j < d.rows(); ++j) {
        CAPTURE(std::string(known.name), i, j, d(i, j), status_name(d.status(i, j)));
        const bool failed = d.status(i, j) == PairStatus::failed;
        CHECK((!failed || i == constant || j == constant));
        CHECK(std::isnan(d(i, j)) == failed);
        CHECK((failed || (std::isfinite(d(i, j)) && std::isfinite(d.lower_bound(i, j)))));
        CHECK(same_bits(d(i, j), d(j, i)));
      }
    }
    // A copy is what it copies: at the least distance, the greatest similarity, and as far from all others.
    CAPTURE(std::string(known.name), d(0, 2), d(0, 0), d(2, 2));
    CHECK(same_bits(d(0, 2), d(0, 0)));
    CHECK(same_bits(d(0, 0), d(2, 2)));
    for (const index_t j : {1, 3, 4}) CHECK(same_bits(d(0, j), d(2, j)));
  }
}
