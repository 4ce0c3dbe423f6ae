// cuBLAS level 1 and 2: vectors, and a matrix with a vector.
#include "tests/cuda_on_cpu/libraries/cublas.hpp"

using namespace ccpu_cublas;

namespace {

Status check_gemv(const char* call, cublasOperation_t trans, int m, int n, int lda, int incx, int incy, int batch) {
  CHECK(is_op(trans));
  CHECK(m >= 0 && n >= 0 && batch >= 0);
  CHECK(lda >= std::max(1, m));
  CHECK(incx != 0 && incy != 0);
  return OK;
}

template <class T>
Status gemv_strided(Handle h, const char* call, cublasOperation_t trans, int m, int n, const T* alpha_, const T* A,
                    int lda, long long sa, const T* x, int incx, long long sx, const T* beta_, T* y, int incy,
                    long long sy, int batch) {
  if (Status e = check_gemv(call, trans, m, n, lda, incx, incy, batch)) return e;
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!m || !n || !batch) return OK;
  int nx = trans == CUBLAS_OP_N ? n : m, ny = trans == CUBLAS_OP_N ? m : n;
  size_t last = (size_t)(batch - 1);
  A = device(call, "A", A, extent(m, n, lda) + last * (size_t)sa);
  x = device(call, "x", x, vector_extent(nx, incx) + last * (size_t)sx);
  y = device(call, "y", y, vector_extent(ny, incy) + last * (size_t)sy);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      gemv(tr(trans), m, n, alpha(), A + i * sa, lda, x + i * sx, incx, beta(), y + i * sy, incy);
  });
}
template <class T>
Status gemv_batched(Handle h, const char* call, cublasOperation_t trans, int m, int n, const T* alpha_,
                    const T* const* A, int lda, const T* const* x, int incx, const T* beta_, T* const* y, int incy,
                    int batch) {
  if (Status e = check_gemv(call, trans, m, n, lda, incx, incy, batch)) return e;
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!m || !n || !batch) return OK;
  int nx = trans == CUBLAS_OP_N ? n : m, ny = trans == CUBLAS_OP_N ? m : n;
  A = device(call, "Aarray", A, (size_t)batch);
  x = device(call, "xarray", x, (size_t)batch);
  y = device(call, "yarray", y, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      gemv(tr(trans), m, n, alpha(), entry(call, "Aarray[i]", A, i, extent(m, n, lda)), lda,
           entry(call, "xarray[i]", x, i, vector_extent(nx, incx)), incx, beta(),
           entry(call, "yarray[i]", y, i, vector_extent(ny, incy)), incy);
  });
}

}  // namespace

// The functions of a triangular matrix and a vector.
#define TRIANGULAR(S, T, name)                                                                                  \
  API Status cublas##S##name##_v2(Handle h, cublasFillMode_t u, cublasOperation_t t, cublasDiagType_t d, int n, \
                                  const T* A, int lda, T* x, int ix) {                                          \
    HANDLE(h);                                                                                                  \
    const char* call = "cublas" #S #name;                                                                       \
    CHECK(n >= 0 && ix != 0 && lda >= std::max(1, n) && is_fill(u) && is_op(t));                                \
    A = device(call, "A", A, extent(n, n, lda));                                                                \
    x = device(call, "x", x, vector_extent(n, ix));                                                             \
    return run(h, [=] { name(up(u), tr(t), dg(d), n, A, lda, x, ix); });                                        \
  }

