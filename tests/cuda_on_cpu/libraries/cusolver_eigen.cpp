// cuSOLVER: eigenproblems.
#include "tests/cuda_on_cpu/libraries/cusolver.hpp"

using namespace ccpu_cusolver;

namespace {

template <class T>
Status syev(Handle h, const char* call, cusolverEigMode_t jobz, cublasFillMode_t uplo, int n, T* A, int lda, T* W,
            int* info, int batch) {
  CHECK(is_mode(jobz) && is_fill(uplo) && n >= 0 && lda >= std::max(1, n) && batch >= 0);
  size_t step = (size_t)lda * (size_t)n;
  if (n && batch) {
    A = device(call, "A", A, extent(n, n, lda) + step * (size_t)(batch - 1));
    W = device(call, "W", W, (size_t)n * (size_t)batch);
  }
  info = device(call, "info", info, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      info[i] = n ? syevd(vectors(jobz) ? 'V' : 'N', up(uplo), n, A + step * (size_t)i, lda, W + (size_t)n * i) : 0;
  });
}
/// Some of the eigenvalues: indices il..iu (from 1) or the interval (vl, vu].
template <class T, class I>
Status syevdx_(Handle h, const char* call, cusolverEigMode_t jobz, cusolverEigRange_t range, cublasFillMode_t uplo,
               int n, T* A, int lda, T vl, T vu, long il, long iu, I* count, T* W, int* info) {
  CHECK(is_mode(jobz) && is_fill(uplo) && n >= 0 && lda >= std::max(1, n));
  CHECK(range != CUSOLVER_EIG_RANGE_I || (il >= 1 && il <= iu && iu <= n));
  CHECK(range != CUSOLVER_EIG_RANGE_V || vl < vu);
  CHECK(count != nullptr);
  A = device(call, "A", A, extent(n, n, lda));
  W = device(call, "W", W, (size_t)n);
  info = device(call, "info", info, 1);
  Status s = run(h, [=] {
    *count = 0;
    *info = 0;
    if (!n) return;
    std::vector<T> w((size_t)n);
    *info = syevd(vectors(jobz) ? 'V' : 'N', up(uplo), n, A, lda, w.data());
    int k = 0;
    for (int j = 0; j < n; j++) {
      bool in = range == CUSOLVER_EIG_RANGE_ALL || (range == CUSOLVER_EIG_RANGE_I && j + 1 >= il && j + 1 <= iu) ||
                (range == CUSOLVER_EIG_RANGE_V && w[(size_t)j] > vl && w[(size_t)j] <= vu);
      if (!in) continue;
      if (vectors(jobz) && k != j) std::copy_n(A + (size_t)j * lda, n, A + (size_t)k * lda);
      W[k++] = w[(size_t)j];
    }
    *count = k;
  });
  return s == OK && cuda_on_cpu_drain(h->stream) ? CUSOLVER_STATUS_EXECUTION_FAILED : s;
}
template <class T>
Status sygvd_(Handle h, const char* call, cusolverEigType_t type, cusolverEigMode_t jobz, cublasFillMode_t uplo, int n,
              T* A, int lda, T* B, int ldb, T* W, int* info) {
  CHECK(is_mode(jobz) && is_fill(uplo) && n >= 0 && lda >= std::max(1, n) && ldb >= std::max(1, n));
  CHECK((int)type >= 1 && (int)type <= 3);
  A = device(call, "A", A, extent(n, n, lda));
  B = device(call, "B", B, extent(n, n, ldb));
  W = device(call, "W", W, (size_t)n);
  info = device(call, "info", info, 1);
  return run(h, [=] { *info = n ? sygvd((int)type, vectors(jobz) ? 'V' : 'N', up(uplo), n, A, lda, B, ldb, W) : 0; });
}

template <class T>
Status geev_(Handle h, const char* call, cusolverEigMode_t jobvl, cusolverEigMode_t jobvr, int n, T* A, int lda, T* W,
             bool complex_w, T* VR, int ldvr, int* info) {
  CHECK(jobvl == CUSOLVER_EIG_MODE_NOVECTOR);  // limit of the real library
  CHECK(is_mode(jobvr) && n >= 0 && lda >= std::max(1, n));
  bool want = vectors(jobvr);
  CHECK(ldvr >= (want ? std::max(1, n) : 1));
  A = device(call, "A", A, extent(n, n, lda));
  W = device(call, "W", W, 2 * (size_t)n);
  if (want) VR = device(call, "VR", VR, extent(n, n, ldvr));
  info = device(call, "info", info, 1);
  return run(h, [=] {
    std::vector<T> wr((size_t)std::max(n, 1)), wi((size_t)std::max(n, 1));
    *info = n ? geev(want ? 'V' : 'N', n, A, lda, wr.data(), wi.data(), want ? VR : nullptr, std::max(1, ldvr)) : 0;
    for (int i = 0; i < n; i++) {
      W[complex_w ? 2 * i : i] = wr[(size_t)i];
      W[complex_w ? 2 * i + 1 : n + i] = wi[(size_t)i];
    }
  });
}

}  // namespace

