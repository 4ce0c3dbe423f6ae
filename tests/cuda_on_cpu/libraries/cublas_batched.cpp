// cuBLAS: LU, inverses, QR and least squares of many small matrices.
#include "tests/cuda_on_cpu/libraries/cublas.hpp"

using namespace ccpu_cublas;

namespace {

template <class T>
Status getrf_batched(Handle h, const char* call, int n, T* const* A, int lda, int* P, int* info, int batch) {
  CHECK(n >= 0 && batch >= 0 && lda >= std::max(1, n));
  if (!n || !batch) return OK;
  A = device(call, "A", A, (size_t)batch);
  info = device(call, "info", info, (size_t)batch);
  if (P) P = device(call, "PivotArray", P, (size_t)n * batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++) {
      T* a = entry(call, "A[i]", A, i, extent(n, n, lda));
      info[i] = P ? getrf(n, a, lda, P + (size_t)i * n) : lu_without_pivoting(n, n, a, lda);
    }
  });
}
template <class T>
Status getrs_batched(Handle h, const char* call, cublasOperation_t trans, int n, int nrhs, const T* const* A, int lda,
                     const int* P, T* const* B, int ldb, int* info, int batch) {
  if (!info) return invalid(call, "info is null");
  *info = 0;
  CHECK(is_op(trans) && n >= 0 && nrhs >= 0 && batch >= 0);
  CHECK(lda >= std::max(1, n) && ldb >= std::max(1, n));
  if (!n || !nrhs || !batch) return OK;
  A = device(call, "Aarray", A, (size_t)batch);
  B = device(call, "Barray", B, (size_t)batch);
  if (P) P = device(call, "devIpiv", P, (size_t)n * batch);
  return run(h, [=] {
    std::vector<int> identity((size_t)n);
    for (int i = 0; i < n; i++) identity[(size_t)i] = i + 1;
    for (int i = 0; i < batch; i++)
      getrs(trans == CUBLAS_OP_N ? 'N' : 'T', n, nrhs, entry(call, "Aarray[i]", A, i, extent(n, n, lda)), lda,
            P ? P + (size_t)i * n : identity.data(), entry(call, "Barray[i]", B, i, extent(n, nrhs, ldb)), ldb);
  });
}
/// Out-of-place inverse; with pivots P (or null) of a factorisation, or factorising itself.
template <class T>
Status inverse_batched(Handle h, const char* call, int n, const T* const* A, int lda, const int* P, bool factored,
                       T* const* C, int ldc, int* info, int batch) {
  CHECK(n >= 0 && batch >= 0 && lda >= std::max(1, n) && ldc >= std::max(1, n));
  CHECK(factored || n <= 32);  // limit of matinvBatched
  if (!n || !batch) return OK;
  A = device(call, "A", A, (size_t)batch);
  C = device(call, "C", C, (size_t)batch);
  info = device(call, "info", info, (size_t)batch);
  if (P) P = device(call, "P", P, (size_t)n * batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++) {
      const T* a = entry(call, "A[i]", A, i, extent(n, n, lda));
      T* c = entry(call, "C[i]", C, i, extent(n, n, ldc));
      if (factored && a == c) {
        fprintf(stderr, "cuda-on-cpu: FAULT: %s: A[%d] and C[%d] must not be the same matrix\n", call, i, i);
        die();
      }
      std::vector<int> piv((size_t)n);
      for (int j = 0; j < n; j++) piv[(size_t)j] = P ? P[(size_t)i * n + j] : j + 1;
      std::vector<T> x((size_t)n * n);
      for (int j = 0; j < n; j++) std::copy_n(a + (size_t)j * lda, n, &x[(size_t)j * n]);
      info[i] = factored ? 0 : getrf(n, x.data(), n, piv.data());
      if (!info[i]) info[i] = getri(n, x.data(), n, piv.data());
      for (int j = 0; j < n; j++) std::copy_n(&x[(size_t)j * n], n, c + (size_t)j * ldc);
    }
  });
}
template <class T>
Status geqrf_batched(Handle h, const char* call, int m, int n, T* const* A, int lda, T* const* tau, int* info,
                     int batch) {
  if (!info) return invalid(call, "info is null");
  *info = 0;
  CHECK(m >= 0 && n >= 0 && batch >= 0 && lda >= std::max(1, m));
  if (!m || !n || !batch) return OK;
  A = device(call, "Aarray", A, (size_t)batch);
  tau = device(call, "TauArray", tau, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      geqrf(m, n, entry(call, "Aarray[i]", A, i, extent(m, n, lda)), lda,
            entry(call, "TauArray[i]", tau, i, (size_t)std::min(m, n)));
  });
}
template <class T>
Status gels_batched(Handle h, const char* call, cublasOperation_t trans, int m, int n, int nrhs, T* const* A, int lda,
                    T* const* C, int ldc, int* info, int* dev_info, int batch) {
  if (!info) return invalid(call, "info is null");
  *info = 0;
  if (trans != CUBLAS_OP_N) return CUBLAS_STATUS_NOT_SUPPORTED;
  CHECK(m >= n && n >= 0 && nrhs >= 0 && batch >= 0);
  CHECK(lda >= std::max(1, m) && ldc >= std::max(1, m));
  if (!n || !nrhs || !batch) return OK;
  A = device(call, "Aarray", A, (size_t)batch);
  C = device(call, "Carray", C, (size_t)batch);
  if (dev_info) dev_info = device(call, "devInfoArray", dev_info, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++) {
      int e = gels(m, n, nrhs, entry(call, "Aarray[i]", A, i, extent(m, n, lda)), lda,
                   entry(call, "Carray[i]", C, i, extent(m, nrhs, ldc)), ldc);
      if (dev_info) dev_info[i] = e;
    }
  });
}

}  // namespace