// The functions of two vectors and nothing else.
#define TWO_VECTORS(S, T, name, X)                                              \
  API Status cublas##S##name##_v2(Handle h, int n, X x, int ix, T* y, int iy) { \
    HANDLE(h);                                                                  \
    if (n <= 0) return OK;                                                      \
    x = device("cublas" #S #name, "x", x, vector_extent(n, ix));                \
    y = device("cublas" #S #name, "y", y, vector_extent(n, iy));                \
    return run(h, [=] { name(n, x, ix, y, iy); });                              \
  }

// The functions for S (float) and D (double).
#define TYPED(S, T)                                                                                                    \
  API Status cublas##S##gemv_v2(Handle h, cublasOperation_t t, int m, int n, const T* al, const T* A, int lda,         \
                                const T* x, int ix, const T* be, T* y, int iy) {                                       \
    HANDLE(h);                                                                                                         \
    return gemv_strided<T>(h, "cublas" #S "gemv", t, m, n, al, A, lda, 0, x, ix, 0, be, y, iy, 0, 1);                  \
  }                                                                                                                    \
  API Status cublas##S##gemvStridedBatched(Handle h, cublasOperation_t t, int m, int n, const T* al, const T* A,       \
                                           int lda, long long sa, const T* x, int ix, long long sx, const T* be, T* y, \
                                           int iy, long long sy, int nb) {                                             \
    HANDLE(h);                                                                                                         \
    return gemv_strided<T>(h, "cublas" #S "gemvStridedBatched", t, m, n, al, A, lda, sa, x, ix, sx, be, y, iy, sy,     \
                           nb);                                                                                        \
  }                                                                                                                    \
  API Status cublas##S##gemvBatched(Handle h, cublasOperation_t t, int m, int n, const T* al, const T* const A[],      \
                                    int lda, const T* const x[], int ix, const T* be, T* const y[], int iy, int nb) {  \
    HANDLE(h);                                                                                                         \
    return gemv_batched<T>(h, "cublas" #S "gemvBatched", t, m, n, al, A, lda, x, ix, be, y, iy, nb);                   \
  }                                                                                                                    \
  API Status cublas##S##ger_v2(Handle h, int m, int n, const T* alpha_, const T* x, int ix, const T* y, int iy, T* A,  \
                               int lda) {                                                                              \
    HANDLE(h);                                                                                                         \
    const char* call = "cublas" #S "ger";                                                                              \
    CHECK(m >= 0 && n >= 0 && ix != 0 && iy != 0 && lda >= std::max(1, m));                                            \
    SCALAR(T, alpha);                                                                                                  \
    x = device(call, "x", x, vector_extent(m, ix));                                                                    \
    y = device(call, "y", y, vector_extent(n, iy));                                                                    \
    A = device(call, "A", A, extent(m, n, lda));                                                                       \
    return run(h, [=] { ger(m, n, alpha(), x, ix, y, iy, A, lda); });                                                  \
  }                                                                                                                    \
  API Status cublas##S##syr_v2(Handle h, cublasFillMode_t u, int n, const T* alpha_, const T* x, int ix, T* A,         \
                               int lda) {                                                                              \
    HANDLE(h);                                                                                                         \
    const char* call = "cublas" #S "syr";                                                                              \
    CHECK(n >= 0 && ix != 0 && lda >= std::max(1, n) && is_fill(u));                                                   \
    SCALAR(T, alpha);                                                                                                  \
    x = device(call, "x", x, vector_extent(n, ix));                                                                    \
    A = device(call, "A", A, extent(n, n, lda));                                                                       \
    return run(h, [=] { syr(up(u), n, alpha(), x, ix, A, lda); });                                                     \
  }                                                                                                                    \
  API Status cublas##S##symv_v2(Handle h, cublasFillMode_t u, int n, const T* alpha_, const T* A, int lda, const T* x, \
                                int ix, const T* beta_, T* y, int iy) {                                                \
    HANDLE(h);                                                                                                         \
    const char* call = "cublas" #S "symv";                                                                             \
    CHECK(n >= 0 && ix != 0 && iy != 0 && lda >= std::max(1, n) && is_fill(u));                                        \
    SCALAR(T, alpha);                                                                                                  \
    SCALAR(T, beta);                                                                                                   \
    A = device(call, "A", A, extent(n, n, lda));                                                                       \
    x = device(call, "x", x, vector_extent(n, ix));                                                                    \
    y = device(call, "y", y, vector_extent(n, iy));                                                                    \
    return run(h, [=] { symv(up(u), n, alpha(), A, lda, x, ix, beta(), y, iy); });                                     \
  }                                                                                                                    \
  TRIANGULAR(S, T, trsv)                                                                                               \
  TRIANGULAR(S, T, trmv)                                                                                               \
  API Status cublas##S##dot_v2(Handle h, int n, const T* x, int ix, const T* y, int iy, T* r) {                        \
    HANDLE(h);                                                                                                         \
    x = device("cublas" #S "dot", "x", x, vector_extent(n, ix));                                                       \
    y = device("cublas" #S "dot", "y", y, vector_extent(n, iy));                                                       \
    return result<T>(h, "cublas" #S "dot", r, [=] { return n > 0 ? dot(n, x, ix, y, iy) : T(0); });                    \
  }                                                                                                                    \
  API Status cublas##S##nrm2_v2(Handle h, int n, const T* x, int ix, T* r) {                                           \
    HANDLE(h);                                                                                                         \
    x = device("cublas" #S "nrm2", "x", x, vector_extent(n, ix));                                                      \
    return result<T>(h, "cublas" #S "nrm2", r, [=] { return n > 0 && ix > 0 ? nrm2(n, x, ix) : T(0); });               \
  }                                                                                                                    \
  API Status cublas##S##asum_v2(Handle h, int n, const T* x, int ix, T* r) {                                           \
    HANDLE(h);                                                                                                         \
    x = device("cublas" #S "asum", "x", x, vector_extent(n, ix));                                                      \
    return result<T>(h, "cublas" #S "asum", r, [=] { return n > 0 && ix > 0 ? asum(n, x, ix) : T(0); });               \
  }                                                                                                                    \
  static Status extreme(Handle h, const char* call, int n, const T* x, int ix, int* r, bool largest) {                 \
    HANDLE(h);                                                                                                         \
    x = device(call, "x", x, vector_extent(n, ix));                                                                    \
    return result<int>(h, call, r, [=] {                                                                               \
      int best = n > 0 && ix > 0 ? 1 : 0;                                                                              \
      for (int i = 1; best && i < n; i++) {                                                                            \
        T a = std::fabs(x[(size_t)i * ix]), b = std::fabs(x[(size_t)(best - 1) * ix]);                                 \
        if (largest ? a > b : a < b) best = i + 1;                                                                     \
      }                                                                                                                \
      return best;                                                                                                     \
    });                                                                                                                \
  }                                                                                                                    \
  API Status cublas##S##scal_v2(Handle h, int n, const T* alpha_, T* x, int ix) {                                      \
    HANDLE(h);                                                                                                         \
    const char* call = "cublas" #S "scal";                                                                             \
    SCALAR(T, alpha);                                                                                                  \
    if (n <= 0 || ix <= 0) return OK;                                                                                  \
    x = device(call, "x", x, vector_extent(n, ix));                                                                    \
    return run(h, [=] {                                                                                                \
      for (int i = 0; i < n; i++) x[(size_t)i * ix] *= alpha();                                                        \
    });                                                                                                                \
  }                                                                                                                    \
  API Status cublas##S##axpy_v2(Handle h, int n, const T* alpha_, const T* x, int ix, T* y, int iy) {                  \
    HANDLE(h);                                                                                                         \
    const char* call = "cublas" #S "axpy";                                                                             \
    SCALAR(T, alpha);                                                                                                  \
    if (n <= 0) return OK;                                                                                             \
    x = device(call, "x", x, vector_extent(n, ix));                                                                    \
    y = device(call, "y", y, vector_extent(n, iy));                                                                    \
    return run(h, [=] { axpy(n, alpha(), x, ix, y, iy); });                                                            \
  }                                                                                                                    \
  TWO_VECTORS(S, T, copy, const T*)                                                                                    \
  TWO_VECTORS(S, T, swap, T*)                                                                                          \
  API Status cublas##S##rot_v2(Handle h, int n, T* x, int ix, T* y, int iy, const T* c_, const T* s_) {                \
    HANDLE(h);                                                                                                         \
    const char* call = "cublas" #S "rot";                                                                              \
    SCALAR(T, c);                                                                                                      \
    SCALAR(T, s);                                                                                                      \
    if (n <= 0) return OK;                                                                                             \
    x = device(call, "x", x, vector_extent(n, ix));                                                                    \
    y = device(call, "y", y, vector_extent(n, iy));                                                                    \
    return run(h, [=] { rot(n, x, ix, y, iy, c(), s()); });                                                            \
  }

TYPED(S, float)
TYPED(D, double)

API Status cublasIsamax_v2(Handle h, int n, const float* x, int ix, int* r) {
  return extreme(h, "cublasIsamax", n, x, ix, r, true);
}
API Status cublasIdamax_v2(Handle h, int n, const double* x, int ix, int* r) {
  return extreme(h, "cublasIdamax", n, x, ix, r, true);
}
API Status cublasIsamin_v2(Handle h, int n, const float* x, int ix, int* r) {
  return extreme(h, "cublasIsamin", n, x, ix, r, false);
}
API Status cublasIdamin_v2(Handle h, int n, const double* x, int ix, int* r) {
  return extreme(h, "cublasIdamin", n, x, ix, r, false);
}
