/// The caller's own stream and device memory (kindred/cuda.hpp).
#include "host/engine/fit/fit.hpp"
#include "tests/support/devices.hpp"

#include <kindred/cuda.hpp>
#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>

using namespace kindred;

namespace {

constexpr index_t trials = 3, steps = 60, channels = 4;
constexpr std::size_t values = trials * steps * channels;

template <class T>
std::vector<T> waves(int system) {
  std::vector<T> x;
  std::uint64_t state = static_cast<std::uint64_t>(system) + 1;
  for (std::size_t i = 0; i < values; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const double noise = static_cast<double>(state >> 40) * 0x1p-24;
    x.push_back(static_cast<T>(std::sin(0.1 * (system + 1) * static_cast<double>(i / channels)) *
                                   static_cast<double>(1 + i % channels) +
                               noise));
  }
  return x;
}

struct DestroyStream {
  void operator()(cudaStream_t stream) const { (void)cudaStreamDestroy(stream); }
};
using CallerStream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, DestroyStream>;

CallerStream make_stream() {
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  return CallerStream(stream);
}

/// Device memory of the caller.
template <class T>
class CallerMemory {
 public:
  explicit CallerMemory(std::size_t n) {
    void* p = nullptr;
    REQUIRE(cudaMalloc(&p, n * sizeof(T)) == cudaSuccess);
    data_ = static_cast<T*>(p);
  }
  /// Filled in stream order, through device memory, so that nothing waits on the host.
  CallerMemory(const std::vector<T>& x, cudaStream_t stream) : CallerMemory(x.size()) {
    const std::size_t bytes = x.size() * sizeof(T);
    void* first = nullptr;
    REQUIRE(cudaMalloc(&first, bytes) == cudaSuccess);
    REQUIRE(cudaMemcpy(first, x.data(), bytes, cudaMemcpyHostToDevice) == cudaSuccess);
    REQUIRE(cudaMemcpyAsync(data_, first, bytes, cudaMemcpyDeviceToDevice, stream) == cudaSuccess);
    REQUIRE(cudaFreeAsync(first, stream) == cudaSuccess);
  }
  CallerMemory(const CallerMemory&) = delete;
  CallerMemory& operator=(const CallerMemory&) = delete;
  ~CallerMemory() { (void)cudaFree(data_); }
  [[nodiscard]] T* data() const { return data_; }

 private:
  T* data_ = nullptr;
};

const Dmd dmd{.delays = 3, .interval = 2, .rank = 5};

void require_equal(const OperatorSet& a, const OperatorSet& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    CHECK(a[k].facts.status == FitStatus::ok);
    CHECK(a[k].values == b[k].values);
    CHECK(a[k].facts.residual == b[k].facts.residual);
  }
}

std::vector<TrajectorySet> set(const TrajectorySet& a, const TrajectorySet& b) { return {a, b}; }

}  // namespace

TEMPLATE_TEST_CASE("recordings on the device are fitted in place, with the bits of recordings on the host", "[cuda]",
                   float, double) {
  const std::vector<TestType> x = waves<TestType>(0), y = waves<TestType>(1);
  const CallerStream stream = make_stream();
  const CallerMemory<TestType> device_x(x, stream.get()), device_y(y, stream.get());
  const auto upload = [&](const std::vector<TrajectorySet>& systems, OperatorSet& operators) {
    const auto backend = host::make_cuda_backend(0, 0, stream.get());
    host::Recordings recordings(*backend, systems);
    operators = host::fit_operators(recordings, dmd, {});
    return backend->uploaded_bytes();
  };
  OperatorSet from_device, from_host, mixed;
  const auto on_host = TrajectorySet::view("x", x.data(), trials, steps, channels);
  const auto second = cuda::view("y", device_y.data(), trials, steps, channels);
  const std::size_t in_place =
      upload(set(cuda::view("x", device_x.data(), trials, steps, channels), second), from_device);
  const std::size_t half = upload(set(on_host, second), mixed);
  const std::size_t both = upload(set(on_host, TrajectorySet::view("y", y.data(), trials, steps, channels)), from_host);
  require_equal(from_device, from_host);
  require_equal(from_device, mixed);
  // Each recording on the host crosses the bus, those on the device do not; what remains are sizes and addresses.
  const std::size_t samples = values * sizeof(TestType);
  CAPTURE(in_place, half, both, samples);
  CHECK(both >= half + samples);
  CHECK(half >= in_place + samples);
}

