#pragma once
/// The one kernel that runs any block program, and the entry that describes an instance of it.
#include "kernels/exec/cuda.cuh"
#include "kernels/launch/cuda_table.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Runs P on items 0 .. count - 1: block b starts with item b, then takes items from the queue `next`, so that blocks
/// with cheap items do more of them. Which block runs an item does not change its result. One resident block is enough
/// for the bounds: it is shared memory that limits residency, and a thread held to fewer registers spills.
template <class P, bool all_shared>
__global__ void __launch_bounds__(max_block_threads, 1)
    run_program(const __grid_constant__ typename P::Params params, const __grid_constant__ CudaLaunch launch) {
  extern __shared__ __align__(scratch_alignment) std::byte shared[];
  __shared__ index_t taken[2];
  std::byte* arena = all_shared ? nullptr : launch.arena + blockIdx.x * launch.arena_bytes;
  int turn = 0;
  for (index_t item = blockIdx.x; item < launch.count; turn ^= 1) {
    if (threadIdx.x == 0) taken[turn] = gridDim.x + static_cast<index_t>(atomicAdd(launch.next, 1ULL));
    CudaExec<all_shared> ex(shared, launch.shared_bytes, arena);
    P::run(ex, params, item);
    __syncthreads();  // the item is done with its scratch, and its successor is known
    item = taken[turn];
  }
}

template <class P>
ProgramNeeds program_needs(const void* params) {
  const auto& p = *static_cast<const typename P::Params*>(params);
  ProgramNeeds needs{P::scratch(p).bytes, elements_per_thread * 128, 0};
  if constexpr (requires { P::width(p); }) needs.width = P::width(p);
  return needs;
}

template <class P>
CudaEntry cuda_entry();

#define KINDRED_INSTANCE(...)                                                                            \
  template <>                                                                                            \
  CudaEntry cuda_entry<__VA_ARGS__>() {                                                                  \
    return {&program_needs<__VA_ARGS__>, reinterpret_cast<const void*>(&run_program<__VA_ARGS__, true>), \
            reinterpret_cast<const void*>(&run_program<__VA_ARGS__, false>)};                            \
  }

}  // namespace kindred::kernels::inline KINDRED_TARGET
