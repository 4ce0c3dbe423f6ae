#include "host/backend/cuda/memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace kindred::host::cuda {

MemoryPool::MemoryPool(int ordinal, cudaStream_t stream) : stream_(stream) {
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.handleTypes = cudaMemHandleTypeNone;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = ordinal;
  check(cudaMemPoolCreate(&pool_, &properties), "cudaMemPoolCreate");
  std::uint64_t keep = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep), "cudaMemPoolSetAttribute");
}

MemoryPool::~MemoryPool() { (void)cudaMemPoolDestroy(pool_); }

void* MemoryPool::allocate(std::size_t bytes) {
  void* p = nullptr;
  const std::size_t size = std::max<std::size_t>(bytes, 1);
  cudaError_t status = cudaMallocFromPoolAsync(&p, size, pool_, stream_);
  if (status == cudaErrorMemoryAllocation) {
    // Memory of finished work that the pool keeps may be what is missing.
    (void)cudaGetLastError();
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    check(cudaMemPoolTrimTo(pool_, 0), "cudaMemPoolTrimTo");
    status = cudaMallocFromPoolAsync(&p, size, pool_, stream_);
  }
  if (status == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    throw Error(ErrorCode::out_of_memory,
                "cannot allocate " + std::to_string(size) + " bytes of device memory: " + std::to_string(free) +
                    " of " + std::to_string(total) + " bytes are free; use fewer or smaller systems at once");
  }
  check(status, "cudaMallocFromPoolAsync");
  return p;
}

void MemoryPool::release(void* p) noexcept { (void)cudaFreeAsync(p, stream_); }

Staging::~Staging() {
  for (Slot& slot : slots_) {
    if (slot.done != nullptr) (void)cudaEventDestroy(slot.done);
    if (slot.data != nullptr) (void)cudaFreeHost(slot.data);
  }
}

Staging::Slot& Staging::take(std::size_t i) {
  Slot& slot = slots_[i % slots_.size()];
  if (slot.data == nullptr) {
    void* p = nullptr;
    check(cudaMallocHost(&p, chunk), "cudaMallocHost");
    slot.data = static_cast<std::byte*>(p);
    check(cudaEventCreateWithFlags(&slot.done, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  } else {
    check(cudaEventSynchronize(slot.done), "cudaEventSynchronize");
  }
  return slot;
}

void Staging::upload(void* device, const void* host, std::size_t bytes) {
  uploaded_ += bytes;
  auto* to = static_cast<std::byte*>(device);
  const auto* from = static_cast<const std::byte*>(host);
  for (std::size_t i = 0, at = 0; at < bytes; ++i, at += chunk) {
    const std::size_t n = std::min(chunk, bytes - at);
    Slot& slot = take(i);
    std::memcpy(slot.data, from + at, n);
    check(cudaMemcpyAsync(to + at, slot.data, n, cudaMemcpyHostToDevice, stream_), "cudaMemcpyAsync");
    check(cudaEventRecord(slot.done, stream_), "cudaEventRecord");
  }
}

void Staging::download(void* host, const void* device, std::size_t bytes) {
  auto* to = static_cast<std::byte*>(host);
  const auto* from = static_cast<const std::byte*>(device);
  const std::size_t chunks = (bytes + chunk - 1) / chunk;
  const auto size = [=](std::size_t i) { return std::min(chunk, bytes - i * chunk); };
  for (std::size_t i = 0; i <= chunks; ++i) {
    if (i < chunks) {
      Slot& slot = take(i);
      check(cudaMemcpyAsync(slot.data, from + i * chunk, size(i), cudaMemcpyDeviceToHost, stream_), "cudaMemcpyAsync");
      check(cudaEventRecord(slot.done, stream_), "cudaEventRecord");
    }
    if (i > 0) std::memcpy(to + (i - 1) * chunk, take(i - 1).data, size(i - 1));
  }
}

CopyFeed::~CopyFeed() {
  (void)cudaStreamSynchronize(copies_);
  for (const Slot& slot : slots_) {
    if (slot.data != nullptr) pool_.release(slot.data);
  }
}

const void* CopyFeed::put(const void* host, std::size_t bytes) {
  DeviceScope scope(ordinal_);
  slots_[last_].read.record(work_);
  last_ = 1 - last_;
  Slot& slot = slots_[last_];
  if (bytes > size_) grow(bytes);
  slot.read.hold(copies_);
  staging_.upload(slot.data, host, bytes);
  copied_.record(copies_);
  copied_.hold(work_);
  return slot.data;
}

/// Memory is given and taken back in the order of work, which the next copy into either slot has to wait for once.
void CopyFeed::grow(std::size_t bytes) {
  size_ = 0;
  for (Slot& slot : slots_) {
    if (slot.data != nullptr) pool_.release(std::exchange(slot.data, nullptr));
    slot.data = pool_.allocate(bytes);
  }
  for (Slot& slot : slots_) slot.read.record(work_);
  size_ = bytes;
}

}  // namespace kindred::host::cuda
