#include "host/train/product.hpp"

#include <cblas.h>
#if defined(KINDRED_HAVE_LIBXSMM)
#include <libxsmm.h>
#endif

#include <type_traits>

namespace kindred::train {

template <class T>
SmallProduct<T>::SmallProduct(index_t m, index_t n, index_t k, index_t lda, index_t ldb, index_t ldc, Op op,
                              Result result)
    : m_(m),
      n_(n),
      k_(k),
      lda_(lda),
      ldb_(ldb),
      ldc_(ldc),
      transposed_(op == Op::transposed),
      added_(result == Result::added) {
#if defined(KINDRED_HAVE_LIBXSMM)
  // A row-major product is the column-major product of the swapped operands.
  const int x = static_cast<int>(ldb), y = static_cast<int>(lda), z = static_cast<int>(ldc);
  const int flags = transposed_ ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const T alpha = 1, beta = added_ ? T(1) : T(0);
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), depth = static_cast<int>(k);
  if constexpr (std::is_same_v<T, float>) {
    const auto f = libxsmm_smmdispatch(rows, columns, depth, &x, &y, &z, &alpha, &beta, &flags, nullptr);
    kernel_ = reinterpret_cast<Kernel>(f);
  } else {
    const auto f = libxsmm_dmmdispatch(rows, columns, depth, &x, &y, &z, &alpha, &beta, &flags, nullptr);
    kernel_ = reinterpret_cast<Kernel>(f);
  }
#endif
}

template <class T>
void SmallProduct<T>::operator()(const T* a, const T* b, T* c) const {
  if (kernel_ != nullptr) return kernel_(b, a, c);
  product<T>(transposed_, false, m_, n_, k_, a, lda_, b, ldb_, added_ ? T(1) : T(0), c, ldc_);
}

template <class T>
void product(bool transpose_a, bool transpose_b, index_t m, index_t n, index_t k, const T* a, index_t lda, const T* b,
             index_t ldb, T beta, T* c, index_t ldc) {
  const auto op_a = transpose_a ? CblasTrans : CblasNoTrans, op_b = transpose_b ? CblasTrans : CblasNoTrans;
  const auto call = [&](auto gemm) {
    gemm(CblasRowMajor, op_a, op_b, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), T(1), a,
         static_cast<int>(lda), b, static_cast<int>(ldb), beta, c, static_cast<int>(ldc));
  };
  if constexpr (std::is_same_v<T, float>) {
    call(cblas_sgemm);
  } else {
    call(cblas_dgemm);
  }
}

template class SmallProduct<float>;
template class SmallProduct<double>;
template void product<float>(bool, bool, index_t, index_t, index_t, const float*, index_t, const float*, index_t, float,
                             float*, index_t);
template void product<double>(bool, bool, index_t, index_t, index_t, const double*, index_t, const double*, index_t,
                              double, double*, index_t);

}  // namespace kindred::train
