/// Engines in several threads at once do not disturb each other.
#include "tests/support/operators.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using namespace kindred;

TEST_CASE("two engines in two threads give what each gives alone", "[engine]") {
  simulate::Lorenz lorenz;
  lorenz.trials = 8;
  lorenz.steps = 60;
  std::vector<TrajectorySet> systems;
  for (const double rho : {0.5, 10.0, 40.0}) {
    lorenz.rho = rho;
    systems.push_back(simulate::own(simulate::lorenz(lorenz), "rho " + std::to_string(rho)));
  }
  Dsa dsa;
  dsa.dmd = {.delays = 4, .interval = 2, .rank = 5};
  dsa.effort = Effort::fast;
  const auto compute = [&] {
    Engine engine(Device::cpu(2));
    std::vector<double> all;
    for (const Metric& metric : {Metric(dsa), Metric(Spectral{.dmd = dsa.dmd}), Metric(Cka{}), Metric(Procrustes{})}) {
      const std::vector<double> distances = engine.pairwise(systems, metric).distances();
      all.insert(all.end(), distances.begin(), distances.end());
    }
    return all;
  };
  const std::vector<double> alone = compute();
  std::vector<std::vector<double>> together(3);
  std::vector<std::thread> threads;
  for (auto& result : together) threads.emplace_back([&] { result = compute(); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : together) CHECK(result == alone);
}
