/// Engines in several threads at once do not disturb each other.
#include "tests/support/operators.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using namespace kindred;

TEST_CASE("engines of one device and of two, each in a thread of its own, give what each gives alone",
          "[engine][devices]") {
  simulate::Lorenz lorenz;
  lorenz.trials = test::on_cpu() ? 8 : 2;
  lorenz.steps = 60;
  std::vector<TrajectorySet> systems;
  for (const double rho : {0.5, 10.0, 40.0}) {
    lorenz.rho = rho;
    systems.push_back(simulate::own(simulate::lorenz(lorenz), "rho " + std::to_string(rho)));
  }
  Dsa dsa;
  dsa.dmd = {.delays = 4, .interval = 2, .rank = test::on_cpu() ? 5 : 3};
  dsa.effort = Effort::fast;
  const auto compute = [&](Device device) {
    Engine engine(device);
    std::vector<double> all;
    for (const Metric& metric : {Metric(dsa), Metric(Spectral{.dmd = dsa.dmd}), Metric(Cka{}), Metric(Procrustes{})}) {
      const std::vector<double> distances = engine.pairwise(systems, metric).distances();
      all.insert(all.end(), distances.begin(), distances.end());
    }
    return all;
  };
  // Two on the device under test, two on the CPU: with the same number of threads and with another.
  const std::vector<Device> devices = {test::device(), test::device(), Device::cpu(2), Device::cpu(1)};
  const std::vector<double> alone = compute(test::device()), alone_on_cpu = compute(Device::cpu(2));
  std::vector<std::vector<double>> together(devices.size());
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < devices.size(); ++k) {
    threads.emplace_back([&, k] { together[k] = compute(devices[k]); });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t k = 0; k < devices.size(); ++k) CHECK(together[k] == (k < 2 ? alone : alone_on_cpu));
}
