// The one device: properties, attributes, limits, errors, and what happens at exit.
#include "error_names.h"  // generated from driver_types.h: the names of the error codes
#include "tests/cuda_on_cpu/runtime/runtime.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <map>

namespace ccpu {

static thread_local cudaError_t last_error = cudaSuccess;
static std::atomic<int> sticky{0};

cudaError_t record(cudaError_t e) {
  if (e != cudaSuccess) last_error = e;
  return e;
}
cudaError_t complain(cudaError_t e, const char* format, ...) {
  char s[2048];
  va_list a;
  va_start(a, format);
  vsnprintf(s, sizeof s, format, a);
  va_end(a);
  say("%s: %s", cudaGetErrorName(e), s);
  return record(e);
}
cudaError_t sticky_error() { return record((cudaError_t)sticky.load()); }
void set_sticky_error(cudaError_t e) { sticky = (int)e; }

/// Reports at the end of the process; a finding that was asked for becomes its exit status.
struct AtExit {
  ~AtExit() {
    int status = 0;
    report_profile();
    if (races_found()) {
      say("RACE: %llu conflicting accesses", (unsigned long long)races_found());
      status = 66;
    }
    if (report_leaks() && options().leaks == 2) status = 67;
    if (status) {
      fflush(nullptr);
      _exit(status);
    }
  }
};
static AtExit at_exit;

/// Answers common to properties and attributes.
struct Limits {
  int threads_per_sm, blocks_per_sm, shared_per_sm;
};
static Limits limits() {
  int a = options().arch;
  return {a == 75                            ? 1024
          : (a == 86 || a == 89 || a >= 120) ? 1536
                                             : 2048,
          a >= 120  ? 24
          : a >= 90 ? 32
          : a == 89 ? 24
          : a == 80 ? 32
                    : 16,
          options().shared_optin + 1024};
}

}  // namespace ccpu

using namespace ccpu;

API cudaError_t cudaGetDeviceCount(int* n) {
  *n = 1;
  return cudaSuccess;
}
API cudaError_t cudaGetDevice(int* d) {
  *d = 0;
  return cudaSuccess;
}
API cudaError_t cudaSetDevice(int d) {
  return d == 0 ? cudaSuccess : complain(cudaErrorInvalidDevice, "there is only device 0");
}
API cudaError_t cudaSetValidDevices(int*, int) { return cudaSuccess; }
API cudaError_t cudaChooseDevice(int* d, const cudaDeviceProp*) { return cudaGetDevice(d); }
API cudaError_t cudaInitDevice(int d, unsigned, unsigned) { return cudaSetDevice(d); }
API cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
API cudaError_t cudaGetDeviceFlags(unsigned* f) {
  *f = 0;
  return cudaSuccess;
}
API cudaError_t cudaDeviceReset() {
  drain_all();
  free_everything();
  set_sticky_error(cudaSuccess);
  last_error = cudaSuccess;
  return cudaSuccess;
}
API cudaError_t cudaProfilerStart() { return cudaSuccess; }
API cudaError_t cudaProfilerStop() { return cudaSuccess; }
API cudaError_t cudaRuntimeGetVersion(int* v) {
  *v = CUDART_VERSION;
  return cudaSuccess;
}
API cudaError_t cudaDriverGetVersion(int* v) { return cudaRuntimeGetVersion(v); }

API cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int d) {
  if (!p) return record(cudaErrorInvalidValue);
  if (d) return record(cudaErrorInvalidDevice);
  const Options& o = options();
  Limits l = limits();
  memset(p, 0, sizeof *p);
  snprintf(p->name, sizeof p->name, "cuda-on-cpu, compute capability %d.%d", o.arch / 10, o.arch % 10);
  p->major = o.arch / 10;
  p->minor = o.arch % 10;
  p->totalGlobalMem = o.memory;
  p->totalConstMem = 65536;
  p->sharedMemPerBlock = 49152;
  p->sharedMemPerBlockOptin = (size_t)o.shared_optin;
  p->sharedMemPerMultiprocessor = (size_t)l.shared_per_sm;
  p->reservedSharedMemPerBlock = 1024;
  p->regsPerBlock = p->regsPerMultiprocessor = 65536;
  p->warpSize = 32;
  p->memPitch = 2147483647;
  p->maxThreadsPerBlock = 1024;
  p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 2147483647;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->multiProcessorCount = o.sm_count;
  p->maxThreadsPerMultiProcessor = l.threads_per_sm;
  p->maxBlocksPerMultiProcessor = l.blocks_per_sm;
  p->l2CacheSize = 50 << 20;
  p->memoryBusWidth = 5120;
  p->textureAlignment = 512;
  p->texturePitchAlignment = 32;
  p->asyncEngineCount = 3;
  p->concurrentKernels = p->unifiedAddressing = p->canMapHostMemory = p->managedMemory = 1;
  p->concurrentManagedAccess = p->cooperativeLaunch = p->streamPrioritiesSupported = 1;
  p->memoryPoolsSupported = p->hostRegisterSupported = p->canUseHostPointerForRegisteredMem = 1;
  return cudaSuccess;
}

API cudaError_t cudaDeviceGetAttribute(int* v, cudaDeviceAttr a, int d) {
  if (!v) return record(cudaErrorInvalidValue);
  if (d) return record(cudaErrorInvalidDevice);
  const Options& o = options();
  Limits l = limits();
  static const std::map<int, int> fixed = {{cudaDevAttrMaxThreadsPerBlock, 1024},
                                           {cudaDevAttrMaxBlockDimX, 1024},
                                           {cudaDevAttrMaxBlockDimY, 1024},
                                           {cudaDevAttrMaxBlockDimZ, 64},
                                           {cudaDevAttrMaxGridDimX, 2147483647},
                                           {cudaDevAttrMaxGridDimY, 65535},
                                           {cudaDevAttrMaxGridDimZ, 65535},
                                           {cudaDevAttrMaxSharedMemoryPerBlock, 49152},
                                           {cudaDevAttrReservedSharedMemoryPerBlock, 1024},
                                           {cudaDevAttrTotalConstantMemory, 65536},
                                           {cudaDevAttrWarpSize, 32},
                                           {cudaDevAttrMaxPitch, 2147483647},
                                           {cudaDevAttrMaxRegistersPerBlock, 65536},
                                           {cudaDevAttrMaxRegistersPerMultiprocessor, 65536},
                                           {cudaDevAttrClockRate, 1980000},
                                           {cudaDevAttrMemoryClockRate, 2619000},
                                           {cudaDevAttrGlobalMemoryBusWidth, 5120},
                                           {cudaDevAttrL2CacheSize, 50 << 20},
                                           {cudaDevAttrTextureAlignment, 512},
                                           {cudaDevAttrAsyncEngineCount, 3},
                                           {cudaDevAttrConcurrentKernels, 1},
                                           {cudaDevAttrUnifiedAddressing, 1},
                                           {cudaDevAttrCanMapHostMemory, 1},
                                           {cudaDevAttrManagedMemory, 1},
                                           {cudaDevAttrConcurrentManagedAccess, 1},
                                           {cudaDevAttrCooperativeLaunch, 1},
                                           {cudaDevAttrStreamPrioritiesSupported, 1},
                                           {cudaDevAttrMemoryPoolsSupported, 1},
                                           {cudaDevAttrHostRegisterSupported, 1},
                                           {cudaDevAttrCanUseHostPointerForRegisteredMem, 1},
                                           {cudaDevAttrSingleToDoublePrecisionPerfRatio, 2}};
  switch ((int)a) {
    case cudaDevAttrComputeCapabilityMajor:
      *v = o.arch / 10;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *v = o.arch % 10;
      break;
    case cudaDevAttrMultiProcessorCount:
      *v = o.sm_count;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *v = o.shared_optin;
      break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *v = l.shared_per_sm;
      break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *v = l.threads_per_sm;
      break;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      *v = l.blocks_per_sm;
      break;
    default: {
      auto it = fixed.find((int)a);
      *v = it == fixed.end() ? 0 : it->second;
    }
  }
  return cudaSuccess;
}
API cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) {
  *can = 0;
  return cudaSuccess;
}
API cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return record(cudaErrorInvalidDevice); }
API cudaError_t cudaDeviceDisablePeerAccess(int) { return record(cudaErrorPeerAccessNotEnabled); }
API cudaError_t cudaDeviceGetPCIBusId(char* s, int n, int) {
  snprintf(s, (size_t)n, "0000:00:00.0");
  return cudaSuccess;
}
API cudaError_t cudaDeviceGetByPCIBusId(int* d, const char*) { return cudaGetDevice(d); }
API cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
API cudaError_t cudaDeviceGetCacheConfig(cudaFuncCache* c) {
  *c = cudaFuncCachePreferNone;
  return cudaSuccess;
}
static std::map<int, size_t>& device_limits() {
  static std::map<int, size_t> m = {
      {cudaLimitStackSize, 1024}, {cudaLimitPrintfFifoSize, 1 << 20}, {cudaLimitMallocHeapSize, 8 << 20}};
  return m;
}
API cudaError_t cudaDeviceSetLimit(cudaLimit l, size_t v) {
  device_limits()[l] = v;
  return cudaSuccess;
}
API cudaError_t cudaDeviceGetLimit(size_t* v, cudaLimit l) {
  *v = device_limits()[l];
  return cudaSuccess;
}
API cudaError_t cudaCtxResetPersistingL2Cache() { return cudaSuccess; }

