#pragma once
/// CpuExec: one thread is one block. for_each is a plain loop that the compiler vectorises.
#include "kernels/exec/executor.hpp"

#include <cstring>

#if defined(KINDRED_HAVE_LIBXSMM)
#include <libxsmm.h>
#endif

namespace kindred::kernels::inline KINDRED_TARGET {

class CpuExec {
 public:
  CpuExec(std::byte* arena, std::size_t bytes) : arena_(arena), bytes_(bytes) {}

  template <class F>
  void for_each(index_t n, F&& f) {
#pragma omp simd
    for (index_t i = 0; i < n; ++i) f(i);
  }

  template <class T, class Op, class F>
  [[nodiscard]] T reduce(index_t n, T zero, Op op, F&& f) {
    T lane[reduce_lanes];
    for (int l = 0; l < reduce_lanes; ++l) lane[l] = zero;
    index_t i = 0;
    for (; i + reduce_lanes <= n; i += reduce_lanes) {
#pragma omp simd
      for (int l = 0; l < reduce_lanes; ++l) lane[l] = op(lane[l], f(i + l));
    }
    const int rest = static_cast<int>(n - i);
    for (int l = 0; l < rest; ++l) lane[l] = op(lane[l], f(i + l));
    for (int width = reduce_lanes / 2; width > 0; width /= 2) {
#pragma omp simd
      for (int l = 0; l < width; ++l) lane[l] = op(lane[l], lane[l + width]);
    }
    return lane[0];
  }

  template <class F>
  void once(F&& f) {
    f();
  }

  void sync() {}

  template <class T>
  [[nodiscard]] T* scratch(index_t n) {
    T* p = reinterpret_cast<T*>(arena_ + used_);
    used_ += Scratch{}.add<T>(n).bytes;
    return p;
  }

  /// C (m x n) = op(A) op(B) + beta C, row-major; beta is 0 or 1; op(A) is m x k. No aliasing.
  template <class T>
  void gemm(Trans trans_a, Trans trans_b, index_t m, index_t n, index_t k, const T* a, index_t lda, const T* b,
            index_t ldb, T beta, T* c, index_t ldc) {
    if (trans_a == Trans::no && trans_b == Trans::no && jit(m, n, k, a, lda, b, ldb, beta, c, ldc)) return;
    for (index_t i = 0; i < m; ++i) {
      T* row = c + i * ldc;
      if (beta == T(0)) std::memset(row, 0, static_cast<std::size_t>(n) * sizeof(T));
      for (index_t l = 0; l < k; ++l) {
        const T x = trans_a == Trans::no ? a[i * lda + l] : a[l * lda + i];
        if (trans_b == Trans::no) {
          const T* y = b + l * ldb;
#pragma omp simd
          for (index_t j = 0; j < n; ++j) row[j] += x * y[j];
        } else {
          for (index_t j = 0; j < n; ++j) row[j] += x * b[j * ldb + l];
        }
      }
    }
  }

 private:
#if defined(KINDRED_HAVE_LIBXSMM)
  // A row-major product is the column-major product of the swapped operands.
  static bool jit(index_t m, index_t n, index_t k, const float* a, index_t lda, const float* b, index_t ldb, float beta,
                  float* c, index_t ldc) {
    const int x = static_cast<int>(ldb), y = static_cast<int>(lda), z = static_cast<int>(ldc);
    const int flags = LIBXSMM_GEMM_FLAG_NONE;
    const float alpha = 1;
    const auto f = libxsmm_smmdispatch(static_cast<int>(n), static_cast<int>(m), static_cast<int>(k), &x, &y, &z,
                                       &alpha, &beta, &flags, nullptr);
    if (f == nullptr) return false;
    f(b, a, c);
    return true;
  }
  static bool jit(index_t m, index_t n, index_t k, const double* a, index_t lda, const double* b, index_t ldb,
                  double beta, double* c, index_t ldc) {
    const int x = static_cast<int>(ldb), y = static_cast<int>(lda), z = static_cast<int>(ldc);
    const int flags = LIBXSMM_GEMM_FLAG_NONE;
    const double alpha = 1;
    const auto f = libxsmm_dmmdispatch(static_cast<int>(n), static_cast<int>(m), static_cast<int>(k), &x, &y, &z,
                                       &alpha, &beta, &flags, nullptr);
    if (f == nullptr) return false;
    f(b, a, c);
    return true;
  }
#else
  template <class T>
  static bool jit(index_t, index_t, index_t, const T*, index_t, const T*, index_t, T, T*, index_t) {
    return false;
  }
#endif

  std::byte* arena_;
  std::size_t bytes_;
  std::size_t used_ = 0;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
