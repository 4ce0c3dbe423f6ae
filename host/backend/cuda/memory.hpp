#pragma once
/// Device memory and transfers of one engine: a stream-ordered pool, and pinned staging for copies from and to pageable
/// memory.
#include "host/backend/backend.hpp"
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

/// Copies between pageable host memory and the device, in one stream, through two pinned buffers: while one is on the
/// bus, the host fills or empties the other.
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
  [[nodiscard]] std::size_t uploaded_bytes() const { return uploaded_; }

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
  std::size_t uploaded_ = 0;
};

/// An event without timing.
class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "cudaEventCreateWithFlags"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { (void)cudaEventDestroy(event_); }

  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "cudaEventRecord"); }
  /// What is put into `stream` from now on waits for what was recorded.
  void hold(cudaStream_t stream) const { check(cudaStreamWaitEvent(stream, event_, 0), "cudaStreamWaitEvent"); }

 private:
  cudaEvent_t event_ = nullptr;
};

/// Two device buffers in turn, filled in a stream of copies beside the stream of work:
///     copy waits for the readers of the array before last; work waits for the copy.
/// So an array is on the bus while the device works on the one before.
class CopyFeed final : public Feed {
 public:
  CopyFeed(int ordinal, MemoryPool& pool, cudaStream_t work, Staging& staging, cudaStream_t copies)
      : ordinal_(ordinal), pool_(pool), work_(work), staging_(staging), copies_(copies) {}
  ~CopyFeed() override;

  [[nodiscard]] const void* put(const void* host, std::size_t bytes) override;

 private:
  struct Slot {
    void* data = nullptr;
    Event read;  ///< in work: after all that reads `data`
  };
  void grow(std::size_t bytes);

  int ordinal_;
  MemoryPool& pool_;
  cudaStream_t work_;
  Staging& staging_;
  cudaStream_t copies_;
  std::array<Slot, 2> slots_;
  std::size_t size_ = 0;  ///< of either slot
  std::size_t last_ = 0;  ///< the slot of the last array
  Event copied_;
};

}  // namespace kindred::host::cuda
