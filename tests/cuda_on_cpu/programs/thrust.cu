// Thrust and CUB against the standard library.
#include <thrust/count.h>
#include <thrust/device_vector.h>
#include <thrust/extrema.h>
#include <thrust/functional.h>
#include <thrust/host_vector.h>
#include <thrust/inner_product.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>
#include <algorithm>
#include <cub/cub.cuh>
#include <numeric>
#include "check.hpp"

struct Square {
  __host__ __device__ double operator()(double x) const { return x * x; }
};

template <int THREADS>
__global__ void block_ops(const double* x, double* sum, int* scan, double* warp) {
  typedef cub::BlockReduce<double, THREADS> Reduce;
  typedef cub::BlockScan<int, THREADS> Scan;
  typedef cub::WarpReduce<double> Warp;
  __shared__ union {
    typename Reduce::TempStorage reduce;
    typename Scan::TempStorage scan;
    typename Warp::TempStorage warp[THREADS / 32];
  } s;
  int t = threadIdx.x;
  double total = Reduce(s.reduce).Sum(x[blockIdx.x * THREADS + t]);
  if (t == 0) sum[blockIdx.x] = total;
  __syncthreads();
  int v;
  Scan(s.scan).ExclusiveSum(t % 7, v);
  scan[blockIdx.x * THREADS + t] = v;
  __syncthreads();
  double w = Warp(s.warp[t / 32]).Sum(x[blockIdx.x * THREADS + t]);
  if (t % 32 == 0) warp[(blockIdx.x * THREADS + t) / 32] = w;
}

