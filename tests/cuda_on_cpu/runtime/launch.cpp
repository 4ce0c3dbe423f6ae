// Launches of kernels, their attributes, and occupancy.
#include "tests/cuda_on_cpu/runtime/module.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

using namespace ccpu;

namespace {

cudaError_t launch(const void* handle, dim3 g, dim3 b, void** args, size_t shared, cudaStream_t stream,
                   bool cooperative) {
  if (cudaError_t e = check_stream(stream)) return e;
  Function* f = find_function(handle);
  if (!f) return complain(cudaErrorInvalidDeviceFunction, "launch of something that is not a kernel");
  const KernelDesc* k = kernel_of(*f);
  if (!k) {
    bool no_image = !f->module->usable;
    if (!no_image && !options().fault_is_error) {
      fflush(stdout);
      abort();
    }
    return record(no_image ? cudaErrorNoKernelImageForDevice : cudaErrorInvalidDeviceFunction);
  }
  std::string name = demangle(f->name.c_str());
  u64 threads = (u64)b.x * b.y * b.z;
  if (!threads || threads > 1024 || b.x > 1024 || b.y > 1024 || b.z > 64 || !g.x || !g.y || !g.z || g.y > 65535 ||
      g.z > 65535 || g.x > 2147483647u)
    return complain(cudaErrorInvalidConfiguration, "launch of %s with grid (%u,%u,%u), block (%u,%u,%u)", name.c_str(),
                    g.x, g.y, g.z, b.x, b.y, b.z);
  if (k->max_threads && threads > k->max_threads)
    return complain(cudaErrorLaunchOutOfResources, "launch of %s with %llu threads per block, its launch bound is %u",
                    name.c_str(), (unsigned long long)threads, k->max_threads);
  u64 allowed = f->max_dynamic >= 0 ? (u64)std::max(f->max_dynamic, 49152 - (int)k->static_shared)
                                    : (u64)std::max(0, 49152 - (int)k->static_shared);
  if (shared > allowed || k->static_shared + shared > (u64)options().shared_optin)
    return complain(cudaErrorInvalidValue,
                    "launch of %s with %zu bytes of dynamic and %u of static shared memory: %llu bytes of dynamic "
                    "shared memory are allowed (cudaFuncAttributeMaxDynamicSharedMemorySize; limit of the device: %d)",
                    name.c_str(), shared, k->static_shared, (unsigned long long)allowed, options().shared_optin);
  if (cooperative) {
    int per_sm = 0;
    cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, handle, (int)threads, shared);
    if ((u64)g.x * g.y * g.z > (u64)per_sm * (u64)options().sm_count)
      return complain(cudaErrorCooperativeLaunchTooLarge, "cooperative launch of %s with too many blocks",
                      name.c_str());
    if ((u64)g.x * g.y * g.z > 512)
      return complain(cudaErrorCooperativeLaunchTooLarge,
                      "cooperative launches of more than 512 blocks are not supported");
  }
  auto params = std::make_shared<std::vector<u64>>((size_t)(k->param_bytes + 15) / 8 + 1);
  for (int i = 0; i < k->nparam; i++)
    memcpy((u8*)params->data() + k->param_layout[2 * i], args[i], (size_t)k->param_layout[2 * i + 1]);
  LaunchInfo info{k, {g.x, g.y, g.z}, {b.x, b.y, b.z}, (u32)shared, (u8*)params->data(), cooperative};
  return submit(stream, [=] {
    auto t = std::chrono::steady_clock::now();
    int e = run_kernel(info);
    (void)params;
    u64 ns = (u64)std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - t).count();
    f->launches++;
    f->ns += ns;
    if (options().verbose)
      say("%s <<<(%u,%u,%u),(%u,%u,%u),%zu>>> %.3f ms", name.c_str(), g.x, g.y, g.z, b.x, b.y, b.z, shared,
          (double)ns * 1e-6);
    return e;
  });
}

}  // namespace