// The functions for S (float) and D (double).
#define TYPED(S, T)                                                                                                   \
  API Status cublas##S##getrfBatched(Handle h, int n, T* const A[], int lda, int* P, int* info, int nb) {             \
    HANDLE(h);                                                                                                        \
    return getrf_batched<T>(h, "cublas" #S "getrfBatched", n, A, lda, P, info, nb);                                   \
  }                                                                                                                   \
  API Status cublas##S##getrsBatched(Handle h, cublasOperation_t t, int n, int r, const T* const A[], int lda,        \
                                     const int* P, T* const B[], int ldb, int* info, int nb) {                        \
    HANDLE(h);                                                                                                        \
    return getrs_batched<T>(h, "cublas" #S "getrsBatched", t, n, r, A, lda, P, B, ldb, info, nb);                     \
  }                                                                                                                   \
  API Status cublas##S##getriBatched(Handle h, int n, const T* const A[], int lda, const int* P, T* const C[],        \
                                     int ldc, int* info, int nb) {                                                    \
    HANDLE(h);                                                                                                        \
    return inverse_batched<T>(h, "cublas" #S "getriBatched", n, A, lda, P, true, C, ldc, info, nb);                   \
  }                                                                                                                   \
  API Status cublas##S##matinvBatched(Handle h, int n, const T* const A[], int lda, T* const C[], int ldc, int* info, \
                                      int nb) {                                                                       \
    HANDLE(h);                                                                                                        \
    return inverse_batched<T>(h, "cublas" #S "matinvBatched", n, A, lda, nullptr, false, C, ldc, info, nb);           \
  }                                                                                                                   \
  API Status cublas##S##geqrfBatched(Handle h, int m, int n, T* const A[], int lda, T* const tau[], int* info,        \
                                     int nb) {                                                                        \
    HANDLE(h);                                                                                                        \
    return geqrf_batched<T>(h, "cublas" #S "geqrfBatched", m, n, A, lda, tau, info, nb);                              \
  }                                                                                                                   \
  API Status cublas##S##gelsBatched(Handle h, cublasOperation_t t, int m, int n, int r, T* const A[], int lda,        \
                                    T* const C[], int ldc, int* info, int* dinfo, int nb) {                           \
    HANDLE(h);                                                                                                        \
    return gels_batched<T>(h, "cublas" #S "gelsBatched", t, m, n, r, A, lda, C, ldc, info, dinfo, nb);                \
  }

TYPED(S, float)
TYPED(D, double)
