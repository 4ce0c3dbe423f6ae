/// The two backends give the same distances by every metric.
#include "tests/support/registry.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>

using namespace kindred;
using namespace kindred::test;

TEST_CASE("CPU and CUDA agree on every metric", "[cuda][shape]") {
  Engine cpu(Device::cpu(1)), cuda(Device::cuda(0));
  // The operators differ by rounding. A fast search for their alignment stops where the predicted decrease falls below
  // 1e-4 of the energy d^2 / 2, on one device perhaps an iteration earlier: distances differ by up to 5e-5 of them,
  // angles 2 asin(d / 2) of d < 1 by 1.1 times that.
  constexpr double searched = 6e-5, computed = 1e-9;
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
        const double bound =
            std::holds_alternative<Dsa>(metric) ? searched * x(i, j) : computed * std::max(1.0, x(i, j));
        const bool equal = zero || std::abs(x(i, j) - y(i, j)) <= bound;
        CHECK((x.status(i, j) == PairStatus::failed || equal));
      }
    }
  }
}
