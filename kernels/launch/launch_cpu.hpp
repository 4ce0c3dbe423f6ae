#pragma once
/// How the CPU backend sees the block programs: one table of entry points a compiled target.
#include <kindred/types.hpp>

#include <cstddef>

namespace kindred::kernels {

/// One program, compiled for one target.
struct CpuEntry {
  std::size_t (*scratch_bytes)(const void* params);
  /// Runs one item; `arena` holds at least scratch_bytes(params), 64-byte aligned.
  void (*run)(const void* params, index_t item, std::byte* arena, std::size_t bytes);
};

/// All programs for one target, in the order of the program list.
struct CpuTable {
  const char* target;
  const CpuEntry* entries;
};

/// The table of the best target this processor runs, chosen once.
const CpuTable& cpu_table();

}  // namespace kindred::kernels
