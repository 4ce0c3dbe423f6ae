// cuSOLVER: Cholesky, LU, QR, one or many at a time.
#include "tests/cuda_on_cpu/libraries/cusolver.hpp"

using namespace ccpu_cusolver;

namespace {

/// A function of LAPACK on one triangle of A, in place.
template <class T>
Status on_triangle(Handle h, const char* call, cublasFillMode_t uplo, int n, T* A, int lda, int* info,
                   int (*function)(char, int, T*, int)) {
  CHECK(is_fill(uplo) && n >= 0 && lda >= std::max(1, n));
  A = device(call, "A", A, extent(n, n, lda));
  info = device(call, "info", info, 1);
  return run(h, [=] { *info = n ? function(up(uplo), n, A, lda) : 0; });
}
template <class T>
Status potrf_(Handle h, const char* call, cublasFillMode_t uplo, int n, T* A, int lda, int* info) {
  return on_triangle<T>(h, call, uplo, n, A, lda, info, potrf);
}
template <class T>
Status potri_(Handle h, const char* call, cublasFillMode_t uplo, int n, T* A, int lda, int* info) {
  return on_triangle<T>(h, call, uplo, n, A, lda, info, potri);
}
template <class T>
Status potrs_(Handle h, const char* call, cublasFillMode_t uplo, int n, int nrhs, const T* A, int lda, T* B, int ldb,
              int* info) {
  CHECK(is_fill(uplo) && n >= 0 && nrhs >= 0 && lda >= std::max(1, n) && ldb >= std::max(1, n));
  A = device(call, "A", A, extent(n, n, lda));
  B = device(call, "B", B, extent(n, nrhs, ldb));
  info = device(call, "info", info, 1);
  return run(h, [=] { *info = n && nrhs ? potrs(up(uplo), n, nrhs, A, lda, B, ldb) : 0; });
}
template <class T>
Status potrf_batched(Handle h, const char* call, cublasFillMode_t uplo, int n, T** A, int lda, int* info, int batch) {
  CHECK(is_fill(uplo) && n >= 0 && batch >= 1 && lda >= std::max(1, n));
  A = device(call, "Aarray", A, (size_t)batch);
  info = device(call, "infoArray", info, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      info[i] = potrf(up(uplo), n, device(call, "Aarray[i]", A[i], extent(n, n, lda)), lda);
  });
}
template <class T>
Status potrs_batched(Handle h, const char* call, cublasFillMode_t uplo, int n, int nrhs, T** A, int lda, T** B, int ldb,
                     int* info, int batch) {
  CHECK(is_fill(uplo) && n >= 0 && batch >= 1 && lda >= std::max(1, n) && ldb >= std::max(1, n));
  CHECK(nrhs == 1);  // limit of the real library
  A = device(call, "Aarray", A, (size_t)batch);
  B = device(call, "Barray", B, (size_t)batch);
  info = device(call, "d_info", info, 1);
  return run(h, [=] {
    *info = 0;
    for (int i = 0; i < batch; i++)
      potrs(up(uplo), n, nrhs, device(call, "Aarray[i]", A[i], extent(n, n, lda)), lda,
            device(call, "Barray[i]", B[i], extent(n, nrhs, ldb)), ldb);
  });
}
template <class T, class I>
Status getrf_(Handle h, const char* call, int m, int n, T* A, int lda, I* piv, int* info) {
  CHECK(m >= 0 && n >= 0 && lda >= std::max(1, m));
  A = device(call, "A", A, extent(m, n, lda));
  if (piv) piv = device(call, "ipiv", piv, (size_t)std::min(m, n));
  info = device(call, "info", info, 1);
  return run(h, [=] {
    *info = 0;
    if (!m || !n) return;
    std::vector<int> p((size_t)std::min(m, n));
    *info = piv ? getrf(m, n, A, lda, p.data()) : lu_without_pivoting(m, n, A, lda);
    if (piv) std::copy(p.begin(), p.end(), piv);
  });
}
template <class T, class I>
Status getrs_(Handle h, const char* call, cublasOperation_t trans, int n, int nrhs, const T* A, int lda, const I* piv,
              T* B, int ldb, int* info) {
  CHECK(n >= 0 && nrhs >= 0 && lda >= std::max(1, n) && ldb >= std::max(1, n));
  A = device(call, "A", A, extent(n, n, lda));
  B = device(call, "B", B, extent(n, nrhs, ldb));
  if (piv) piv = device(call, "ipiv", piv, (size_t)n);
  info = device(call, "info", info, 1);
  return run(h, [=] {
    *info = 0;
    if (!n || !nrhs) return;
    std::vector<int> p((size_t)n);
    for (int i = 0; i < n; i++) p[(size_t)i] = piv ? (int)piv[i] : i + 1;
    *info = getrs(trans == CUBLAS_OP_N ? 'N' : 'T', n, nrhs, A, lda, p.data(), B, ldb);
  });
}
template <class T>
Status geqrf_(Handle h, const char* call, int m, int n, T* A, int lda, T* tau, int* info) {
  CHECK(m >= 0 && n >= 0 && lda >= std::max(1, m));
  A = device(call, "A", A, extent(m, n, lda));
  tau = device(call, "tau", tau, (size_t)std::min(m, n));
  info = device(call, "info", info, 1);
  return run(h, [=] { *info = m && n ? geqrf(m, n, A, lda, tau) : 0; });
}
template <class T>
Status ormqr_(Handle h, const char* call, cublasSideMode_t side, cublasOperation_t trans, int m, int n, int k,
              const T* A, int lda, const T* tau, T* C, int ldc, int* info) {
  int rows = side == CUBLAS_SIDE_LEFT ? m : n;
  CHECK(m >= 0 && n >= 0 && k >= 0 && k <= rows && lda >= std::max(1, rows) && ldc >= std::max(1, m));
  A = device(call, "A", A, extent(rows, k, lda));
  tau = device(call, "tau", tau, (size_t)k);
  C = device(call, "C", C, extent(m, n, ldc));
  info = device(call, "info", info, 1);
  return run(h, [=] {
    *info = !m || !n || !k ? 0
                           : ormqr(side == CUBLAS_SIDE_LEFT ? 'L' : 'R', trans == CUBLAS_OP_N ? 'N' : 'T', m, n, k, A,
                                   lda, tau, C, ldc);
  });
}
template <class T>
Status orgqr_(Handle h, const char* call, int m, int n, int k, T* A, int lda, const T* tau, int* info) {
  CHECK(m >= 0 && n >= 0 && n <= m && k >= 0 && k <= n && lda >= std::max(1, m));
  A = device(call, "A", A, extent(m, n, lda));
  tau = device(call, "tau", tau, (size_t)k);
  info = device(call, "info", info, 1);
  return run(h, [=] { *info = m && n ? orgqr(m, n, k, A, lda, tau) : 0; });
}

}  // namespace

