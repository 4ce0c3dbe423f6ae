#pragma once
/// The small products of CpuExec as compiled for AVX-512 in vector_products_avx512.cpp.
#include <kindred/types.hpp>

namespace kindred::test {

/// This build has them and this processor runs them.
bool avx512_products();

/// C (m x n) = A B + (accumulate ? C : 0), row-major.
template <class T>
void avx512_multiply(index_t m, index_t n, index_t k, const T* a, index_t lda, const T* b, index_t ldb, bool accumulate,
                     T* c, index_t ldc);

/// C (n x n) = A B, known to be symmetric (sign 1) or skew (-1).
template <class T>
void avx512_multiply_symmetric(index_t n, const T* a, const T* b, T* c, index_t ld, T sign);

}  // namespace kindred::test
