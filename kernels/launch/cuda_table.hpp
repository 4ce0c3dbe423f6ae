#pragma once
/// How the CUDA backend sees the block programs: one table of kernels, in the order of the program list.
#include "kernels/exec/launch_shape.hpp"

#include <span>

namespace kindred::kernels {

/// What every launch tells the kernel beside the program's parameters.
struct CudaLaunch {
  index_t count;             ///< items
  unsigned long long* next;  ///< zero at the start; items beyond one a block are taken from here
  std::size_t shared_bytes;  ///< dynamic shared memory
  std::byte* arena;          ///< global scratch, arena_bytes a block
  std::size_t arena_bytes;
};

/// One program. Both kernels take (Params, CudaLaunch).
struct CudaEntry {
  /// Scratch and width; registers are the kernel's.
  ProgramNeeds (*needs)(const void* params);
  const void* all_shared;  ///< kernel for scratch that is in shared memory whole
  const void* split;       ///< kernel for scratch that is partly in the arena
};

/// The table, in the order of the program list.
std::span<const CudaEntry> cuda_entries();

}  // namespace kindred::kernels
