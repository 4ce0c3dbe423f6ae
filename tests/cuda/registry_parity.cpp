/// The two backends give the same distances by every metric.
#include "tests/support/registry.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace kindred;
using namespace kindred::test;

TEST_CASE("CPU and CUDA agree on every metric", "[cuda][shape]") {
  Engine cpu(Device::cpu(1)), cuda(Device::cuda(0));
  for (const MetricName& known : metric_names()) {
    const Metric metric = for_small_systems(known.name);
    const auto systems = systems_for(metric);
    const DistanceMatrix x = cpu.pairwise(systems, metric), y = cuda.pairwise(systems, metric);
    for (index_t i = 0; i < x.rows(); ++i) {
      for (index_t j = 0; j < x.rows(); ++j) {
        CAPTURE(std::string(known.name), i, j, x(i, j), y(i, j));
        CHECK(x.status(i, j) == y.status(i, j));
        CHECK(std::isnan(x(i, j)) == std::isnan(y(i, j)));
        // arccos of a similarity that is 1 to some eps is an angle of up to sqrt of that.
        const bool zero = std::max(x(i, j), y(i, j)) <= 1e-7;
        const bool equal = zero || std::abs(x(i, j) - y(i, j)) <= 1e-9 * std::max(1.0, x(i, j));
        CHECK((x.status(i, j) == PairStatus::failed || equal));
      }
    }
  }
}