// The functions for S (float) and D (double).
#define TYPED(S, T)                                                                                                    \
  API Status cusolverDn##S##syevd_bufferSize(Handle h, cusolverEigMode_t, cublasFillMode_t, int n, const T*, int,      \
                                             const T*, int* l) {                                                       \
    SIZE(l, n, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##syevd(Handle h, cusolverEigMode_t j, cublasFillMode_t u, int n, T* A, int lda, T* W,       \
                                  T* work, int lwork, int* info) {                                                     \
    ENTER("cusolverDn" #S "syevd");                                                                                    \
    WORK(n, n);                                                                                                        \
    return syev(h, call, j, u, n, A, lda, W, info, 1);                                                                 \
  }                                                                                                                    \
  API Status cusolverDn##S##syevdx_bufferSize(Handle h, cusolverEigMode_t, cusolverEigRange_t, cublasFillMode_t,       \
                                              int n, const T*, int, T, T, int, int, int*, const T*, int* l) {          \
    SIZE(l, n, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##syevdx(Handle h, cusolverEigMode_t j, cusolverEigRange_t r, cublasFillMode_t u, int n,     \
                                   T* A, int lda, T vl, T vu, int il, int iu, int* meig, T* W, T* work, int lwork,     \
                                   int* info) {                                                                        \
    ENTER("cusolverDn" #S "syevdx");                                                                                   \
    WORK(n, n);                                                                                                        \
    return syevdx_(h, call, j, r, u, n, A, lda, vl, vu, il, iu, meig, W, info);                                        \
  }                                                                                                                    \
  API Status cusolverDn##S##syevj_bufferSize(Handle h, cusolverEigMode_t, cublasFillMode_t, int n, const T*, int,      \
                                             const T*, int* l, syevjInfo_t) {                                          \
    SIZE(l, n, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##syevj(Handle h, cusolverEigMode_t j, cublasFillMode_t u, int n, T* A, int lda, T* W,       \
                                  T* work, int lwork, int* info, syevjInfo_t params) {                                 \
    ENTER("cusolverDn" #S "syevj");                                                                                    \
    CHECK(params != nullptr);                                                                                          \
    WORK(n, n);                                                                                                        \
    return syev(h, call, j, u, n, A, lda, W, info, 1);                                                                 \
  }                                                                                                                    \
  API Status cusolverDn##S##syevjBatched_bufferSize(Handle h, cusolverEigMode_t, cublasFillMode_t, int n, const T*,    \
                                                    int, const T*, int* l, syevjInfo_t, int nb) {                      \
    SIZE(l, n, n, nb);                                                                                                 \
  }                                                                                                                    \
  API Status cusolverDn##S##syevjBatched(Handle h, cusolverEigMode_t j, cublasFillMode_t u, int n, T* A, int lda,      \
                                         T* W, T* work, int lwork, int* info, syevjInfo_t params, int nb) {            \
    ENTER("cusolverDn" #S "syevjBatched");                                                                             \
    CHECK(params != nullptr && nb >= 1);                                                                               \
    WORK(n, n, nb);                                                                                                    \
    return syev(h, call, j, u, n, A, lda, W, info, nb);                                                                \
  }                                                                                                                    \
  API Status cusolverDn##S##sygvd_bufferSize(Handle h, cusolverEigType_t, cusolverEigMode_t, cublasFillMode_t, int n,  \
                                             const T*, int, const T*, int, const T*, int* l) {                         \
    SIZE(l, n, 2 * n);                                                                                                 \
  }                                                                                                                    \
  API Status cusolverDn##S##sygvd(Handle h, cusolverEigType_t t, cusolverEigMode_t j, cublasFillMode_t u, int n, T* A, \
                                  int lda, T* B, int ldb, T* W, T* work, int lwork, int* info) {                       \
    ENTER("cusolverDn" #S "sygvd");                                                                                    \
    WORK(n, 2 * n);                                                                                                    \
    return sygvd_(h, call, t, j, u, n, A, lda, B, ldb, W, info);                                                       \
  }

TYPED(S, float)
TYPED(D, double)

// The 64-bit API.
API Status cusolverDnXsyevd_bufferSize(Handle h, Params, cusolverEigMode_t, cublasFillMode_t, int64_t n, cudaDataType,
                                       const void*, int64_t, cudaDataType, const void*, cudaDataType, size_t* dev,
                                       size_t* host) {
  XSIZE(n, n);
}
API Status cusolverDnXsyevd(Handle h, Params, cusolverEigMode_t j, cublasFillMode_t u, int64_t n, cudaDataType t,
                            void* A, int64_t lda, cudaDataType, void* W, cudaDataType, void* dbuf, size_t dbytes,
                            void* hbuf, size_t hbytes, int* info) {
  XENTER("cusolverDnXsyevd", n, n);
  BY_TYPE(t, syev(h, call, j, u, (int)n, (T*)A, (int)lda, (T*)W, info, 1));
}
API Status cusolverDnXsyevBatched_bufferSize(Handle h, Params, cusolverEigMode_t, cublasFillMode_t, int64_t n,
                                             cudaDataType, const void*, int64_t, cudaDataType, const void*,
                                             cudaDataType, size_t* dev, size_t* host, int64_t nb) {
  XSIZE(n, n, nb);
}
API Status cusolverDnXsyevBatched(Handle h, Params, cusolverEigMode_t j, cublasFillMode_t u, int64_t n, cudaDataType t,
                                  void* A, int64_t lda, cudaDataType, void* W, cudaDataType, void* dbuf, size_t dbytes,
                                  void* hbuf, size_t hbytes, int* info, int64_t nb) {
  XENTER("cusolverDnXsyevBatched", n, n, nb);
  BY_TYPE(t, syev(h, call, j, u, (int)n, (T*)A, (int)lda, (T*)W, info, (int)nb));
}
API Status cusolverDnXsyevdx_bufferSize(Handle h, Params, cusolverEigMode_t, cusolverEigRange_t, cublasFillMode_t,
                                        int64_t n, cudaDataType, const void*, int64_t, void*, void*, int64_t, int64_t,
                                        int64_t*, cudaDataType, const void*, cudaDataType, size_t* dev, size_t* host) {
  XSIZE(n, n);
}
API Status cusolverDnXsyevdx(Handle h, Params, cusolverEigMode_t j, cusolverEigRange_t r, cublasFillMode_t u, int64_t n,
                             cudaDataType t, void* A, int64_t lda, void* vl, void* vu, int64_t il, int64_t iu,
                             int64_t* meig, cudaDataType, void* W, cudaDataType, void* dbuf, size_t dbytes, void* hbuf,
                             size_t hbytes, int* info) {
  XENTER("cusolverDnXsyevdx", n, n);
  BY_TYPE(t, syevdx_(h, call, j, r, u, (int)n, (T*)A, (int)lda, vl ? *(T*)vl : T(0), vu ? *(T*)vu : T(0), il, iu, meig,
                     (T*)W, info));
}
API Status cusolverDnXgeev_bufferSize(Handle h, Params, cusolverEigMode_t, cusolverEigMode_t, int64_t n, cudaDataType,
                                      const void*, int64_t, cudaDataType, const void*, cudaDataType, const void*,
                                      int64_t, cudaDataType, const void*, int64_t, cudaDataType, size_t* dev,
                                      size_t* host) {
  XSIZE(n, n);
}
API Status cusolverDnXgeev(Handle h, Params, cusolverEigMode_t jl, cusolverEigMode_t jr, int64_t n, cudaDataType t,
                           void* A, int64_t lda, cudaDataType tw, void* W, cudaDataType, void*, int64_t,
                           cudaDataType tv, void* VR, int64_t ldvr, cudaDataType, void* dbuf, size_t dbytes, void* hbuf,
                           size_t hbytes, int* info) {
  XENTER("cusolverDnXgeev", n, n);
  bool complex_w = tw == CUDA_C_32F || tw == CUDA_C_64F;
  if (jr == CUSOLVER_EIG_MODE_VECTOR && tv != t) return unsupported(call, "eigenvectors in another type than A");
  BY_TYPE(t, geev_(h, call, jl, jr, (int)n, (T*)A, (int)lda, (T*)W, complex_w, (T*)VR, (int)ldvr, info));
}
