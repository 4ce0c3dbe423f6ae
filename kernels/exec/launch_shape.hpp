#pragma once
/// How a block program is laid out on a CUDA device: pure functions of the program's needs and the device's limits.
#include <kindred/types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace kindred::kernels {

inline constexpr int warp_threads = 32;
inline constexpr int max_block_threads = 256;

/// Elements of a program's widest phase that one thread handles: a 4 x 4 register tile of a matrix product.
inline constexpr index_t elements_per_thread = 16;

/// Resident warps that an SM wants at least: one for each of its four schedulers.
inline constexpr int wanted_warps = 4;

/// Shared memory that the reductions of a block with more than one warp take, before the program's scratch.
inline constexpr std::size_t reduction_bytes = 4096;

/// What a device offers, per streaming multiprocessor (SM) where not said otherwise.
struct DeviceLimits {
  int multiprocessors;
  int threads;                   ///< resident at once
  int blocks;                    ///< resident at once
  int registers;                 ///< of 32 bits
  std::size_t shared;            ///< bytes
  std::size_t shared_per_block;  ///< bytes, with opt-in
  std::size_t shared_reserved;   ///< bytes the system takes from each block
};

/// What one launch of a program needs.
struct ProgramNeeds {
  std::size_t scratch;  ///< bytes an item takes
  index_t width;        ///< independent elements of its widest phase
  int registers;        ///< a thread, as compiled
};

struct LaunchShape {
  int threads;         ///< of a block, whole warps
  unsigned blocks;     ///< of the grid; they take items until none is left
  std::size_t shared;  ///< bytes of dynamic shared memory a block
  std::size_t arena;   ///< bytes of global memory a block; 0: all scratch is shared
};

/// Threads of a block: enough for the widest phase at elements_per_thread each, whole warps, at most max_block_threads.
constexpr int block_threads(index_t width) {
  const index_t wanted = (width + elements_per_thread - 1) / elements_per_thread;
  const index_t warps = (wanted + warp_threads - 1) / warp_threads;
  return static_cast<int>(std::clamp<index_t>(warps * warp_threads, warp_threads, max_block_threads));
}

/// Blocks resident on one SM; 0 when not even one fits. Registers are handed out to warps in units of 256.
constexpr int resident_blocks(const DeviceLimits& device, int threads, std::size_t shared, int registers) {
  const int warps = threads / warp_threads;
  const int warp_registers = (std::max(registers, 1) * warp_threads + 255) / 256 * 256;
  const std::size_t block_shared = shared + device.shared_reserved;
  const auto by_shared = static_cast<int>(device.shared / std::max<std::size_t>(block_shared, 1));
  const int by_registers = device.registers / warp_registers / warps;
  return std::min({device.blocks, device.threads / threads, by_shared, by_registers});
}

/// Bytes of shared memory a block may take: what the device allows, but no more than leaves room for wanted_warps.
constexpr std::size_t block_shared_limit(const DeviceLimits& device, int threads) {
  const auto blocks = static_cast<std::size_t>((wanted_warps * warp_threads + threads - 1) / threads);
  const std::size_t share = (device.shared / blocks - device.shared_reserved) / 128 * 128;
  return std::min(device.shared_per_block, share);
}

/// Scratch goes to shared memory whole where it fits; otherwise the arrays taken first do, up to the block's limit, and
/// the rest goes to an arena in global memory, which holds at most `arena_limit` bytes over all blocks (but always one
/// block's). The grid is what is resident at once, or `count` items if fewer.
constexpr LaunchShape launch_shape(const ProgramNeeds& needs, const DeviceLimits& device, index_t count,
                                   std::size_t arena_limit) {
  LaunchShape shape{block_threads(needs.width), 1, 0, 0};
  const std::size_t reserved = shape.threads > warp_threads ? reduction_bytes : 0;
  const std::size_t limit = block_shared_limit(device, shape.threads);
  if (reserved + needs.scratch <= limit) {
    shape.shared = reserved + needs.scratch;
  } else {
    shape.shared = limit;
    shape.arena = needs.scratch;
  }
  const int resident = std::max(resident_blocks(device, shape.threads, shape.shared, needs.registers), 1);
  index_t blocks = std::min<index_t>(count, index_t{resident} * device.multiprocessors);
  if (shape.arena > 0) blocks = std::min(blocks, static_cast<index_t>(arena_limit / shape.arena));
  shape.blocks = static_cast<unsigned>(std::max<index_t>(blocks, 1));
  return shape;
}

}  // namespace kindred::kernels