TEST_CASE("an engine in the caller's stream sees what was put there before", "[cuda]") {
  const std::vector<double> x = waves<double>(0), y = waves<double>(1);
  const CallerStream stream = make_stream();
  Engine engine(cuda::on_stream(stream.get())), own(Device::cuda(0)), defaults(cuda::on_stream(nullptr));
  const CallerMemory<double> device_x(x, stream.get()), device_y(y, stream.get());
  const auto there = set(cuda::view("x", device_x.data(), trials, steps, channels),
                         cuda::view("y", device_y.data(), trials, steps, channels));
  const auto here = set(TrajectorySet::view("x", x.data(), trials, steps, channels),
                        TrajectorySet::view("y", y.data(), trials, steps, channels));
  const OperatorSet operators = engine.fit(there, dmd);
  require_equal(operators, own.fit(here, dmd));
  require_equal(operators, defaults.fit(there, dmd));
  // Metrics of recordings, and preprocessing, work from a copy on the host.
  CHECK(engine.pairwise(there, Procrustes{})(0, 1) == own.pairwise(here, Procrustes{})(0, 1));
  CHECK(engine.cross(there, here, Cka{})(0, 1) == own.cross(here, here, Cka{})(0, 1));
  const Preprocess steps_of{.resample = 20};
  require_equal(engine.fit(engine.preprocess(there, steps_of), dmd), own.fit(own.preprocess(here, steps_of), dmd));
}

TEST_CASE("device memory of any strides; what cannot be fitted is named", "[cuda]") {
  std::vector<double> x = waves<double>(0);
  const CallerStream stream = make_stream();
  // Time runs backwards, one channel is left out.
  const auto strided = [](const double* first) {
    TrajectorySet system = TrajectorySet::view("x", first, 1, 1, 1);
    system.trials = std::vector<TrialView<double>>{
        {first + (trials * steps - 1) * channels, trials * steps, channels - 1, -channels, 1}};
    return system;
  };
  Engine engine(cuda::on_stream(stream.get()));
  {
    const CallerMemory<double> there(x, stream.get());
    TrajectorySet system = strided(there.data());
    system.memory = Memory::device;
    const TrajectorySet here = strided(x.data());
    require_equal(engine.fit({&system, 1}, dmd), engine.fit({&here, 1}, dmd));
  }
  x[steps * channels + 7 * channels + 2] = std::numeric_limits<double>::quiet_NaN();
  const CallerMemory<double> there(x, stream.get());
  const TrajectorySet bad = cuda::view("x", there.data(), trials, steps, channels);
  CHECK_THROWS_WITH(engine.fit({&bad, 1}, dmd),
                    Catch::Contains("system 'x', trial 1, time 7, channel 2: the value is NaN"));
  TrajectorySet wrong = cuda::view("w", x.data(), trials, steps, channels);
  CHECK_THROWS_WITH(engine.fit({&wrong, 1}, dmd),
                    Catch::Contains("system 'w', trial 0: expected memory of the engine's device (cuda"));
  CHECK_THROWS_AS(engine.pairwise({&wrong, 1}, Cka{}), Error);
  CHECK_THROWS_WITH(Engine(Device::cpu(1)).fit({&bad, 1}, dmd), Catch::Contains("engine's device (cpu"));
  for (std::size_t i = 0; i < values; ++i) x[i] = i % channels == 1 ? 3 : static_cast<double>(i);
  const CallerMemory<double> constant(x, stream.get());
  const TrajectorySet flat = cuda::view("x", constant.data(), trials, steps, channels);
  CHECK(engine.fit({&flat, 1}, Dmd{.rank = 1}).front().facts.detail == "constant channel 1");
}
