#pragma once
/// How the CPU backend sees the block programs: one table of entry points a compiled level.
#include <kindred/types.hpp>

#include <cstddef>

namespace kindred::kernels {

/// One program, compiled for one level.
struct CpuEntry {
  std::size_t (*scratch_bytes)(const void* params);
  /// Runs one item; `arena` holds at least scratch_bytes(params), 64-byte aligned.
  void (*run)(const void* params, index_t item, std::byte* arena, std::size_t bytes);
};

/// All programs for one level, in the order of the program list.
struct CpuTable {
  const char* target;
  const CpuEntry* entries;
};

}  // namespace kindred::kernels
