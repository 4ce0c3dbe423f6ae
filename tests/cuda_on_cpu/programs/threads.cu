// PTX coverage, what threads do together: warp operations, atomics, asynchronous copies, shared memory, cooperative
// groups, waiting for one another; against plain C++.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda_pipeline.h>
#include "check.hpp"
namespace cg = cooperative_groups;

__device__ unsigned long long counter;
__managed__ int managed_value = 5;

__global__ void warp_ops(int* o, double* d, unsigned* m) {
  int i = threadIdx.x, lane = i & 31;
  unsigned ballot = __ballot_sync(~0u, i % 3 == 0);
  int up = __shfl_up_sync(~0u, i, 1), down = __shfl_down_sync(~0u, i, 3, 16), x = __shfl_xor_sync(~0u, i, 5);
  o[i] = __popc(ballot) + up * 3 + down * 5 + x + __any_sync(~0u, i == 40) * 7 + __all_sync(~0u, i >= 0) * 11 +
         __syncthreads_count(i & 1) * 13 + __syncthreads_or(i == 3) * 17 + __syncthreads_and(i < 64) * 19;
  d[i] = __shfl_sync(~0u, i * 1.5, 5);
  m[i] = __match_any_sync(~0u, lane % 5);
  if (lane < 16) {  // half a warp
    double s = i;
    for (int k = 8; k; k >>= 1) s += __shfl_xor_sync(0xffffu, s, k);
    d[i] += s;
  }
  __syncwarp();
#if __CUDA_ARCH__ >= 800
  m[64 + i] = __reduce_add_sync(~0u, (unsigned)i) + __reduce_max_sync(~0u, i) * 1000;
#else
  unsigned s = i, mx = i;
  for (int k = 16; k; k >>= 1) s += __shfl_xor_sync(~0u, s, k), mx = max(mx, __shfl_xor_sync(~0u, mx, k));
  m[64 + i] = s + mx * 1000;
#endif
}

__global__ void atomics(const int* x, int n, int* hist, double* sum, float* fsum, int* mm, unsigned long long* c) {
  __shared__ int h[64];
  __shared__ double s;
  if (threadIdx.x < 64) h[threadIdx.x] = 0;
  if (threadIdx.x == 0) s = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    atomicAdd(&h[x[i] & 63], 1);
    atomicAdd(&s, (double)x[i]);
    atomicAdd(fsum, 1.0f);
    atomicMin(mm, x[i]);
    atomicMax(mm + 1, x[i]);
    atomicXor(mm + 2, x[i]);
    unsigned long long old = atomicAdd(c, 0ull), seen;  // a compare-and-swap loop
    do {
      seen = old;
      old = atomicCAS(c, seen, seen + 2);
    } while (old != seen);
  }
  __syncthreads();
  if (threadIdx.x < 64) atomicAdd(&hist[threadIdx.x], h[threadIdx.x]);
  if (threadIdx.x == 0) atomicAdd(sum, s), atomicAdd(&counter, 1ull);
}

__global__ void async_copy(const double* in, double* out, int n) {
  extern __shared__ double stage[];
  int t = threadIdx.x;
  for (int i = t; i < n; i += blockDim.x) __pipeline_memcpy_async(stage + i, in + i, 8);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  for (int i = t; i < n; i += blockDim.x) out[i] = stage[n - 1 - i];
}

__global__ void big_shared(double* out, int n) {
  extern __shared__ double s[];
  for (int i = threadIdx.x; i < n; i += blockDim.x) s[i] = i;
  __syncthreads();
  double sum = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) sum += s[n - 1 - i];
  atomicAdd(out, sum);
}

__global__ void groups(const int* x, int* o, double* d) {
  auto block = cg::this_thread_block();
  auto tile = cg::tiled_partition<16>(block);
  int r = block.thread_rank();
  int s = cg::reduce(tile, x[r], cg::plus<int>());
  int m = cg::reduce(tile, x[r], cg::greater<int>());
  int scan = cg::inclusive_scan(tile, x[r]);
  o[r] = s * 10000 + m * 100 + tile.shfl(x[r], 3);
  o[128 + r] = scan;
  auto warp = cg::tiled_partition<32>(block);
  double v = cg::reduce(warp, x[r] * 0.5, cg::plus<double>());
  if (warp.thread_rank() == 0) d[warp.meta_group_rank()] = v;
  block.sync();
}
__global__ void grid_sync(int* a, int* b) {
  auto grid = cg::this_grid();
  int i = grid.thread_rank(), n = grid.size();
  a[i] = i;
  grid.sync();
  b[i] = a[n - 1 - i];
}
__global__ void hello(int n) {
  if (threadIdx.x == 0) printf("hello from the device: %d %s %.3f %llu\n", n, "text", 3.25, 123456789012ull);
  managed_value = n;
}
__global__ void spin_lock(int* lock, int* value) {
  // Threads of one block that wait for one another by polling.
  if (threadIdx.x == 63)
    atomicExch(lock, 1);
  else
    while (atomicAdd(lock, 0) == 0) __nanosleep(10);
  atomicAdd(value, 1);
}

