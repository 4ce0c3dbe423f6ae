// Planted faults: `faults NAME` commits one; self_test.sh expects each to be caught.
#include <cublas_v2.h>
#include <cusolverDn.h>
#include <cstring>
#include "check.hpp"

__global__ void store(double* o, int i) { o[i] = 1; }
__global__ void load(const double* p, double* o, int i) { o[0] = p[i]; }
__global__ void shared_race(double* o) {
  __shared__ double s[128];
  s[threadIdx.x] = threadIdx.x;
  o[threadIdx.x] = s[(threadIdx.x + 33) % 128];  // no barrier
}
__global__ void no_race(double* o) {
  __shared__ double s[128];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  o[threadIdx.x] = s[(threadIdx.x + 33) % 128];
}
__global__ void block_race(double* o) { o[threadIdx.x] = blockIdx.x; }  // blocks write the same place
__global__ void thread_race(double* o) {
  o[threadIdx.x] = threadIdx.x;
  o[64 + threadIdx.x] = o[(threadIdx.x + 1) % 64];  // no barrier
}
__global__ void divergent(double* o, int n) {
  if (threadIdx.x < n) {
    o[threadIdx.x] = 1;
    __syncthreads();
    o[threadIdx.x] += 1;
  } else {
    o[threadIdx.x] = 2;
    __syncthreads();
    o[threadIdx.x] += 3;
  }
}
__global__ void deadlock(double* o) {
  if (threadIdx.x < 16)
    __syncthreads();
  else
    __syncwarp();
  o[threadIdx.x] = 1;
}
__global__ void shared_bounds(double* o, int i) {
  extern __shared__ double s[];
  s[i] = 1;
  o[0] = s[0];
}
__global__ void misaligned(char* p) { *(double*)(p + 4) = 1; }
__global__ void asserts(int x) {
  if (x > 2) __trap();
}
__global__ void recursive(double* o, int n);
__device__ __noinline__ double deep(int n, double* o) {
  double a[64];
  for (int i = 0; i < 64; i++) a[i] = n + i;
  o[0] = a[n & 63];
  return n ? deep(n - 1, o) + a[(n * 7) & 63] : 0;
}
__global__ void recursive(double* o, int n) {
  o[1] = deep(n, o);
  __syncthreads();
}
__global__ void bad_shuffle(int* o) {
  if (threadIdx.x < 16) o[threadIdx.x] = __shfl_sync(0xffffu, threadIdx.x, 20);
}
__global__ void unsupported(float4* o) {
#if __CUDA_ARCH__ >= 900
  atomicAdd(o, make_float4(1, 2, 3, 4));  // a vector atomic
#endif
}
__global__ void fill(double* o, double v) { o[threadIdx.x] = v; }

