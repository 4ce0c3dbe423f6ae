// The CUDA runtime API: device, memory, copies, streams, events, graphs, attributes, errors.
#include <cstring>
#include <string>
#include "check.hpp"

__global__ void add(int* p, int n, int v) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) p[i] += v;
}
__global__ void __launch_bounds__(128) bounded(int* p) { p[threadIdx.x] = 1; }
__global__ void shared_user(float* p) {
  __shared__ float s[256];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  p[threadIdx.x] = s[255 - threadIdx.x];
}
__device__ int symbol[16];
static void CUDART_CB host_function(void* p) { ++*(int*)p; }
static void CUDART_CB callback(cudaStream_t, cudaError_t, void* p) { *(int*)p += 10; }

static void device() {
  int n = 0, v = 0;
  CUDA(cudaGetDeviceCount(&n));
  EXPECT(n == 1);
  CUDA(cudaSetDevice(0));
  EXPECT(cudaSetDevice(1) == cudaErrorInvalidDevice);
  EXPECT(cudaGetLastError() == cudaErrorInvalidDevice && cudaGetLastError() == cudaSuccess);
  cudaDeviceProp p;
  CUDA(cudaGetDeviceProperties(&p, 0));
  EXPECT(p.warpSize == 32 && p.maxThreadsPerBlock == 1024 && p.sharedMemPerBlock == 49152);
  CUDA(cudaDeviceGetAttribute(&v, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0));
  EXPECT(v == (int)p.sharedMemPerBlockOptin);
  CUDA(cudaDeviceGetAttribute(&v, cudaDevAttrComputeCapabilityMajor, 0));
  EXPECT(v == p.major);
  CUDA(cudaDeviceGetAttribute(&v, cudaDevAttrMultiProcessorCount, 0));
  EXPECT(v == p.multiProcessorCount);
  CUDA(cudaRuntimeGetVersion(&v));
  EXPECT(v == 13000);
  CUDA(cudaDeviceCanAccessPeer(&v, 0, 0));
  EXPECT(v == 0);
  int least, greatest;
  CUDA(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  EXPECT(greatest <= least);
  EXPECT(std::string(cudaGetErrorString(cudaErrorMemoryAllocation)) == "out of memory");
  EXPECT(std::string(cudaGetErrorName(cudaErrorInvalidValue)) == "cudaErrorInvalidValue");
  EXPECT(std::string(cudaGetErrorName(cudaErrorCooperativeLaunchTooLarge)) == "cudaErrorCooperativeLaunchTooLarge");
}

static void memory() {
  const int n = 1000;
  std::vector<int> h(n, 3), r(n);
  int *d, *m, *p;
  CUDA(cudaMalloc(&d, n * 4));
  CUDA(cudaMemcpy(d, h.data(), n * 4, cudaMemcpyHostToDevice));
  add<<<4, 256>>>(d, n, 4);
  CUDA(cudaMemcpy(r.data(), d, n * 4, cudaMemcpyDefault));
  EXPECT(r[0] == 7 && r[n - 1] == 7);
  EXPECT(cudaMemcpy(d, d, n * 4, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  EXPECT(cudaMemcpy(d, h.data(), n * 4 + 4, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  EXPECT(cudaMemcpy(r.data(), h.data(), n * 4, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  EXPECT(cudaMemcpy(r.data(), h.data(), n * 4, cudaMemcpyHostToHost) == cudaSuccess && r == h);
  cudaPointerAttributes a;
  CUDA(cudaPointerGetAttributes(&a, d + 5));
  EXPECT(a.type == cudaMemoryTypeDevice && a.devicePointer == d + 5 && a.hostPointer == nullptr);
  CUDA(cudaPointerGetAttributes(&a, h.data()));
  EXPECT(a.type == cudaMemoryTypeUnregistered);
  CUDA(cudaMallocManaged(&m, n * 4));
  CUDA(cudaPointerGetAttributes(&a, m));
  EXPECT(a.type == cudaMemoryTypeManaged);
  for (int i = 0; i < n; i++) m[i] = i;
  add<<<4, 256>>>(m, n, 1);
  CUDA(cudaDeviceSynchronize());
  EXPECT(m[999] == 1000);
  CUDA(cudaMallocHost(&p, n * 4));
  CUDA(cudaPointerGetAttributes(&a, p));
  EXPECT(a.type == cudaMemoryTypeHost);
  CUDA(cudaHostRegister(h.data(), n * 4, 0));
  add<<<4, 256>>>(h.data(), n, 2);  // mapped host memory
  CUDA(cudaDeviceSynchronize());
  EXPECT(h[10] == 5);
  CUDA(cudaHostUnregister(h.data()));
  CUDA(cudaMemset(d, 1, n * 4));
  CUDA(cudaMemcpy(p, d, n * 4, cudaMemcpyDeviceToHost));
  EXPECT(p[3] == 0x01010101);
  EXPECT(cudaMemset(d, 0, n * 4 + 1) == cudaErrorInvalidValue);
  size_t pitch, free1, free2, total;
  unsigned char* q;
  CUDA(cudaMemGetInfo(&free1, &total));
  CUDA(cudaMallocPitch(&q, &pitch, 30, 10));
  CUDA(cudaMemGetInfo(&free2, &total));
  EXPECT(free2 < free1 && pitch >= 30 && free1 <= total);
  std::vector<unsigned char> img(300), back(300);
  for (int i = 0; i < 300; i++) img[i] = (unsigned char)i;
  CUDA(cudaMemset2D(q, pitch, 9, 30, 10));
  CUDA(cudaMemcpy2D(q, pitch, img.data(), 30, 20, 10, cudaMemcpyHostToDevice));
  CUDA(cudaMemcpy2D(back.data(), 30, q, pitch, 30, 10, cudaMemcpyDeviceToHost));
  EXPECT(back[19] == 19 && back[20] == 9 && back[30 * 9 + 5] == (unsigned char)(30 * 9 + 5));
  EXPECT(cudaMemcpy2D(q, 10, img.data(), 30, 20, 10, cudaMemcpyHostToDevice) == cudaErrorInvalidPitchValue);
  int s[16] = {1, 2, 3, 4}, t[16];
  CUDA(cudaMemcpyToSymbol(symbol, s, sizeof s));
  void* sp;
  CUDA(cudaGetSymbolAddress(&sp, symbol));
  add<<<1, 16>>>((int*)sp, 16, 100);
  CUDA(cudaMemcpyFromSymbol(t, symbol, 8, 8));
  EXPECT(t[0] == 103 && t[1] == 104);
  size_t size;
  CUDA(cudaGetSymbolSize(&size, symbol));
  EXPECT(size == 64);
  EXPECT(cudaMemcpyToSymbol(symbol, s, 64, 4) == cudaErrorInvalidValue);
  cudaMemcpy3DParms c = {};
  cudaPitchedPtr box;
  CUDA(cudaMalloc3D(&box, cudaExtent{12, 5, 4}));
  c.srcPtr = make_cudaPitchedPtr(img.data(), 12, 12, 5);
  c.dstPtr = box;
  c.extent = {12, 5, 4};
  c.kind = cudaMemcpyHostToDevice;
  CUDA(cudaMemcpy3D(&c));
  c.srcPtr = box;
  c.dstPtr = make_cudaPitchedPtr(back.data(), 12, 12, 5);
  c.kind = cudaMemcpyDeviceToHost;
  CUDA(cudaMemcpy3D(&c));
  EXPECT(memcmp(back.data(), img.data(), 240) == 0);
  int* z = (int*)1;
  EXPECT(cudaMalloc(&z, 0) == cudaSuccess && z == nullptr && cudaFree(nullptr) == cudaSuccess);
  EXPECT(cudaFree(h.data()) == cudaErrorInvalidValue && cudaFree(p) == cudaErrorInvalidValue);
  int* e;
  EXPECT(cudaMalloc(&e, 1ull << 50) == cudaErrorMemoryAllocation && e == nullptr);
  EXPECT(cudaGetLastError() == cudaErrorMemoryAllocation);
  CUDA(cudaFree(box.ptr));
  CUDA(cudaFree(q));
  CUDA(cudaFree(d));
  EXPECT(cudaFree(d) == cudaErrorInvalidValue);
  CUDA(cudaFree(m));
  CUDA(cudaFreeHost(p));
  cudaGetLastError();
}

static void streams() {
  const int n = 256;
  cudaStream_t s, s2;
  cudaEvent_t a, b;
  CUDA(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
  CUDA(cudaStreamCreateWithPriority(&s2, cudaStreamDefault, 0));
  unsigned flags;
  CUDA(cudaStreamGetFlags(s, &flags));
  EXPECT(flags == cudaStreamNonBlocking);
  CUDA(cudaEventCreate(&a));
  CUDA(cudaEventCreateWithFlags(&b, cudaEventDefault));
  int *d, *h, calls = 0;
  CUDA(cudaMallocAsync(&d, n * 4, s));
  CUDA(cudaMallocHost(&h, n * 4));
  CUDA(cudaMemsetAsync(d, 0, n * 4, s));
  CUDA(cudaEventRecord(a, s));
  add<<<1, n, 0, s>>>(d, n, 5);
  CUDA(cudaEventRecord(b, s));
  CUDA(cudaStreamWaitEvent(s2, b, 0));
  add<<<1, n, 0, s2>>>(d, n, 6);
  CUDA(cudaMemcpyAsync(h, d, n * 4, cudaMemcpyDeviceToHost, s2));
  CUDA(cudaLaunchHostFunc(s2, host_function, &calls));
  CUDA(cudaStreamAddCallback(s2, callback, &calls, 0));
  CUDA(cudaStreamSynchronize(s2));
  EXPECT(h[0] == 11 && h[n - 1] == 11 && calls == 11);
  CUDA(cudaEventSynchronize(b));
  float ms = -1;
  CUDA(cudaEventElapsedTime(&ms, a, b));
  EXPECT(ms >= 0);
  EXPECT(cudaStreamQuery(s) == cudaSuccess && cudaEventQuery(b) == cudaSuccess);
  // capture and replay
  cudaGraph_t g;
  cudaGraphExec_t x;
  cudaStreamCaptureStatus status;
  CUDA(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
  CUDA(cudaStreamIsCapturing(s, &status));
  EXPECT(status == cudaStreamCaptureStatusActive);
  add<<<1, n, 0, s>>>(d, n, 1);
  CUDA(cudaMemcpyAsync(h, d, n * 4, cudaMemcpyDeviceToHost, s));
  CUDA(cudaStreamEndCapture(s, &g));
  EXPECT(h[0] == 11);
  size_t nodes = 0;
  CUDA(cudaGraphGetNodes(g, nullptr, &nodes));
  EXPECT(nodes == 2);
  CUDA(cudaGraphInstantiate(&x, g, 0));
  for (int i = 0; i < 3; i++) CUDA(cudaGraphLaunch(x, s));
  CUDA(cudaStreamSynchronize(s));
  EXPECT(h[0] == 14);
  CUDA(cudaGraphExecDestroy(x));
  CUDA(cudaGraphDestroy(g));
  CUDA(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
  EXPECT(cudaStreamSynchronize(s) == cudaErrorStreamCaptureUnsupported);
  EXPECT(cudaStreamEndCapture(s, &g) == cudaErrorStreamCaptureInvalidated);
  cudaGetLastError();
  CUDA(cudaFreeAsync(d, s));
  CUDA(cudaStreamDestroy(s));
  EXPECT(cudaStreamSynchronize(s) == cudaErrorInvalidResourceHandle);
  CUDA(cudaEventDestroy(a));
  EXPECT(cudaEventRecord(a, 0) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
  CUDA(cudaEventDestroy(b));
  CUDA(cudaStreamDestroy(s2));
  CUDA(cudaFreeHost(h));
  cudaMemPool_t pool;
  CUDA(cudaDeviceGetDefaultMemPool(&pool, 0));
  unsigned long long t = ~0ull;
  CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &t));
  CUDA(cudaMemPoolTrimTo(pool, 0));
}

static void functions() {
  cudaFuncAttributes a;
  CUDA(cudaFuncGetAttributes(&a, bounded));
  EXPECT(a.maxThreadsPerBlock == 128);
  CUDA(cudaFuncGetAttributes(&a, shared_user));
  EXPECT(a.sharedSizeBytes == 1024);
  int n = 0, grid = 0, block = 0;
  CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&n, shared_user, 256, 0));
  EXPECT(n >= 4 && n <= 32);
  CUDA(cudaOccupancyMaxPotentialBlockSize(&grid, &block, bounded, 0, 0));
  EXPECT(block == 128 && grid > 0);
  Array<int> p(1024, 0);
  Array<float> f(256);
  bounded<<<1, 256>>>(p.d);
  EXPECT(cudaGetLastError() == cudaErrorLaunchOutOfResources);
  add<<<1, 2048>>>(p.d, 1, 1);
  EXPECT(cudaGetLastError() == cudaErrorInvalidConfiguration);
  add<<<0, 32>>>(p.d, 1, 1);
  EXPECT(cudaGetLastError() == cudaErrorInvalidConfiguration);
  add<<<1, 32, 100000>>>(p.d, 1, 1);
  EXPECT(cudaGetLastError() == cudaErrorInvalidValue);
  cudaLaunchConfig_t c = {};
  c.gridDim = dim3(1);
  c.blockDim = dim3(256);
  cudaLaunchAttribute attr[1];
  attr[0].id = cudaLaunchAttributeClusterDimension;
  attr[0].val.clusterDim.x = attr[0].val.clusterDim.y = attr[0].val.clusterDim.z = 1;
  c.attrs = attr;
  c.numAttrs = 1;
  CUDA(cudaLaunchKernelEx(&c, shared_user, f.d));
  f.down();
  EXPECT(f.h[0] == 255 && f.h[255] == 0);
  attr[0].val.clusterDim.x = 2;
  c.gridDim = dim3(2);
  EXPECT(cudaLaunchKernelEx(&c, shared_user, f.d) == cudaErrorNotSupported);
  cudaGetLastError();
  const char* name;
  CUDA(cudaFuncGetName(&name, shared_user));
  EXPECT(std::string(name).find("shared_user") != std::string::npos);
}

int main() {
  device();
  memory();
  streams();
  functions();
  EXPECT(cudaPeekAtLastError() == cudaSuccess);
  CUDA(cudaDeviceReset());
  return summary("runtime");
}
