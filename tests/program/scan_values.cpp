#include "kernels/program/scan_values.hpp"
#include "tests/support/devices.hpp"

#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace kindred;

namespace {

/// One tile in a larger array of NaN, and what a plain loop finds in it.
template <class T>
struct Case {
  index_t steps, channels, time_stride, channel_stride;
  std::vector<T> values;
  double largest = 0;
  std::vector<unsigned char> varies;
};

template <class T>
Case<T> make_case(index_t steps, index_t channels, bool by_channel, T extreme, std::uint64_t stream) {
  Case<T> c{steps, channels, by_channel ? 1 : channels + 3, by_channel ? steps + 2 : 1, {}, 0, {}};
  simulate::Random random(3, stream);
  const index_t size = (steps - 1) * c.time_stride + (channels - 1) * c.channel_stride + 1;
  c.values.assign(static_cast<std::size_t>(size), std::numeric_limits<T>::quiet_NaN());
  const auto at = [&](index_t t, index_t k) -> T& {
    return c.values[static_cast<std::size_t>(t * c.time_stride + k * c.channel_stride)];
  };
  for (index_t k = 0; k < channels; ++k) {
    // Every third channel never changes, every third changes in its last step alone.
    const T value = static_cast<T>(random.normal());
    for (index_t t = 0; t < steps; ++t) at(t, k) = k % 3 == 0 ? static_cast<T>(random.normal()) : value;
    if (k % 3 == 2) at(steps - 1, k) = value + T(1);
  }
  if (extreme != 0) at(steps / 2, channels - 1) = extreme;
  for (index_t k = 0; k < channels; ++k) {
    bool varies = false;
    for (index_t t = 0; t < steps; ++t) {
      const T x = at(t, k);
      c.largest = std::isfinite(x) ? std::max(c.largest, std::abs(static_cast<double>(x)))
                                   : std::numeric_limits<double>::infinity();
      varies = varies || x != at(0, k);
    }
    c.varies.push_back(varies ? 1 : 0);
  }
  return c;
}

}  // namespace

TEMPLATE_TEST_CASE("scans find the largest magnitude and the channels that change", "[program][devices]", float,
                   double) {
  using Program = kernels::ScanValues<TestType>;
  constexpr TestType most = std::numeric_limits<TestType>::max(), nan = std::numeric_limits<TestType>::quiet_NaN();
  auto backend = test::make_backend();
  std::vector<Case<TestType>> cases;
  std::uint64_t stream = 0;
  for (const index_t steps : {1, 2, 33, 300}) {
    for (const index_t channels : {1, 3, 70}) {
      for (const TestType extreme : {TestType(0), -most, nan, std::numeric_limits<TestType>::infinity()}) {
        cases.push_back(make_case<TestType>(steps, channels, channels == 3, extreme, ++stream));
      }
    }
  }
  std::vector<host::Buffer<TestType>> inputs;
  std::vector<host::Buffer<unsigned char>> outputs;
  std::vector<typename Program::Tile> tiles;
  index_t elements = 0;
  for (const auto& c : cases) {
    inputs.push_back(test::to_device(*backend, c.values));
    outputs.push_back(test::to_device(*backend, std::vector<unsigned char>(static_cast<std::size_t>(c.channels), 7)));
    tiles.push_back({inputs.back().data(), c.time_stride, c.channel_stride, c.steps, c.channels, inputs.back().data(),
                     c.channel_stride, outputs.back().data()});
    elements = std::max(elements, c.steps * c.channels);
  }
  const auto device_tiles = test::to_device(*backend, tiles);
  const host::Buffer<double> device_largest(*backend, std::ssize(cases));
  backend->launch<Program>({device_tiles.data(), device_largest.data(), elements}, std::ssize(cases));
  const std::vector<double> largest = test::fetch(device_largest);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    CAPTURE(cases[k].steps, cases[k].channels, k);
    CHECK(largest[k] == cases[k].largest);
    CHECK(test::fetch(outputs[k]) == cases[k].varies);
  }
}