int main(int argc, char** argv) {
  auto is = [&](const char* s) { return argc > 1 && !strcmp(argv[1], s); };
  double *d = nullptr, *e = nullptr;
  CUDA(cudaMalloc(&d, 1024));
  CUDA(cudaMemset(d, 0, 1024));
  if (is("none")) {
    no_race<<<1, 128>>>(d);
    CUDA(cudaGetLastError());
  }
  if (is("store_bounds")) store<<<1, 1>>>(d, 128);
  if (is("load_bounds")) load<<<1, 1>>>(d, d, -1);
  if (is("null")) store<<<1, 1>>>(nullptr, 0);
  if (is("host_pointer")) store<<<1, 1>>>(new double, 0);
  if (is("after_free")) {
    CUDA(cudaMalloc(&e, 8));
    CUDA(cudaFree(e));
    store<<<1, 1>>>(e, 0);
  }
  if (is("shared_race")) shared_race<<<1, 128>>>(d);
  if (is("block_race")) block_race<<<2, 64>>>(d);
  if (is("thread_race")) thread_race<<<1, 64>>>(d);
  if (is("divergent")) divergent<<<1, 64>>>(d, 32);
  if (is("deadlock")) deadlock<<<1, 32>>>(d);
  if (is("shared_bounds")) shared_bounds<<<1, 1, 80>>>(d, 10);
  if (is("misaligned")) misaligned<<<1, 1>>>((char*)d);
  if (is("trap")) asserts<<<1, 1>>>(3);
  if (is("stack")) recursive<<<1, 1>>>(d, 100000);
  if (is("shuffle")) bad_shuffle<<<1, 32>>>((int*)d);
  if (is("unsupported")) unsupported<<<1, 1>>>((float4*)d);
  if (is("host_read")) printf("%f\n", d[3]);
  if (is("host_write")) d[3] = 1;
  if (is("pinned_overrun")) {
    char* p;
    CUDA(cudaMallocHost(&p, 100));
    memset(p, 0, 101);
    CUDA(cudaFreeHost(p));
  }
  if (is("missing_sync")) {
    double* h;
    cudaStream_t s;
    CUDA(cudaMallocHost(&h, 8));
    CUDA(cudaStreamCreate(&s));
    *h = -1;
    fill<<<1, 1, 0, s>>>(d, 5);
    CUDA(cudaMemcpyAsync(h, d, 8, cudaMemcpyDeviceToHost, s));
    if (argc > 2) CUDA(cudaStreamSynchronize(s));  // `faults missing_sync repaired`
    printf("value %g\n", *h);
    return *h == 5 ? 0 : 9;
  }
  if (is("missing_event")) {  // two streams that nothing orders
    cudaStream_t s, t;
    cudaEvent_t ev;
    double r = 0;
    CUDA(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CUDA(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
    CUDA(cudaEventCreate(&ev));
    fill<<<1, 1, 0, s>>>(d, 5);
    CUDA(cudaEventRecord(ev, s));
    if (argc > 2) CUDA(cudaStreamWaitEvent(t, ev, 0));
    CUDA(cudaMemcpyAsync(d + 1, d, 8, cudaMemcpyDeviceToDevice, t));
    CUDA(cudaStreamSynchronize(t));
    CUDA(cudaMemcpyAsync(&r, d + 1, 8, cudaMemcpyDeviceToHost, t));
    CUDA(cudaStreamSynchronize(t));
    printf("value %g\n", r);
    return r == 5 ? 0 : 9;
  }
  if (is("leak")) CUDA(cudaMalloc(&e, 12345));
  if (is("memory")) {
    CUDA(cudaMalloc(&e, 1 << 20));
    cudaError_t r = cudaMalloc(&e, 8 << 20);
    printf("second allocation: %s\n", cudaGetErrorString(r));
    return r == cudaErrorMemoryAllocation ? 9 : 0;
  }
  if (is("blas_ld")) {
    cublasHandle_t h;
    double one = 1, zero = 0;
    cublasCreate(&h);
    return cublasDgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, 8, 2, 2, &one, d, 7, d, 2, &zero, d, 8) ? 9 : 0;
  }
  if (is("blas_small") || is("blas_host")) {  // a matrix larger than its allocation; one in host memory
    cublasHandle_t h;
    double one = 1, zero = 0;
    double* host = new double[4096];
    cublasCreate(&h);
    int n = is("blas_small") ? 12 : 8;
    cublasDgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, is("blas_small") ? d : host, n, d, n, &zero, d, n);
  }
  if (is("blas_pointer_mode")) {
    cublasHandle_t h;
    cublasCreate(&h);
    cublasDscal(h, 4, d, d + 4, 1);
  }
  if (is("solver_work")) {
    cusolverDnHandle_t h;
    int lw;
    cusolverDnCreate(&h);
    cusolverDnDgetrf_bufferSize(h, 4, 4, d, 4, &lw);
    double* w;
    CUDA(cudaMalloc(&w, (lw - 1) * 8));
    cusolverDnDgetrf(h, 4, 4, d, 4, w, nullptr, (int*)(d + 100));
  }
  if (is("solver_lwork")) {
    cusolverDnHandle_t h;
    int lw;
    cusolverDnCreate(&h);
    cusolverDnDpotrf_bufferSize(h, CUBLAS_FILL_MODE_LOWER, 4, d, 4, &lw);
    CUDA(cudaMalloc(&e, lw * 8));
    return cusolverDnDpotrf(h, CUBLAS_FILL_MODE_LOWER, 4, d, 4, e, lw / 2, (int*)(d + 100)) ? 9 : 0;
  }
  cudaError_t r = cudaDeviceSynchronize();
  if (r) printf("error: %s\n", cudaGetErrorString(r));
  r = cudaFree(d);
  printf("done\n");
  return r ? 8 : 0;
}
