#pragma once
/// Dense products of row-major matrices, serial: a network is never split over threads.
#include <kindred/types.hpp>

namespace kindred::train {

/// C (m x n) = op(A) B, or C += op(A) B; op(A) = A (m x k) or A^T (A is k x m). One shape, many times: LIBXSMM makes
/// code for it where it is there, else the BLAS is called.
template <class T>
class SmallProduct {
 public:
  enum class Op { plain, transposed };
  enum class Result { replaced, added };
  SmallProduct() = default;
  SmallProduct(index_t m, index_t n, index_t k, index_t lda, index_t ldb, index_t ldc, Op op, Result result);

  void operator()(const T* a, const T* b, T* c) const;

 private:
  using Kernel = void (*)(const T* b, const T* a, T* c);
  Kernel kernel_ = nullptr;
  index_t m_ = 0, n_ = 0, k_ = 0, lda_ = 0, ldb_ = 0, ldc_ = 0;
  bool transposed_ = false, added_ = false;
};

/// C = alpha op(A) op(B) + beta C by the BLAS.
template <class T>
void product(bool transpose_a, bool transpose_b, index_t m, index_t n, index_t k, const T* a, index_t lda, const T* b,
             index_t ldb, T beta, T* c, index_t ldc);

}  // namespace kindred::train
