#pragma once
#include <kindred/export.hpp>
#include <kindred/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kindred {

/// Where an Engine computes. A value: making one touches no hardware.
class Device {
 public:
  enum class Kind { best, cpu, cuda };

  /// The CPU with `threads` threads; 0: as many as the machine (or OMP_NUM_THREADS) offers.
  static Device cpu(int threads = 0) { return {Kind::cpu, threads, {}}; }
  /// CUDA device `ordinal`. Engine construction throws Error{device} when it is not usable.
  static Device cuda(int ordinal = 0) { return {Kind::cuda, ordinal, {}}; }
  /// The same, with all work in the caller's stream: a cudaStream_t of that device, which outlives the engine. Its
  /// typed form is in kindred/cuda.hpp.
  static Device cuda(int ordinal, void* stream) { return {Kind::cuda, ordinal, stream}; }
  /// The first usable CUDA device, else the CPU.
  static Device best() { return {Kind::best, 0, {}}; }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] int number() const { return number_; }  ///< threads (cpu) or ordinal (cuda)
  /// The caller's stream; none: the engine makes its own.
  [[nodiscard]] std::optional<void*> stream() const { return stream_; }

 private:
  Device(Kind kind, int number, std::optional<void*> stream) : kind_(kind), number_(number), stream_(stream) {}
  Kind kind_;
  int number_;
  std::optional<void*> stream_;
};

/// What a device is, for people and sidecar files.
struct DeviceInfo {
  std::string kind;    ///< "cpu" or "cuda"
  std::string name;    ///< processor or GPU model
  std::string detail;  ///< instruction set target and threads, or compute capability and memory
  std::string target;  ///< what the bits of results depend on: kernels and instruction set, or GPU model
};

/// All devices this build can use on this machine, best first; the CPU is always there.
[[nodiscard]] KINDRED_EXPORT std::vector<DeviceInfo> devices();

/// Why no CUDA device is usable ("built without CUDA", "no driver", "no device"); empty when one is.
[[nodiscard]] KINDRED_EXPORT std::string cuda_unavailable_reason();

}  // namespace kindred