static void check_warps() {
  Array<int> o(64);
  Array<double> d(64);
  Array<unsigned> m(128);
  warp_ops<<<1, 64>>>(o.d, d.d, m.d);
  o.down(), d.down(), m.down();
  int bad = 0;
  for (int i = 0; i < 64; i++) {
    int w = i / 32 * 32, l = i % 32;
    unsigned bal = 0, same = 0, sum = 0;
    for (int k = 0; k < 32; k++) {
      if ((w + k) % 3 == 0) bal |= 1u << k;
      if (k % 5 == l % 5) same |= 1u << k;
      sum += w + k;
    }
    int up = l ? i - 1 : i, down = l % 16 + 3 < 16 ? i + 3 : i;
    int r = __builtin_popcount(bal) + up * 3 + down * 5 + (i ^ 5) + (w == 32) * 7 + 11 + 32 * 13 + 17 + 19;
    double dd = (w + 5) * 1.5;
    if (l < 16)
      for (int k = 0; k < 16; k++) dd += w + k;
    bad += o.h[i] != r || d.h[i] != dd || m.h[i] != same || m.h[64 + i] != sum + (w + 31) * 1000u;
  }
  EXPECT(bad == 0);
}

static void check_atomics() {
  const int n = 5000;
  std::vector<int> x(n), hist(64), mm = {1 << 30, -(1 << 30), 0};
  double s = 0;
  for (int i = 0; i < n; i++) {
    x[i] = i * i + i / 3;
    hist[x[i] & 63]++;
    s += x[i];
    mm[0] = std::min(mm[0], x[i]), mm[1] = std::max(mm[1], x[i]), mm[2] ^= x[i];
  }
  Array<int> dx(x), h(64, 0), dm(std::vector<int>{1 << 30, -(1 << 30), 0});
  Array<double> sum(1, 0.0);
  Array<float> fs(1, 0.0f);
  Array<unsigned long long> c(1, 0ull);
  unsigned long long zero = 0;
  CUDA(cudaMemcpyToSymbol(counter, &zero, 8));
  atomics<<<4, 128>>>(dx.d, n, h.d, sum.d, fs.d, dm.d, c.d);
  EXPECT(h.down() == hist && dm.down() == mm);
  EXPECT(sum.down()[0] == s && fs.down()[0] == n && c.down()[0] == 2ull * n);
  CUDA(cudaMemcpyFromSymbol(&zero, counter, 8));
  EXPECT(zero == 4);
}

static void check_async_copy() {
  const int n = 1000;
  Array<double> in(numbers<double>(n)), out(n);
  async_copy<<<1, 128, n * 8>>>(in.d, out.d, n);
  out.down();
  int bad = 0;
  for (int i = 0; i < n; i++) bad += out.h[i] != in.h[n - 1 - i];
  EXPECT(bad == 0);
}

static void check_shared_memory() {
  cudaDeviceProp prop;
  CUDA(cudaGetDeviceProperties(&prop, 0));
  int bytes = (int)prop.sharedMemPerBlockOptin, n = bytes / 8;
  Array<double> o(1, 0.0);
  EXPECT(bytes > 48 * 1024);
  big_shared<<<1, 256, bytes>>>(o.d, n);
  EXPECT(cudaGetLastError() == cudaErrorInvalidValue);  // not opted in
  CUDA(cudaFuncSetAttribute(big_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
  big_shared<<<1, 256, bytes>>>(o.d, n);
  CUDA(cudaGetLastError());
  NEAR(o.down()[0], 0.5 * n * (n - 1), 0);
  EXPECT(cudaFuncSetAttribute(big_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes + 8) != cudaSuccess);
  cudaGetLastError();
}

static void check_groups() {
  Array<int> x(128), o(256);
  Array<double> d(4);
  for (int i = 0; i < 128; i++) x.h[i] = i * i % 37;
  x.up();
  groups<<<1, 128>>>(x.d, o.d, d.d);
  o.down(), d.down();
  int bad = 0;
  for (int i = 0; i < 128; i++) {
    int g = i / 16 * 16, s = 0, m = 0, scan = 0;
    for (int k = g; k < g + 16; k++) {
      s += x.h[k], m = std::max(m, x.h[k]);
      if (k <= i) scan += x.h[k];
    }
    bad += o.h[i] != s * 10000 + m * 100 + x.h[g + 3] || o.h[128 + i] != scan;
  }
  double r = 0;
  for (int i = 0; i < 32; i++) r += x.h[i] * 0.5;
  EXPECT(bad == 0);
  EXPECT(d.h[0] == r);
}

static void check_grid() {
  Array<int> a(512), o(512);
  void* args[] = {&a.d, &o.d};
  CUDA(cudaLaunchCooperativeKernel(grid_sync, 8, 64, args, 0, 0));
  o.down();
  int bad = 0;
  for (int i = 0; i < 512; i++) bad += o.h[i] != 511 - i;
  EXPECT(bad == 0);
}

static void check_waiting() {
  Array<int> l(2, 0);
  spin_lock<<<1, 64>>>(l.d, l.d + 1);
  EXPECT(l.down()[1] == 64);
  EXPECT(managed_value == 5);
  hello<<<1, 32>>>(77);
  CUDA(cudaDeviceSynchronize());
  EXPECT(managed_value == 77);
}

int main() {
  check_warps();
  check_atomics();
  check_async_copy();
  check_shared_memory();
  check_groups();
  check_grid();
  check_waiting();
  return summary("threads");
}
