#include "tests/program/vector_products.hpp"

#if defined(__AVX512F__)
#include "kernels/exec/cpu.hpp"

namespace kindred::test {

bool avx512_products() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
}

template <class T>
void avx512_multiply(index_t m, index_t n, index_t k, const T* a, index_t lda, const T* b, index_t ldb, bool accumulate,
                     T* c, index_t ldc) {
  kernels::CpuExec ex(nullptr, 0);
  ex.multiply(ex.product<T>(m, n, k, lda, ldb, ldc, accumulate), a, b, c);
}

template <class T>
void avx512_multiply_symmetric(index_t n, const T* a, const T* b, T* c, index_t ld, T sign) {
  kernels::CpuExec ex(nullptr, 0);
  ex.multiply(ex.symmetric_product<T>(n, ld), a, b, c, sign);
}

}  // namespace kindred::test

#else

namespace kindred::test {

bool avx512_products() { return false; }

template <class T>
void avx512_multiply(index_t, index_t, index_t, const T*, index_t, const T*, index_t, bool, T*, index_t) {}

template <class T>
void avx512_multiply_symmetric(index_t, const T*, const T*, T*, index_t, T) {}

}  // namespace kindred::test
#endif

namespace kindred::test {

template void avx512_multiply(index_t, index_t, index_t, const float*, index_t, const float*, index_t, bool, float*,
                              index_t);
template void avx512_multiply(index_t, index_t, index_t, const double*, index_t, const double*, index_t, bool, double*,
                              index_t);
template void avx512_multiply_symmetric(index_t, const float*, const float*, float*, index_t, float);
template void avx512_multiply_symmetric(index_t, const double*, const double*, double*, index_t, double);

}  // namespace kindred::test
