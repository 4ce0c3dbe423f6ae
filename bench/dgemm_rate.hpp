#pragma once
/// The machine's own speed of large products, which times are told against.
#include <cblas.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace kindred::bench {

/// Flops a second of the calling process in a product of order 3000, the best of three.
template <class T, class F>
double gemm_rate(F gemm) {
  constexpr int n = 3000;
  const std::vector<T> a(std::size_t{n} * n, T(0.5)), b(a);
  std::vector<T> c(a.size());
  double best = 0;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::clock_t start = std::clock();
    gemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, n, T(1), a.data(), n, b.data(), n, T(0), c.data(), n);
    best = std::max(best, 2.0 * n * n * n * CLOCKS_PER_SEC / static_cast<double>(std::clock() - start));
  }
  return best;
}

}  // namespace kindred::bench
