#pragma once
/// Device memory and transfers of one engine: a stream-ordered pool, and pinned staging for copies from and to pageable
/// memory.
#include "host/backend/cuda/check.hpp"

#include <array>
#include <cstddef>

namespace kindred::host::cuda {

/// Makes a device current for a scope.
class DeviceScope {
 public:
  explicit DeviceScope(int ordinal) {
    check(cudaGetDevice(&before_), "cudaGetDevice");
    if (before_ != ordinal) check(cudaSetDevice(ordinal), "cudaSetDevice");
    changed_ = before_ != ordinal;
  }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;
  ~DeviceScope() {
    if (changed_) (void)cudaSetDevice(before_);
  }

 private:
  int before_ = 0;
  bool changed_ = false;
};

/// A pool of device memory whose allocations and releases are ordered in one stream. What was released stays in the
/// pool until the device runs short.
class MemoryPool {
 public:
  MemoryPool(int ordinal, cudaStream_t stream);
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;
  ~MemoryPool();

  /// Uninitialised, 256-byte aligned. Throws Error{out_of_memory} that states what was asked for and what is free; the
  /// pool stays usable.
  [[nodiscard]] void* allocate(std::size_t bytes);
  void release(void* p) noexcept;

 private:
  cudaStream_t stream_;
  cudaMemPool_t pool_ = nullptr;
};

/// Copies between pageable host memory and the device through two pinned buffers: while one is on the bus, the host
/// fills or empties the other, and kernels that were launched before go on.
class Staging {
 public:
  explicit Staging(cudaStream_t stream) : stream_(stream) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  /// Returns when `host` may be reused.
  void upload(void* device, const void* host, std::size_t bytes);
  /// Returns with the data in `host`.
  void download(void* host, const void* device, std::size_t bytes);

 private:
  static constexpr std::size_t chunk = std::size_t{4} << 20;
  struct Slot {
    std::byte* data = nullptr;
    cudaEvent_t done = nullptr;  ///< the last copy from or to `data`
  };
  /// A slot whose last copy has finished.
  Slot& take(std::size_t i);

  cudaStream_t stream_;
  std::array<Slot, 2> slots_;
};

}  // namespace kindred::host::cuda
