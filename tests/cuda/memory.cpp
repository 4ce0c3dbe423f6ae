/// Device memory: what does not fit is an error that leaves the engine usable, or is done in parts with the same bits.
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace kindred;

namespace {

/// Recordings of 5000 steps and 128 channels, 5 MB each: slow waves, and noise without pattern.
class Collection {
 public:
  static constexpr index_t steps = 5000, channels = 128;

  explicit Collection(int count) {
    std::uint64_t state = 1;
    for (int k = 0; k < count; ++k) {
      auto& x = data_.emplace_back();
      x.reserve(static_cast<std::size_t>(steps * channels));
      for (index_t t = 0; t < steps; ++t) {
        for (index_t c = 0; c < channels; ++c) {
          state = state * 6364136223846793005u + 1442695040888963407u;
          const double noise = static_cast<double>(state >> 40) * 0x1p-24;
          const double phase = 0.01 * static_cast<double>((k + 3) * t) + static_cast<double>(c % 5);
          x.push_back(std::sin(phase) * static_cast<double>(1 + c % 7) + 0.1 * noise);
        }
      }
    }
    for (int k = 0; k < count; ++k) {
      systems_.push_back(
          TrajectorySet::view("x" + std::to_string(k), data_[static_cast<std::size_t>(k)].data(), 1, steps, channels));
    }
  }

  [[nodiscard]] const std::vector<TrajectorySet>& systems() const { return systems_; }

 private:
  std::vector<std::vector<double>> data_;
  std::vector<TrajectorySet> systems_;
};

}  // namespace

TEST_CASE("an allocation that does not fit is refused, and the backend goes on", "[cuda]") {
  const auto backend = host::make_cuda_backend(0, 0);
  try {
    (void)backend->allocate(std::size_t{1} << 50);
    FAIL("a petabyte was allocated");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::out_of_memory);
    CHECK_THAT(e.what(), Catch::Contains("1125899906842624 bytes") && Catch::Contains("are free"));
  }
  const auto x = test::to_device(*backend, std::vector<double>{1, 2, 3, 4});
  const auto g = host::Buffer<double>(*backend, 4);
  backend->gram(host::packed(x.data(), 2, 2), 0, host::packed(g.data(), 2, 2), 1);
  CHECK(test::fetch(g) == std::vector<double>{10, 14, 14, 20});
}

TEST_CASE("a collection larger than the device is fitted in parts with the same bits", "[cuda][memory]") {
  const Collection collection(16);  // 82 MB
  const Dmd dmd{.rank = 4};
  OperatorSet alone;
  for (const auto& system : collection.systems()) {
    alone.push_back(Engine(Device::cuda(0)).fit(std::span(&system, 1), dmd).front());
  }
  for (const std::size_t budget : {std::size_t{0}, std::size_t{24} << 20}) {
    const OperatorSet all = Engine(Device::cuda(0), {.memory_budget = budget}).fit(collection.systems(), dmd);
    REQUIRE(all.size() == alone.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
      CAPTURE(budget, k);
      CHECK(all[k].facts.status == FitStatus::ok);
      CHECK(all[k].values == alone[k].values);
    }
  }
}

TEST_CASE("a device that runs out in the midst of a fit is an error, and the engine goes on", "[cuda][memory]") {
  const Collection collection(16);
  const Dmd dmd{.rank = 4};
  const auto first = std::span(collection.systems()).first(1);
  Engine engine(Device::cuda(0), {.memory_budget = std::size_t{1} << 40});  // a promise that 64 MB do not keep
  try {
    (void)engine.fit(collection.systems(), dmd);
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::out_of_memory);
  }
  CHECK(engine.fit(first, dmd).front().values == Engine(Device::cuda(0)).fit(first, dmd).front().values);
}