// The workspace of a factorisation of an m x n matrix.
#define SIZE_OF_FACTORISATION(S, T, name)                                                                         \
  API Status cusolverDn##S##name##_bufferSize(Handle h, int m, int n, T*, int lda, int* l) {                      \
    if (m < 0 || n < 0 || lda < std::max(1, m)) return invalid("cusolverDn" #S #name "_bufferSize", "arguments"); \
    SIZE(l, m, n);                                                                                                \
  }

// The functions for S (float) and D (double).
#define TYPED(S, T)                                                                                                    \
  API Status cusolverDn##S##potrf_bufferSize(Handle h, cublasFillMode_t u, int n, T*, int lda, int* l) {               \
    if (!is_fill(u) || n < 0 || lda < std::max(1, n)) return invalid("cusolverDn" #S "potrf_bufferSize", "arguments"); \
    SIZE(l, n, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##potrf(Handle h, cublasFillMode_t u, int n, T* A, int lda, T* work, int lwork, int* info) { \
    ENTER("cusolverDn" #S "potrf");                                                                                    \
    WORK(n, n);                                                                                                        \
    return potrf_(h, call, u, n, A, lda, info);                                                                        \
  }                                                                                                                    \
  API Status cusolverDn##S##potri_bufferSize(Handle h, cublasFillMode_t, int n, T*, int, int* l) { SIZE(l, n, n); }    \
  API Status cusolverDn##S##potri(Handle h, cublasFillMode_t u, int n, T* A, int lda, T* work, int lwork, int* info) { \
    ENTER("cusolverDn" #S "potri");                                                                                    \
    WORK(n, n);                                                                                                        \
    return potri_(h, call, u, n, A, lda, info);                                                                        \
  }                                                                                                                    \
  API Status cusolverDn##S##potrs(Handle h, cublasFillMode_t u, int n, int r, const T* A, int lda, T* B, int ldb,      \
                                  int* info) {                                                                         \
    ENTER("cusolverDn" #S "potrs");                                                                                    \
    return potrs_(h, call, u, n, r, A, lda, B, ldb, info);                                                             \
  }                                                                                                                    \
  API Status cusolverDn##S##potrfBatched(Handle h, cublasFillMode_t u, int n, T* A[], int lda, int* info, int nb) {    \
    ENTER("cusolverDn" #S "potrfBatched");                                                                             \
    return potrf_batched(h, call, u, n, A, lda, info, nb);                                                             \
  }                                                                                                                    \
  API Status cusolverDn##S##potrsBatched(Handle h, cublasFillMode_t u, int n, int r, T* A[], int lda, T* B[], int ldb, \
                                         int* info, int nb) {                                                          \
    ENTER("cusolverDn" #S "potrsBatched");                                                                             \
    return potrs_batched(h, call, u, n, r, A, lda, B, ldb, info, nb);                                                  \
  }                                                                                                                    \
  SIZE_OF_FACTORISATION(S, T, getrf)                                                                                   \
  API Status cusolverDn##S##getrf(Handle h, int m, int n, T* A, int lda, T* work, int* piv, int* info) {               \
    ENTER("cusolverDn" #S "getrf");                                                                                    \
    if (m > 0 && n > 0) device(call, "Workspace", work, (size_t)work_elements(m, n));                                  \
    return getrf_(h, call, m, n, A, lda, piv, info);                                                                   \
  }                                                                                                                    \
  API Status cusolverDn##S##getrs(Handle h, cublasOperation_t t, int n, int r, const T* A, int lda, const int* piv,    \
                                  T* B, int ldb, int* info) {                                                          \
    ENTER("cusolverDn" #S "getrs");                                                                                    \
    return getrs_(h, call, t, n, r, A, lda, piv, B, ldb, info);                                                        \
  }                                                                                                                    \
  SIZE_OF_FACTORISATION(S, T, geqrf)                                                                                   \
  API Status cusolverDn##S##geqrf(Handle h, int m, int n, T* A, int lda, T* tau, T* work, int lwork, int* info) {      \
    ENTER("cusolverDn" #S "geqrf");                                                                                    \
    WORK(m, n);                                                                                                        \
    return geqrf_(h, call, m, n, A, lda, tau, info);                                                                   \
  }                                                                                                                    \
  API Status cusolverDn##S##ormqr_bufferSize(Handle h, cublasSideMode_t, cublasOperation_t, int m, int n, int,         \
                                             const T*, int, const T*, const T*, int, int* l) {                         \
    SIZE(l, m, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##ormqr(Handle h, cublasSideMode_t s, cublasOperation_t t, int m, int n, int k, const T* A,  \
                                  int lda, const T* tau, T* C, int ldc, T* work, int lwork, int* info) {               \
    ENTER("cusolverDn" #S "ormqr");                                                                                    \
    WORK(m, n);                                                                                                        \
    return ormqr_(h, call, s, t, m, n, k, A, lda, tau, C, ldc, info);                                                  \
  }                                                                                                                    \
  API Status cusolverDn##S##orgqr_bufferSize(Handle h, int m, int n, int, const T*, int, const T*, int* l) {           \
    SIZE(l, m, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##orgqr(Handle h, int m, int n, int k, T* A, int lda, const T* tau, T* work, int lwork,      \
                                  int* info) {                                                                         \
    ENTER("cusolverDn" #S "orgqr");                                                                                    \
    WORK(m, n);                                                                                                        \
    return orgqr_(h, call, m, n, k, A, lda, tau, info);                                                                \
  }

TYPED(S, float)
TYPED(D, double)

// The 64-bit API.
API Status cusolverDnXpotrf_bufferSize(Handle h, Params, cublasFillMode_t, int64_t n, cudaDataType, const void*,
                                       int64_t, cudaDataType, size_t* dev, size_t* host) {
  XSIZE(n, n);
}
API Status cusolverDnXpotrf(Handle h, Params, cublasFillMode_t u, int64_t n, cudaDataType t, void* A, int64_t lda,
                            cudaDataType, void* dbuf, size_t dbytes, void* hbuf, size_t hbytes, int* info) {
  XENTER("cusolverDnXpotrf", n, n);
  BY_TYPE(t, potrf_(h, call, u, (int)n, (T*)A, (int)lda, info));
}
API Status cusolverDnXpotrs(Handle h, Params, cublasFillMode_t u, int64_t n, int64_t r, cudaDataType t, const void* A,
                            int64_t lda, cudaDataType, void* B, int64_t ldb, int* info) {
  ENTER("cusolverDnXpotrs");
  BY_TYPE(t, potrs_(h, call, u, (int)n, (int)r, (const T*)A, (int)lda, (T*)B, (int)ldb, info));
}
API Status cusolverDnXgetrf_bufferSize(Handle h, Params, int64_t m, int64_t n, cudaDataType, const void*, int64_t,
                                       cudaDataType, size_t* dev, size_t* host) {
  XSIZE(m, n);
}
API Status cusolverDnXgetrf(Handle h, Params, int64_t m, int64_t n, cudaDataType t, void* A, int64_t lda, int64_t* piv,
                            cudaDataType, void* dbuf, size_t dbytes, void* hbuf, size_t hbytes, int* info) {
  XENTER("cusolverDnXgetrf", m, n);
  BY_TYPE(t, getrf_(h, call, (int)m, (int)n, (T*)A, (int)lda, piv, info));
}
API Status cusolverDnXgetrs(Handle h, Params, cublasOperation_t op, int64_t n, int64_t r, cudaDataType t, const void* A,
                            int64_t lda, const int64_t* piv, cudaDataType, void* B, int64_t ldb, int* info) {
  ENTER("cusolverDnXgetrs");
  BY_TYPE(t, getrs_(h, call, op, (int)n, (int)r, (const T*)A, (int)lda, piv, (T*)B, (int)ldb, info));
}
API Status cusolverDnXgeqrf_bufferSize(Handle h, Params, int64_t m, int64_t n, cudaDataType, const void*, int64_t,
                                       cudaDataType, const void*, cudaDataType, size_t* dev, size_t* host) {
  XSIZE(m, n);
}
API Status cusolverDnXgeqrf(Handle h, Params, int64_t m, int64_t n, cudaDataType t, void* A, int64_t lda, cudaDataType,
                            void* tau, cudaDataType, void* dbuf, size_t dbytes, void* hbuf, size_t hbytes, int* info) {
  XENTER("cusolverDnXgeqrf", m, n);
  BY_TYPE(t, geqrf_(h, call, (int)m, (int)n, (T*)A, (int)lda, (T*)tau, info));
}