// ---- errors ----
API cudaError_t cudaGetLastError() {
  cudaError_t e = last_error;
  last_error = (cudaError_t)sticky.load();
  return e;
}
API cudaError_t cudaPeekAtLastError() { return last_error; }
API const char* cudaGetErrorName(cudaError_t e) {
  for (auto& x : error_names)
    if (x.code == (int)e) return x.name;
  return "unrecognized error code";
}
API const char* cudaGetErrorString(cudaError_t e) {
  static const std::map<int, const char*> texts = {
      {cudaSuccess, "no error"},
      {cudaErrorInvalidValue, "invalid argument"},
      {cudaErrorMemoryAllocation, "out of memory"},
      {cudaErrorInvalidConfiguration, "invalid configuration argument"},
      {cudaErrorInvalidPitchValue, "invalid pitch argument"},
      {cudaErrorInvalidSymbol, "invalid device symbol"},
      {cudaErrorInvalidMemcpyDirection, "invalid copy direction for memcpy"},
      {cudaErrorInvalidDeviceFunction, "invalid device function"},
      {cudaErrorNoDevice, "no CUDA-capable device is detected"},
      {cudaErrorInvalidDevice, "invalid device ordinal"},
      {cudaErrorNoKernelImageForDevice, "no kernel image is available for execution on the device"},
      {cudaErrorInvalidResourceHandle, "invalid resource handle"},
      {cudaErrorNotReady, "device not ready"},
      {cudaErrorIllegalAddress, "an illegal memory access was encountered"},
      {cudaErrorLaunchOutOfResources, "too many resources requested for launch"},
      {cudaErrorLaunchTimeout, "the launch timed out and was terminated"},
      {cudaErrorAssert, "device-side assert triggered"},
      {cudaErrorMisalignedAddress, "misaligned address"},
      {cudaErrorLaunchFailure, "unspecified launch failure"},
      {cudaErrorCooperativeLaunchTooLarge, "too many blocks in cooperative launch"},
      {cudaErrorNotSupported, "operation not supported"},
      {cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing"},
      {cudaErrorStreamCaptureInvalidated, "operation failed due to a previous error during capture"},
  };
  auto it = texts.find((int)e);
  return it == texts.end() ? cudaGetErrorName(e) : it->second;
}
