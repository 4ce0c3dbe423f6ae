#pragma once
/// Runs a block program on one core, and the entry that describes an instance of it.
#include "kernels/exec/cpu.hpp"
#include "kernels/launch/cpu_table.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

template <class P>
std::size_t scratch_bytes(const void* params) {
  return P::scratch(*static_cast<const typename P::Params*>(params)).bytes;
}

template <class P>
void run_item(const void* params, index_t item, std::byte* arena, std::size_t bytes) {
  CpuExec ex(arena, bytes);
  P::run(ex, *static_cast<const typename P::Params*>(params), item);
}

template <class P>
CpuEntry cpu_entry();

#define KINDRED_INSTANCE(...)                                     \
  template <>                                                     \
  CpuEntry cpu_entry<__VA_ARGS__>() {                             \
    return {&scratch_bytes<__VA_ARGS__>, &run_item<__VA_ARGS__>}; \
  }

}  // namespace kindred::kernels::inline KINDRED_TARGET
