#include "kernels/launch/launch_cuda.cuh"
#include "tests/support/steps.hpp"

#include <stdexcept>

namespace kindred::test {

namespace {

void check(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}

}  // namespace

/// A block for each item, with its scratch in shared memory.
template <class P>
void run_steps(host::Backend& backend, const typename P::Params& params, index_t count) {
  const int threads = kernels::block_threads(P::width(params));
  const std::size_t reductions = threads > kernels::warp_threads ? kernels::reduction_bytes : 0;
  const std::size_t shared = P::scratch(params).bytes + reductions;
  const auto kernel = reinterpret_cast<const void*>(&kernels::run_program<P, true>);
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  const unsigned long long zero = 0;
  const host::Buffer<unsigned long long> next(backend, std::span(&zero, 1));
  typename P::Params p = params;
  kernels::CudaLaunch launch{count, next.data(), shared, nullptr, 0};
  void* arguments[] = {&p, &launch};
  backend.synchronize();
  check(cudaLaunchKernel(kernel, dim3(static_cast<unsigned>(count)), dim3(static_cast<unsigned>(threads)), arguments,
                         shared, nullptr));
  check(cudaDeviceSynchronize());
}

#define KINDRED_RUN_STEPS(...) template void run_steps<__VA_ARGS__>(host::Backend&, const __VA_ARGS__::Params&, index_t)
KINDRED_TEST_STEPS(KINDRED_RUN_STEPS);

}  // namespace kindred::test