struct Configuration {
  dim3 g, b;
  size_t shared;
  cudaStream_t stream;
};
static thread_local std::vector<Configuration> configurations;
API unsigned __cudaPushCallConfiguration(dim3 g, dim3 b, size_t shared, cudaStream_t s) {
  configurations.push_back({g, b, shared, s});
  return 0;
}
API cudaError_t __cudaPopCallConfiguration(dim3* g, dim3* b, size_t* shared, void* s) {
  if (configurations.empty()) return record(cudaErrorMissingConfiguration);
  Configuration c = configurations.back();
  configurations.pop_back();
  *g = c.g;
  *b = c.b;
  *shared = c.shared;
  *(cudaStream_t*)s = c.stream;
  return cudaSuccess;
}
API cudaError_t __cudaGetKernel(cudaKernel_t* k, const void* f) {
  *k = (cudaKernel_t)f;
  return cudaSuccess;
}
API cudaError_t __cudaLaunchKernel(cudaKernel_t k, dim3 g, dim3 b, void** a, size_t n, cudaStream_t s) {
  return launch((const void*)k, g, b, a, n, s, false);
}
API cudaError_t cudaLaunchKernel(const void* f, dim3 g, dim3 b, void** a, size_t n, cudaStream_t s) {
  return launch(f, g, b, a, n, s, false);
}
API cudaError_t cudaLaunchCooperativeKernel(const void* f, dim3 g, dim3 b, void** a, size_t n, cudaStream_t s) {
  return launch(f, g, b, a, n, s, true);
}
API cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* c, const void* f, void** a) {
  bool cooperative = false;
  for (unsigned i = 0; i < c->numAttrs; i++) {
    auto& x = c->attrs[i];
    if (x.id == cudaLaunchAttributeCooperative) cooperative = x.val.cooperative;
    if (x.id == cudaLaunchAttributeClusterDimension && x.val.clusterDim.x * x.val.clusterDim.y * x.val.clusterDim.z > 1)
      return complain(cudaErrorNotSupported, "thread block clusters of more than one block are not supported");
  }
  return launch(f, c->gridDim, c->blockDim, a, c->dynamicSmemBytes, c->stream, cooperative);
}
API cudaError_t cudaGetFuncBySymbol(cudaFunction_t* f, const void* symbol) {
  *f = (cudaFunction_t)symbol;
  return find_function(symbol) ? cudaSuccess : record(cudaErrorInvalidDeviceFunction);
}
API cudaError_t cudaGetKernel(cudaKernel_t* k, const void* symbol) {
  *k = (cudaKernel_t)symbol;
  return find_function(symbol) ? cudaSuccess : record(cudaErrorInvalidDeviceFunction);
}
API cudaError_t cudaFuncGetName(const char** name, const void* f) {
  Function* x = find_function(f);
  if (!x) return record(cudaErrorInvalidDeviceFunction);
  *name = x->name.c_str();
  return cudaSuccess;
}

// ---- function attributes and occupancy ----
API cudaError_t cudaFuncSetAttribute(const void* f, cudaFuncAttribute a, int v) {
  Function* x = find_function(f);
  if (!x) return record(cudaErrorInvalidDeviceFunction);
  if (!load(x->module)) return record(cudaErrorNoKernelImageForDevice);
  if (a == cudaFuncAttributeMaxDynamicSharedMemorySize) {
    int limit = options().shared_optin - x->module->kernels[x->name].shared;
    if (v < 0 || v > limit)
      return complain(cudaErrorInvalidValue, "cudaFuncSetAttribute: %d bytes of dynamic shared memory, the limit is %d",
                      v, limit);
    x->max_dynamic = v;
  }
  return cudaSuccess;
}
API cudaError_t cudaFuncSetCacheConfig(const void*, cudaFuncCache) { return cudaSuccess; }
API cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* a, const void* f) {
  memset(a, 0, sizeof *a);
  Function* x = find_function(f);
  if (!x) return record(cudaErrorInvalidDeviceFunction);
  if (!load(x->module)) return record(cudaErrorNoKernelImageForDevice);
  KernelEntry& k = x->module->kernels[x->name];
  a->sharedSizeBytes = (size_t)k.shared;
  a->localSizeBytes = (size_t)k.local;
  a->maxThreadsPerBlock = k.threads ? k.threads : 1024;
  a->numRegs = 32;
  a->ptxVersion = x->module->arch;
  a->binaryVersion = options().arch;
  a->maxDynamicSharedSizeBytes = x->max_dynamic >= 0 ? x->max_dynamic : 49152 - k.shared;
  return cudaSuccess;
}
static int blocks_per_sm() {
  int a = options().arch;
  return a >= 120 ? 24 : a >= 90 ? 32 : a == 89 ? 24 : a == 80 ? 32 : 16;
}
static int threads_per_sm() {
  int a = options().arch;
  return a == 75 ? 1024 : (a == 86 || a == 89 || a >= 120) ? 1536 : 2048;
}
API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* n, const void* f, int threads,
                                                                       size_t dynamic, unsigned) {
  cudaFuncAttributes a;
  if (cudaError_t e = cudaFuncGetAttributes(&a, f)) return e;
  if (threads <= 0) return record(cudaErrorInvalidValue);
  size_t shared = a.sharedSizeBytes + dynamic;
  *n = 0;
  if (threads > a.maxThreadsPerBlock || shared > (size_t)options().shared_optin) return cudaSuccess;
  int per_sm = options().shared_optin + 1024, warps = (threads + 31) / 32;
  *n = std::min({blocks_per_sm(), threads_per_sm() / 32 / warps, per_sm / (int)(shared + 1024)});
  return cudaSuccess;
}
API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* n, const void* f, int threads, size_t dynamic) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(n, f, threads, dynamic, 0);
}
API cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t* n, const void* f, int blocks, int) {
  cudaFuncAttributes a;
  if (cudaError_t e = cudaFuncGetAttributes(&a, f)) return e;
  long per = (options().shared_optin + 1024) / std::max(blocks, 1) - 1024 - (long)a.sharedSizeBytes;
  *n = (size_t)std::max(0l, std::min(per, (long)options().shared_optin - (long)a.sharedSizeBytes));
  return cudaSuccess;
}
API cudaError_t cudaOccupancyMaxActiveClusters(int* n, const void*, const cudaLaunchConfig_t*) {
  *n = options().sm_count;
  return cudaSuccess;
}
API cudaError_t cudaOccupancyMaxPotentialClusterSize(int* n, const void*, const cudaLaunchConfig_t*) {
  *n = 1;
  return cudaSuccess;
}
