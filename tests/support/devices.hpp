#pragma once
/// One test body for every device: a TEST_CASE tagged [devices] takes its device from here, and is run by kindred_tests
/// on the CPU and by kindred_cuda_tests on CUDA device 0 (CTest label `cuda`).
///
///     TEST_CASE("distances are symmetric", "[engine][devices]") {
///       Engine engine(test::device());
///       ...
///
/// Under an emulated device a test has about 2e9 instructions a second: keep the sizes small.
#include "host/backend/backend.hpp"

#include <memory>
#include <span>
#include <vector>

namespace kindred::test {

[[nodiscard]] Device device();

/// False where device() may be emulated: tests then take fewer and smaller cases.
[[nodiscard]] bool on_cpu();

/// The backend of device(), for tests of programs and of the seam. `budget` 0: the device's own. `threads` of a CPU.
[[nodiscard]] std::unique_ptr<host::Backend> make_backend(std::size_t budget = 0, int threads = 2);

/// Device memory with the values of a vector; `fetch` brings them back.
template <class T>
[[nodiscard]] host::Buffer<T> to_device(host::Backend& backend, const std::vector<T>& values) {
  return host::Buffer<T>(backend, std::span<const T>(values));
}
template <class T>
[[nodiscard]] std::vector<T> fetch(const host::Buffer<T>& buffer) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  buffer.download(values);
  return values;
}

}  // namespace kindred::test
