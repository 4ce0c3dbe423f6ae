#pragma once
/// One test body for every device: a TEST_CASE tagged [devices] takes its device from here, and is run by kindred_tests
/// on the CPU and by kindred_cuda_tests on CUDA device 0 (CTest label `cuda`).
///
///     TEST_CASE("distances are symmetric", "[engine][devices]") {
///       Engine engine(test::device());
///       ...
///
/// An emulated device runs about 2e9 instructions a second: keep the sizes small, with sizes() and either() below.
#include "host/backend/backend.hpp"

#include <memory>
#include <span>
#include <vector>

namespace kindred::test {

[[nodiscard]] Device device();

/// False where device() may be emulated: tests then take fewer and smaller cases.
[[nodiscard]] bool on_cpu();

/// The cases of a test: all sizes on the CPU, a few small ones where the device may be emulated.
///     for (const index_t r : test::sizes({.cpu = {2, 3, 5, 33}, .gpu = {3, 17}})) { ... }
struct Sizes {
  std::vector<index_t> cpu, gpu;
};
[[nodiscard]] inline std::vector<index_t> sizes(const Sizes& s) { return on_cpu() ? s.cpu : s.gpu; }

/// The same for one number, or any other value.
template <class T>
[[nodiscard]] T either(T cpu, T gpu) {
  return on_cpu() ? cpu : gpu;
}

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