int main() {
  const int n = 20000;
  std::vector<int> keys(n), values(n);
  for (int i = 0; i < n; i++) keys[i] = (int)(i * 7919u % 1009) - 300, values[i] = i;
  {  // sort, stable sort by key, reduce by key
    thrust::device_vector<int> k(keys.begin(), keys.end()), v(values.begin(), values.end());
    thrust::stable_sort_by_key(k.begin(), k.end(), v.begin());
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return keys[a] < keys[b]; });
    thrust::host_vector<int> hv = v;
    EXPECT(std::equal(order.begin(), order.end(), hv.begin()));
    thrust::device_vector<int> uk(n), us(n);
    auto end = thrust::reduce_by_key(k.begin(), k.end(), thrust::make_constant_iterator(1), uk.begin(), us.begin());
    EXPECT(end.first - uk.begin() == 1009);
    thrust::host_vector<int> hs = us;
    EXPECT(std::accumulate(hs.begin(), hs.begin() + 1009, 0) == n &&
           hs[0] == std::count(keys.begin(), keys.end(), -300));
    thrust::device_vector<double> d(n);
    thrust::transform(v.begin(), v.end(), d.begin(), [] __device__(int x) { return sin((double)x); });
    thrust::sort(d.begin(), d.end());
    std::vector<double> hd(n);
    for (int i = 0; i < n; i++) hd[i] = sin((double)i);
    std::sort(hd.begin(), hd.end());
    thrust::host_vector<double> dd = d;
    double err = 0;
    for (int i = 0; i < n; i++) err = std::max(err, fabs(dd[i] - hd[i]));
    NEAR(err, 0, 1e-15);
    d[3] = 42.0;  // a write through a reference
    EXPECT((double)d[3] == 42.0);
  }
  {  // reductions and scans
    std::vector<double> x = numbers<double>(n);
    thrust::device_vector<double> d(x.begin(), x.end()), s(n);
    double r = thrust::transform_reduce(d.begin(), d.end(), Square(), 0.0, thrust::plus<double>());
    double ref = 0;
    for (double v : x) ref += v * v;
    NEAR(r, ref, 1e-9);
    NEAR(thrust::reduce(d.begin(), d.end(), -10.0, thrust::maximum<double>()), *std::max_element(x.begin(), x.end()),
         0);
    thrust::inclusive_scan(d.begin(), d.end(), s.begin());
    thrust::host_vector<double> h = s;
    double acc = 0, err = 0;
    for (int i = 0; i < n; i++) acc += x[i], err = std::max(err, fabs(acc - h[i]));
    NEAR(err, 0, 1e-10);
    thrust::device_vector<int> c(n), e(n);
    thrust::sequence(c.begin(), c.end());
    thrust::exclusive_scan(c.begin(), c.end(), e.begin());
    EXPECT((int)e[n - 1] == (n - 1) * (n - 2) / 2);
    EXPECT(thrust::count_if(c.begin(), c.end(), [] __device__(int i) { return i % 3 == 0; }) == (n + 2) / 3);
    auto it = thrust::max_element(d.begin(), d.end());
    EXPECT(it - d.begin() == std::max_element(x.begin(), x.end()) - x.begin());
    EXPECT(thrust::inner_product(c.begin(), c.begin() + 100, c.begin(), 0) == 328350);
  }
  {  // CUB block and warp primitives
    const int T = 128, B = 4;
    Array<double> x(numbers<double>(T * B)), sum(B), warp(T * B / 32);
    Array<int> scan(T * B);
    block_ops<T><<<B, T>>>(x.d, sum.d, scan.d, warp.d);
    CUDA(cudaGetLastError());
    sum.down(), scan.down(), warp.down();
    for (int b = 0; b < B; b++) {
      double s = 0;
      int acc = 0, bad = 0;
      for (int t = 0; t < T; t++) {
        s += x.h[b * T + t];
        bad += scan.h[b * T + t] != acc;
        acc += t % 7;
      }
      NEAR(sum.h[b], s, 1e-13);
      EXPECT(bad == 0);
    }
    double w = 0;
    for (int t = 0; t < 32; t++) w += x.h[32 + t];
    NEAR(warp.h[1], w, 1e-13);
  }
  {  // CUB device-wide
    Array<float> in(numbers<float>(n)), out(n);
    Array<int> vi(values), vo(n);
    size_t bytes = 0;
    cub::DeviceRadixSort::SortPairsDescending(nullptr, bytes, in.d, out.d, vi.d, vo.d, n);
    Array<char> tmp(bytes);
    CUDA(cub::DeviceRadixSort::SortPairsDescending(tmp.d, bytes, in.d, out.d, vi.d, vo.d, n));
    std::vector<float> ref = in.h;
    std::sort(ref.begin(), ref.end(), std::greater<float>());
    EXPECT(out.down() == ref);
    EXPECT(in.h[vo.down()[5]] == ref[5]);
    Array<float> r(1);
    size_t b2 = 0;
    cub::DeviceReduce::Max(nullptr, b2, in.d, r.d, n);
    Array<char> t2(b2);
    CUDA(cub::DeviceReduce::Max(t2.d, b2, in.d, r.d, n));
    EXPECT(r.down()[0] == ref[0]);
    size_t b3 = 0;
    Array<int> s(n);
    cub::DeviceScan::ExclusiveSum(nullptr, b3, vi.d, s.d, n);
    Array<char> t3(b3);
    CUDA(cub::DeviceScan::ExclusiveSum(t3.d, b3, vi.d, s.d, n));
    EXPECT(s.down()[n - 1] == (n - 1) * (n - 2) / 2);
    Array<int> off(std::vector<int>{0, 10, 10, 500, n});
    Array<int> seg(4);
    size_t b4 = 0;
    cub::DeviceSegmentedReduce::Sum(nullptr, b4, vi.d, seg.d, 4, off.d, off.d + 1);
    Array<char> t4(b4);
    CUDA(cub::DeviceSegmentedReduce::Sum(t4.d, b4, vi.d, seg.d, 4, off.d, off.d + 1));
    EXPECT(seg.down()[0] == 45 && seg.h[1] == 0 && seg.h[2] == 500 * 499 / 2 - 45);
  }
  return summary("thrust");
}
