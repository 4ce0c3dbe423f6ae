// What the parts of the stand-in libcublas share: handles, checks, scalars, CBLAS and LAPACKE by overloading.
#pragma once

#include "tests/cuda_on_cpu/libraries/library.hpp"

#include <cublas_v2.h>

#include <cmath>

struct cublasContext {
  cudaStream_t stream = nullptr;
  cublasPointerMode_t pointer_mode = CUBLAS_POINTER_MODE_HOST;
  cublasMath_t math_mode = CUBLAS_DEFAULT_MATH;
  cublasAtomicsMode_t atomics = CUBLAS_ATOMICS_NOT_ALLOWED;
};

namespace ccpu_cublas {

using namespace ccpu_library;

LIBRARY("cuBLAS", CUBLAS, cublasContext)

inline bool is_op(cublasOperation_t t) { return t == CUBLAS_OP_N || t == CUBLAS_OP_T || t == CUBLAS_OP_C; }
inline bool is_fill(cublasFillMode_t u) { return u == CUBLAS_FILL_MODE_LOWER || u == CUBLAS_FILL_MODE_UPPER; }
inline CBLAS_TRANSPOSE tr(cublasOperation_t t) { return t == CUBLAS_OP_N ? CblasNoTrans : CblasTrans; }
inline CBLAS_UPLO up(cublasFillMode_t u) { return u == CUBLAS_FILL_MODE_LOWER ? CblasLower : CblasUpper; }
inline CBLAS_SIDE sd(cublasSideMode_t s) { return s == CUBLAS_SIDE_LEFT ? CblasLeft : CblasRight; }
inline CBLAS_DIAG dg(cublasDiagType_t d) { return d == CUBLAS_DIAG_UNIT ? CblasUnit : CblasNonUnit; }

/// A scalar argument: its value now in host pointer mode, read when it runs in device pointer mode.
template <class T>
struct Scalar {
  const T* device_pointer = nullptr;
  T value = 0;
  T operator()() const { return device_pointer ? *device_pointer : value; }
};
template <class T>
inline bool scalar(Handle h, const char* call, const char* name, const T* p, Scalar<T>* out) {
  if (!p) return false;
  if (h->pointer_mode == CUBLAS_POINTER_MODE_DEVICE) {
    out->device_pointer = device(call, name, p, 1);
    return true;
  }
  if (cuda_on_cpu_classify(p, sizeof(T)) && cuda_on_cpu_readable(p) != p) {
    fprintf(stderr, "cuda-on-cpu: FAULT: %s: %s is a device pointer, but the handle is in host pointer mode\n", call,
            name);
    die();
  }
  out->value = *p;
  return true;
}
#define SCALAR(T, name) \
  Scalar<T> name;       \
  if (!scalar(h, call, #name, name##_, &name)) return invalid(call, #name " is null")

/// A result: to device memory when it runs, or to host memory after waiting for it.
template <class T>
inline Status result(Handle h, const char* call, T* p, std::function<T()> f) {
  if (!p) return invalid(call, "result is null");
  if (h->pointer_mode == CUBLAS_POINTER_MODE_DEVICE) {
    T* d = device(call, "result", p, 1);
    return run(h, [=] { *d = f(); });
  }
  if (cuda_on_cpu_classify(p, sizeof(T)) && cuda_on_cpu_readable(p) != p) {
    fprintf(stderr, "cuda-on-cpu: FAULT: %s: result is a device pointer, but the handle is in host pointer mode\n",
            call);
    die();
  }
  Status s = run(h, [=] { *p = f(); });
  return s == OK && cuda_on_cpu_drain(h->stream) ? CUBLAS_STATUS_EXECUTION_FAILED : s;
}

/// Entry i of a device array of device pointers, to n elements.
template <class T>
inline T* entry(const char* call, const char* name, T* const* array, int i, size_t n) {
  return device(call, name, array[i], n);
}

// CBLAS and LAPACKE by overloading.
#define OVERLOADS(T, p)                                                                                                \
  inline void gemm(CBLAS_TRANSPOSE a, CBLAS_TRANSPOSE b, int m, int n, int k, T al, const T* A, int lda, const T* B,   \
                   int ldb, T be, T* C, int ldc) {                                                                     \
    cblas_##p##gemm(CblasColMajor, a, b, m, n, k, al, A, lda, B, ldb, be, C, ldc);                                     \
  }                                                                                                                    \
  inline void gemv(CBLAS_TRANSPOSE a, int m, int n, T al, const T* A, int lda, const T* x, int ix, T be, T* y,         \
                   int iy) {                                                                                           \
    cblas_##p##gemv(CblasColMajor, a, m, n, al, A, lda, x, ix, be, y, iy);                                             \
  }                                                                                                                    \
  inline void symv(CBLAS_UPLO u, int n, T al, const T* A, int lda, const T* x, int ix, T be, T* y, int iy) {           \
    cblas_##p##symv(CblasColMajor, u, n, al, A, lda, x, ix, be, y, iy);                                                \
  }                                                                                                                    \
  inline void trsv(CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG d, int n, const T* A, int lda, T* x, int ix) {          \
    cblas_##p##trsv(CblasColMajor, u, t, d, n, A, lda, x, ix);                                                         \
  }                                                                                                                    \
  inline void trmv(CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG d, int n, const T* A, int lda, T* x, int ix) {          \
    cblas_##p##trmv(CblasColMajor, u, t, d, n, A, lda, x, ix);                                                         \
  }                                                                                                                    \
  inline void ger(int m, int n, T al, const T* x, int ix, const T* y, int iy, T* A, int lda) {                         \
    cblas_##p##ger(CblasColMajor, m, n, al, x, ix, y, iy, A, lda);                                                     \
  }                                                                                                                    \
  inline void syr(CBLAS_UPLO u, int n, T al, const T* x, int ix, T* A, int lda) {                                      \
    cblas_##p##syr(CblasColMajor, u, n, al, x, ix, A, lda);                                                            \
  }                                                                                                                    \
  inline void syrk(CBLAS_UPLO u, CBLAS_TRANSPOSE t, int n, int k, T al, const T* A, int lda, T be, T* C, int ldc) {    \
    cblas_##p##syrk(CblasColMajor, u, t, n, k, al, A, lda, be, C, ldc);                                                \
  }                                                                                                                    \
  inline void syr2k(CBLAS_UPLO u, CBLAS_TRANSPOSE t, int n, int k, T al, const T* A, int lda, const T* B, int ldb,     \
                    T be, T* C, int ldc) {                                                                             \
    cblas_##p##syr2k(CblasColMajor, u, t, n, k, al, A, lda, B, ldb, be, C, ldc);                                       \
  }                                                                                                                    \
  inline void symm(CBLAS_SIDE s, CBLAS_UPLO u, int m, int n, T al, const T* A, int lda, const T* B, int ldb, T be,     \
                   T* C, int ldc) {                                                                                    \
    cblas_##p##symm(CblasColMajor, s, u, m, n, al, A, lda, B, ldb, be, C, ldc);                                        \
  }                                                                                                                    \
  inline void trsm(CBLAS_SIDE s, CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG d, int m, int n, T al, const T* A,        \
                   int lda, T* B, int ldb) {                                                                           \
    cblas_##p##trsm(CblasColMajor, s, u, t, d, m, n, al, A, lda, B, ldb);                                              \
  }                                                                                                                    \
  inline void trmm(CBLAS_SIDE s, CBLAS_UPLO u, CBLAS_TRANSPOSE t, CBLAS_DIAG d, int m, int n, T al, const T* A,        \
                   int lda, T* B, int ldb) {                                                                           \
    cblas_##p##trmm(CblasColMajor, s, u, t, d, m, n, al, A, lda, B, ldb);                                              \
  }                                                                                                                    \
  inline void axpy(int n, T a, const T* x, int ix, T* y, int iy) { cblas_##p##axpy(n, a, x, ix, y, iy); }              \
  inline void copy(int n, const T* x, int ix, T* y, int iy) { cblas_##p##copy(n, x, ix, y, iy); }                      \
  inline void swap(int n, T* x, int ix, T* y, int iy) { cblas_##p##swap(n, x, ix, y, iy); }                            \
  inline T dot(int n, const T* x, int ix, const T* y, int iy) { return cblas_##p##dot(n, x, ix, y, iy); }              \
  inline T nrm2(int n, const T* x, int ix) { return cblas_##p##nrm2(n, x, ix); }                                       \
  inline T asum(int n, const T* x, int ix) { return cblas_##p##asum(n, x, ix); }                                       \
  inline void rot(int n, T* x, int ix, T* y, int iy, T c, T s) { cblas_##p##rot(n, x, ix, y, iy, c, s); }              \
  inline int getrf(int n, T* A, int lda, int* piv) { return LAPACKE_##p##getrf(LAPACK_COL_MAJOR, n, n, A, lda, piv); } \
  inline int getrs(char t, int n, int r, const T* A, int lda, const int* piv, T* B, int ldb) {                         \
    return LAPACKE_##p##getrs(LAPACK_COL_MAJOR, t, n, r, A, lda, piv, B, ldb);                                         \
  }                                                                                                                    \
  inline int getri(int n, T* A, int lda, const int* piv) {                                                             \
    return LAPACKE_##p##getri(LAPACK_COL_MAJOR, n, A, lda, piv);                                                       \
  }                                                                                                                    \
  inline int geqrf(int m, int n, T* A, int lda, T* tau) {                                                              \
    return LAPACKE_##p##geqrf(LAPACK_COL_MAJOR, m, n, A, lda, tau);                                                    \
  }                                                                                                                    \
  inline int gels(int m, int n, int r, T* A, int lda, T* B, int ldb) {                                                 \
    return LAPACKE_##p##gels(LAPACK_COL_MAJOR, 'N', m, n, r, A, lda, B, ldb);                                          \
  }
OVERLOADS(float, s)
OVERLOADS(double, d)

}  // namespace ccpu_cublas
