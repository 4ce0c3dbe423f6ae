// What the parts of the stand-in libcusolver share: handles, checks, workspaces, LAPACKE by overloading.
#pragma once

#include "tests/cuda_on_cpu/libraries/library.hpp"

#include <cusolverDn.h>

#include <cmath>

struct cusolverDnContext {
  cudaStream_t stream = nullptr;
  cusolverDeterministicMode_t deterministic = CUSOLVER_DETERMINISTIC_RESULTS;
};
struct cusolverDnParams {
  int unused = 0;
};
struct JacobiInfo {
  double tolerance = 0, residual = 0;
  int sweeps = 100, sort = 1, executed = 0;
};
struct syevjInfo : JacobiInfo {};
struct gesvdjInfo : JacobiInfo {};

namespace ccpu_cusolver {

using namespace ccpu_library;

LIBRARY("cuSOLVER", CUSOLVER, cusolverDnContext)

inline Status unsupported(const char* call, const char* what) {
  say("cuSOLVER", call, "CUSOLVER_STATUS_NOT_SUPPORTED: %s", what);
  return CUSOLVER_STATUS_NOT_SUPPORTED;
}

inline bool is_fill(cublasFillMode_t u) { return u == CUBLAS_FILL_MODE_LOWER || u == CUBLAS_FILL_MODE_UPPER; }
inline char up(cublasFillMode_t u) { return u == CUBLAS_FILL_MODE_LOWER ? 'L' : 'U'; }
inline bool is_mode(cusolverEigMode_t j) { return j == CUSOLVER_EIG_MODE_VECTOR || j == CUSOLVER_EIG_MODE_NOVECTOR; }
inline bool vectors(cusolverEigMode_t j) { return j == CUSOLVER_EIG_MODE_VECTOR; }

/// The workspace of a call: how much it says it needs, and whether it got it.
inline int work_elements(long m, long n, long batch = 1) {
  return (int)std::min<long>(2147483647, 64 + (std::max(m, 1l) + 8) * std::max(n, 1l) + 16 * batch);
}
template <class T>
inline Status check_work(const char* call, T* work, int lwork, int need) {
  if (lwork < need) return invalid(call, "lwork is smaller than the _bufferSize function says");
  device(call, "work", work, (size_t)lwork);
  return OK;
}
struct Buffers {
  void* on_device;
  size_t device_bytes;
  void* on_host;
  size_t host_bytes;
};
inline size_t device_bytes(long m, long n, long batch = 1) { return (size_t)work_elements(m, n, batch) * 8; }
inline constexpr size_t HOST_BYTES = 1024;
inline Status check_buffers(const char* call, Buffers b, size_t need) {
  if (b.device_bytes < need)
    return invalid(call, "workspaceInBytesOnDevice is smaller than the _bufferSize function says");
  device(call, "bufferOnDevice", (char*)b.on_device, b.device_bytes);
  if (b.host_bytes < HOST_BYTES || !b.on_host)
    return invalid(call, "workspaceInBytesOnHost is smaller than the _bufferSize function says");
  if (cuda_on_cpu_readable(b.on_host) != b.on_host) {
    fprintf(stderr, "cuda-on-cpu: FAULT: %s: bufferOnHost is a device pointer\n", call);
    die();
  }
  return OK;
}

typedef cusolverDnParams_t Params;

// LAPACKE by overloading.
#define OVERLOADS(T, p)                                                                                         \
  inline int potrf(char u, int n, T* A, int lda) { return LAPACKE_##p##potrf(LAPACK_COL_MAJOR, u, n, A, lda); } \
  inline int potri(char u, int n, T* A, int lda) { return LAPACKE_##p##potri(LAPACK_COL_MAJOR, u, n, A, lda); } \
  inline int potrs(char u, int n, int r, const T* A, int lda, T* B, int ldb) {                                  \
    return LAPACKE_##p##potrs(LAPACK_COL_MAJOR, u, n, r, A, lda, B, ldb);                                       \
  }                                                                                                             \
  inline int getrf(int m, int n, T* A, int lda, int* piv) {                                                     \
    return LAPACKE_##p##getrf(LAPACK_COL_MAJOR, m, n, A, lda, piv);                                             \
  }                                                                                                             \
  inline int getrs(char t, int n, int r, const T* A, int lda, const int* piv, T* B, int ldb) {                  \
    return LAPACKE_##p##getrs(LAPACK_COL_MAJOR, t, n, r, A, lda, piv, B, ldb);                                  \
  }                                                                                                             \
  inline int geqrf(int m, int n, T* A, int lda, T* tau) {                                                       \
    return LAPACKE_##p##geqrf(LAPACK_COL_MAJOR, m, n, A, lda, tau);                                             \
  }                                                                                                             \
  inline int ormqr(char s, char t, int m, int n, int k, const T* A, int lda, const T* tau, T* C, int ldc) {     \
    return LAPACKE_##p##ormqr(LAPACK_COL_MAJOR, s, t, m, n, k, A, lda, tau, C, ldc);                            \
  }                                                                                                             \
  inline int orgqr(int m, int n, int k, T* A, int lda, const T* tau) {                                          \
    return LAPACKE_##p##orgqr(LAPACK_COL_MAJOR, m, n, k, A, lda, tau);                                          \
  }                                                                                                             \
  inline int syevd(char j, char u, int n, T* A, int lda, T* w) {                                                \
    return LAPACKE_##p##syevd(LAPACK_COL_MAJOR, j, u, n, A, lda, w);                                            \
  }                                                                                                             \
  inline int sygvd(int t, char j, char u, int n, T* A, int lda, T* B, int ldb, T* w) {                          \
    return LAPACKE_##p##sygvd(LAPACK_COL_MAJOR, t, j, u, n, A, lda, B, ldb, w);                                 \
  }                                                                                                             \
  inline int gesvd(char ju, char jv, int m, int n, T* A, int lda, T* S, T* U, int ldu, T* V, int ldv) {         \
    std::vector<T> superb((size_t)std::max(1, std::min(m, n)));                                                 \
    return LAPACKE_##p##gesvd(LAPACK_COL_MAJOR, ju, jv, m, n, A, lda, S, U, ldu, V, ldv, superb.data());        \
  }                                                                                                             \
  inline int geev(char jr, int n, T* A, int lda, T* wr, T* wi, T* vr, int ldvr) {                               \
    return LAPACKE_##p##geev(LAPACK_COL_MAJOR, 'N', jr, n, A, lda, wr, wi, nullptr, 1, vr, ldvr);               \
  }
OVERLOADS(float, s)
OVERLOADS(double, d)

}  // namespace ccpu_cusolver

// How the functions of the API begin.
#define ENTER(name)        \
  HANDLE(h);               \
  const char* call = name; \
  (void)call
#define SIZE(result, ...)                            \
  HANDLE(h);                                         \
  if (!result) return CUSOLVER_STATUS_INVALID_VALUE; \
  *result = work_elements(__VA_ARGS__);              \
  return OK
#define WORK(...) \
  if (Status e = check_work(call, work, lwork, work_elements(__VA_ARGS__))) return e

#define XSIZE(...)                                         \
  HANDLE(h);                                               \
  if (!dev || !host) return CUSOLVER_STATUS_INVALID_VALUE; \
  *dev = device_bytes(__VA_ARGS__);                        \
  *host = HOST_BYTES;                                      \
  return OK
#define XENTER(name, ...)  \
  HANDLE(h);               \
  const char* call = name; \
  if (Status e = check_buffers(call, {dbuf, dbytes, hbuf, hbytes}, device_bytes(__VA_ARGS__))) return e
/// Evaluates an expression with T = float or double by the type of A.
#define BY_TYPE(type, expression) \
  if (type == CUDA_R_32F) {       \
    typedef float T;              \
    return expression;            \
  }                               \
  if (type == CUDA_R_64F) {       \
    typedef double T;             \
    return expression;            \
  }                               \
  return unsupported(call, "only real single and double precision are supported")
