/// Copies beside work, and several engines at once.
#include "kernels/program/gather_rows.hpp"
#include "tests/support/devices.hpp"

#include <kindred/cuda.hpp>
#include <kindred/kindred.hpp>
#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <thread>

using namespace kindred;

namespace {

/// Everything an engine does to three recordings.
std::vector<double> results(Device device) {
  std::vector<double> x(3 * 40 * 4);
  simulate::Random random(5, 1);
  for (double& value : x) value = random.normal();
  std::vector<TrajectorySet> systems;
  for (int k = 0; k < 3; ++k) {
    systems.push_back(TrajectorySet::view("x" + std::to_string(k), x.data() + k * 160, 1, 40, 4));
  }
  Engine engine(device);
  std::vector<double> out;
  const Dmd dmd{.delays = 2, .rank = 4};
  for (const Metric& metric : std::vector<Metric>{Spectral{.dmd = dmd}, Cka{}, Procrustes{}}) {
    const DistanceMatrix d = engine.pairwise(systems, metric);
    for (index_t i = 0; i < 3; ++i) out.push_back(d(i, (i + 1) % 3));
  }
  return out;
}

/// Holds a stream until it is opened, 20 seconds at most.
struct Gate {
  std::atomic<bool> open = false;
  std::atomic<bool> timed_out = false;

  static void wait(void* gate) {
    auto& g = *static_cast<Gate*>(gate);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!g.open) {
      if (std::chrono::steady_clock::now() > end) {
        g.timed_out = true;
        return;
      }
      std::this_thread::yield();
    }
  }
};

}  // namespace

TEST_CASE("a feed delivers every array, while work on earlier ones waits", "[cuda]") {
  auto backend = host::make_cuda_backend(0, 0);
  const auto feed = backend->make_feed();
  std::vector<index_t> order(5000);
  std::iota(order.begin(), order.end(), index_t{0});
  const auto index = test::to_device(*backend, order);  // the only other copy: nothing in the loop waits for work
  std::vector<host::Buffer<double>> copies;
  std::vector<std::vector<double>> arrays;
  // Grows with arrays under way; then every array replaces one of its own size, which a reader that came too early or
  // too late would find in its place.
  for (const index_t n : {4, 300, 7, 300, 5000, 1, 5000, 5000, 5000, 5000, 5000}) {
    std::vector<double>& x = arrays.emplace_back(static_cast<std::size_t>(n));
    std::iota(x.begin(), x.end(), 1e6 * static_cast<double>(arrays.size()));
    const auto* there = static_cast<const double*>(feed->put(x.data(), x.size() * sizeof(double)));
    copies.emplace_back(*backend, n);
    backend->launch<kernels::GatherRows>({there, 1, 1, n, index.data(), copies.back().data(), n, 1},
                                         kernels::GatherRows::items(1, n));
  }
  for (std::size_t k = 0; k < arrays.size(); ++k) CHECK(test::fetch(copies[k]) == arrays[k]);
}

TEST_CASE("a feed's copy does not wait for the work before it", "[cuda]") {
  // An emulated device that runs work when it is asked for has nothing to overlap.
  if (std::getenv("KINDRED_CUDA_ON_CPU") != nullptr && std::getenv("CUDA_ON_CPU_ASYNC") == nullptr) return;
  Gate gate;
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  {
    auto backend = host::make_cuda_backend(0, 0, stream);
    const auto feed = backend->make_feed();
    const std::vector<double> x(1300000, 1.0);  // passes through two staging buffers of 4 MiB: the third part waits
    (void)feed->put(x.data(), x.size() * sizeof(double));
    REQUIRE(cudaLaunchHostFunc(stream, &Gate::wait, &gate) == cudaSuccess);
    (void)feed->put(x.data(), x.size() * sizeof(double));
    gate.open = true;
    backend->synchronize();
  }
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
  CHECK_FALSE(gate.timed_out);
}

TEST_CASE("memory that a feed grows into is written after the work before it", "[cuda]") {
  // That work may still read what the memory was before.
  std::atomic<bool> done = false;
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  {
    auto backend = host::make_cuda_backend(0, 0, stream);
    const auto feed = backend->make_feed();
    const std::vector<double> x(1300000, 1.0);
    (void)feed->put(x.data(), sizeof(double));
    REQUIRE(cudaLaunchHostFunc(
                stream, [](void* p) { *static_cast<std::atomic<bool>*>(p) = true; }, &done) == cudaSuccess);
    (void)feed->put(x.data(), x.size() * sizeof(double));  // returns when the first of three parts is there
    CHECK(done);
    backend->synchronize();
  }
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
}

TEST_CASE("engines on every device, in threads of their own, do not disturb each other", "[cuda]") {
  int count = 0, before = -1, after = -1;
  REQUIRE(cudaGetDeviceCount(&count) == cudaSuccess);
  REQUIRE(cudaGetDevice(&before) == cudaSuccess);
  const std::vector<double> alone = results(Device::cuda(0));
  std::vector<std::vector<double>> together(static_cast<std::size_t>(std::max(2, count)));
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < together.size(); ++k) {
    threads.emplace_back([&, k] { together[k] = results(Device::cuda(static_cast<int>(k) % count)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& one : together) CHECK(one == alone);
  REQUIRE(cudaGetDevice(&after) == cudaSuccess);
  CHECK(before == after);
}
