// cuBLAS level 3: products of matrices, triangular systems, one or many at a time.
#include "tests/cuda_on_cpu/libraries/cublas.hpp"

using namespace ccpu_cublas;

namespace {

/// Sizes common to all forms of gemm; extents in elements.
struct GemmShape {
  cublasOperation_t ta, tb;
  int m, n, k, lda, ldb, ldc;
  size_t a() const { return ta == CUBLAS_OP_N ? extent(m, k, lda) : extent(k, m, lda); }
  size_t b() const { return tb == CUBLAS_OP_N ? extent(k, n, ldb) : extent(n, k, ldb); }
  size_t c() const { return extent(m, n, ldc); }
};
Status check(const char* call, const GemmShape& s) {
  auto [transa, transb, m, n, k, lda, ldb, ldc] = s;
  CHECK(is_op(transa) && is_op(transb));
  CHECK(m >= 0 && n >= 0 && k >= 0);
  CHECK(lda >= std::max(1, transa == CUBLAS_OP_N ? m : k));
  CHECK(ldb >= std::max(1, transb == CUBLAS_OP_N ? k : n));
  CHECK(ldc >= std::max(1, m));
  return OK;
}
template <class T>
void gemm1(const GemmShape& s, T al, const T* A, const T* B, T be, T* C) {
  if (s.m && s.n) gemm(tr(s.ta), tr(s.tb), s.m, s.n, s.k, al, A, s.lda, B, s.ldb, be, C, s.ldc);
}
template <class T>
Status gemm_strided(Handle h, const char* call, GemmShape s, const T* alpha_, const T* A, long long sa, const T* B,
                    long long sb, const T* beta_, T* C, long long sc, int batch) {
  if (Status e = check(call, s)) return e;
  CHECK(batch >= 0 && sa >= 0 && sb >= 0);
  // Outputs must not overlap: they lie behind each other, or side by side between the columns of the first.
  CHECK(batch <= 1 || !s.c() || sc >= (long long)s.c() || (sc >= s.m && (batch - 1) * sc + s.m <= s.ldc));
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!batch || !s.m || !s.n) return OK;
  A = device(call, "A", A, s.a() ? s.a() + (size_t)(batch - 1) * (size_t)sa : 0);
  B = device(call, "B", B, s.b() ? s.b() + (size_t)(batch - 1) * (size_t)sb : 0);
  C = device(call, "C", C, s.c() + (size_t)(batch - 1) * (size_t)sc);
  return run(h, [=] {
    for (int i = 0; i < batch; i++) gemm1(s, alpha(), A + i * sa, B + i * sb, beta(), C + i * sc);
  });
}
template <class T>
Status gemm_batched(Handle h, const char* call, GemmShape s, const T* alpha_, const T* const* A, const T* const* B,
                    const T* beta_, T* const* C, int batch) {
  if (Status e = check(call, s)) return e;
  CHECK(batch >= 0);
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!batch || !s.m || !s.n) return OK;
  A = device(call, "Aarray", A, (size_t)batch);
  B = device(call, "Barray", B, (size_t)batch);
  C = device(call, "Carray", C, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      gemm1(s, alpha(), entry(call, "Aarray[i]", A, i, s.a()), entry(call, "Barray[i]", B, i, s.b()), beta(),
            entry(call, "Carray[i]", C, i, s.c()));
  });
}

template <class T>
Status syrk_(Handle h, const char* call, cublasFillMode_t uplo, cublasOperation_t trans, int n, int k, const T* alpha_,
             const T* A, int lda, const T* B, int ldb, const T* beta_, T* C, int ldc,
             int kind) {  // kind: 0 syrk, 1 syr2k, 2 syrkx
  CHECK(is_fill(uplo) && is_op(trans));
  CHECK(n >= 0 && k >= 0);
  CHECK(lda >= std::max(1, trans == CUBLAS_OP_N ? n : k));
  CHECK(kind == 0 || ldb >= std::max(1, trans == CUBLAS_OP_N ? n : k));
  CHECK(ldc >= std::max(1, n));
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!n) return OK;
  bool nt = trans == CUBLAS_OP_N;
  A = device(call, "A", A, nt ? extent(n, k, lda) : extent(k, n, lda));
  if (kind) B = device(call, "B", B, nt ? extent(n, k, ldb) : extent(k, n, ldb));
  C = device(call, "C", C, extent(n, n, ldc));
  return run(h, [=] {
    if (kind == 0) return syrk(up(uplo), tr(trans), n, k, alpha(), A, lda, beta(), C, ldc);
    if (kind == 1) return syr2k(up(uplo), tr(trans), n, k, alpha(), A, lda, B, ldb, beta(), C, ldc);
    std::vector<T> full((size_t)n * n);
    gemm(tr(trans), nt ? CblasTrans : CblasNoTrans, n, n, k, alpha(), A, lda, B, ldb, T(0), full.data(), n);
    for (int j = 0; j < n; j++)
      for (int i = 0; i < n; i++)
        if (uplo == CUBLAS_FILL_MODE_LOWER ? i >= j : i <= j) {
          T& c = C[i + (size_t)j * ldc];
          c = full[i + (size_t)j * n] + (beta() == 0 ? T(0) : beta() * c);
        }
  });
}
template <class T>
Status symm_(Handle h, const char* call, cublasSideMode_t side, cublasFillMode_t uplo, int m, int n, const T* alpha_,
             const T* A, int lda, const T* B, int ldb, const T* beta_, T* C, int ldc) {
  int ka = side == CUBLAS_SIDE_LEFT ? m : n;
  CHECK(is_fill(uplo) && m >= 0 && n >= 0);
  CHECK(lda >= std::max(1, ka) && ldb >= std::max(1, m) && ldc >= std::max(1, m));
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!m || !n) return OK;
  A = device(call, "A", A, extent(ka, ka, lda));
  B = device(call, "B", B, extent(m, n, ldb));
  C = device(call, "C", C, extent(m, n, ldc));
  return run(h, [=] { symm(sd(side), up(uplo), m, n, alpha(), A, lda, B, ldb, beta(), C, ldc); });
}
struct Triangle {
  cublasSideMode_t side;
  cublasFillMode_t uplo;
  cublasOperation_t trans;
  cublasDiagType_t diag;
  int m, n, lda, ldb;
  int ka() const { return side == CUBLAS_SIDE_LEFT ? m : n; }
};
Status check(const char* call, const Triangle& t) {
  auto [side, uplo, trans, diag, m, n, lda, ldb] = t;
  CHECK(side == CUBLAS_SIDE_LEFT || side == CUBLAS_SIDE_RIGHT);
  CHECK(is_fill(uplo) && is_op(trans));
  CHECK(diag == CUBLAS_DIAG_UNIT || diag == CUBLAS_DIAG_NON_UNIT);
  CHECK(m >= 0 && n >= 0);
  CHECK(lda >= std::max(1, side == CUBLAS_SIDE_LEFT ? m : n));
  CHECK(ldb >= std::max(1, m));
  return OK;
}
template <class T>
Status trsm_(Handle h, const char* call, Triangle t, const T* alpha_, const T* A, T* B) {
  if (Status e = check(call, t)) return e;
  SCALAR(T, alpha);
  if (!t.m || !t.n) return OK;
  A = device(call, "A", A, extent(t.ka(), t.ka(), t.lda));
  B = device(call, "B", B, extent(t.m, t.n, t.ldb));
  return run(h, [=] { trsm(sd(t.side), up(t.uplo), tr(t.trans), dg(t.diag), t.m, t.n, alpha(), A, t.lda, B, t.ldb); });
}
template <class T>
Status trsm_batched(Handle h, const char* call, Triangle t, const T* alpha_, const T* const* A, T* const* B,
                    int batch) {
  if (Status e = check(call, t)) return e;
  CHECK(batch >= 0);
  SCALAR(T, alpha);
  if (!t.m || !t.n || !batch) return OK;
  A = device(call, "A", A, (size_t)batch);
  B = device(call, "B", B, (size_t)batch);
  return run(h, [=] {
    for (int i = 0; i < batch; i++)
      trsm(sd(t.side), up(t.uplo), tr(t.trans), dg(t.diag), t.m, t.n, alpha(),
           entry(call, "A[i]", A, i, extent(t.ka(), t.ka(), t.lda)), t.lda,
           entry(call, "B[i]", B, i, extent(t.m, t.n, t.ldb)), t.ldb);
  });
}
template <class T>
Status trmm_(Handle h, const char* call, Triangle t, const T* alpha_, const T* A, const T* B, T* C, int ldc) {
  if (Status e = check(call, t)) return e;
  CHECK(ldc >= std::max(1, t.m));
  SCALAR(T, alpha);
  if (!t.m || !t.n) return OK;
  A = device(call, "A", A, extent(t.ka(), t.ka(), t.lda));
  B = device(call, "B", B, extent(t.m, t.n, t.ldb));
  C = device(call, "C", C, extent(t.m, t.n, ldc));
  return run(h, [=] {
    std::vector<T> x((size_t)t.m * t.n);
    for (int j = 0; j < t.n; j++) std::copy_n(B + (size_t)j * t.ldb, t.m, &x[(size_t)j * t.m]);
    trmm(sd(t.side), up(t.uplo), tr(t.trans), dg(t.diag), t.m, t.n, alpha(), A, t.lda, x.data(), t.m);
    for (int j = 0; j < t.n; j++) std::copy_n(&x[(size_t)j * t.m], t.m, C + (size_t)j * ldc);
  });
}
template <class T>
Status geam_(Handle h, const char* call, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
             const T* alpha_, const T* A, int lda, const T* beta_, const T* B, int ldb, T* C, int ldc) {
  CHECK(is_op(transa) && is_op(transb) && m >= 0 && n >= 0);
  CHECK(lda >= std::max(1, transa == CUBLAS_OP_N ? m : n));
  CHECK(ldb >= std::max(1, transb == CUBLAS_OP_N ? m : n));
  CHECK(ldc >= std::max(1, m));
  CHECK(C != A || (lda == ldc && transa == CUBLAS_OP_N));  // in place only without transposition
  CHECK(C != B || (ldb == ldc && transb == CUBLAS_OP_N));
  SCALAR(T, alpha);
  SCALAR(T, beta);
  if (!m || !n) return OK;
  bool ua = alpha.device_pointer || alpha.value != 0, ub = beta.device_pointer || beta.value != 0;
  auto ext = [&](cublasOperation_t t, int ld) { return t == CUBLAS_OP_N ? extent(m, n, ld) : extent(n, m, ld); };
  if (ua) A = device(call, "A", A, ext(transa, lda));
  if (ub) B = device(call, "B", B, ext(transb, ldb));
  C = device(call, "C", C, extent(m, n, ldc));
  return run(h, [=] {
    auto at = [](const T* X, cublasOperation_t t, int ld, int i, int j) {
      return t == CUBLAS_OP_N ? X[i + (size_t)j * ld] : X[j + (size_t)i * ld];
    };
    T al = alpha(), be = beta();
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++)
        C[i + (size_t)j * ldc] =
            (al == 0 ? T(0) : al * at(A, transa, lda, i, j)) + (be == 0 ? T(0) : be * at(B, transb, ldb, i, j));
  });
}
template <class T>
Status dgmm_(Handle h, const char* call, cublasSideMode_t mode, int m, int n, const T* A, int lda, const T* x, int incx,
             T* C, int ldc) {
  CHECK(m >= 0 && n >= 0 && lda >= std::max(1, m) && ldc >= std::max(1, m));
  if (!m || !n) return OK;
  int k = mode == CUBLAS_SIDE_LEFT ? m : n;
  A = device(call, "A", A, extent(m, n, lda));
  x = device(call, "x", x, vector_extent(k, incx));
  C = device(call, "C", C, extent(m, n, ldc));
  return run(h, [=] {
    const T* x0 = incx < 0 ? x + (size_t)(k - 1) * (size_t)-incx : x;
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++)
        C[i + (size_t)j * ldc] = A[i + (size_t)j * lda] * x0[(long)(mode == CUBLAS_SIDE_LEFT ? i : j) * incx];
  });
}

}  // namespace

// The functions for S (float) and D (double).
#define TYPED(S, T)                                                                                                   \
  API Status cublas##S##gemm_v2(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,            \
                                const T* al, const T* A, int lda, const T* B, int ldb, const T* be, T* C, int ldc) {  \
    HANDLE(h);                                                                                                        \
    return gemm_strided<T>(h, "cublas" #S "gemm", {ta, tb, m, n, k, lda, ldb, ldc}, al, A, 0, B, 0, be, C, 0, 1);     \
  }                                                                                                                   \
  API Status cublas##S##gemmStridedBatched(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k, \
                                           const T* al, const T* A, int lda, long long sa, const T* B, int ldb,       \
                                           long long sb, const T* be, T* C, int ldc, long long sc, int nb) {          \
    HANDLE(h);                                                                                                        \
    return gemm_strided<T>(h, "cublas" #S "gemmStridedBatched", {ta, tb, m, n, k, lda, ldb, ldc}, al, A, sa, B, sb,   \
                           be, C, sc, nb);                                                                            \
  }                                                                                                                   \
  API Status cublas##S##gemmBatched(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,        \
                                    const T* al, const T* const A[], int lda, const T* const B[], int ldb,            \
                                    const T* be, T* const C[], int ldc, int nb) {                                     \
    HANDLE(h);                                                                                                        \
    return gemm_batched<T>(h, "cublas" #S "gemmBatched", {ta, tb, m, n, k, lda, ldb, ldc}, al, A, B, be, C, nb);      \
  }                                                                                                                   \
  API Status cublas##S##syrk_v2(Handle h, cublasFillMode_t u, cublasOperation_t t, int n, int k, const T* al,         \
                                const T* A, int lda, const T* be, T* C, int ldc) {                                    \
    HANDLE(h);                                                                                                        \
    return syrk_<T>(h, "cublas" #S "syrk", u, t, n, k, al, A, lda, nullptr, 0, be, C, ldc, 0);                        \
  }                                                                                                                   \
  API Status cublas##S##syr2k_v2(Handle h, cublasFillMode_t u, cublasOperation_t t, int n, int k, const T* al,        \
                                 const T* A, int lda, const T* B, int ldb, const T* be, T* C, int ldc) {              \
    HANDLE(h);                                                                                                        \
    return syrk_<T>(h, "cublas" #S "syr2k", u, t, n, k, al, A, lda, B, ldb, be, C, ldc, 1);                           \
  }                                                                                                                   \
  API Status cublas##S##syrkx(Handle h, cublasFillMode_t u, cublasOperation_t t, int n, int k, const T* al,           \
                              const T* A, int lda, const T* B, int ldb, const T* be, T* C, int ldc) {                 \
    HANDLE(h);                                                                                                        \
    return syrk_<T>(h, "cublas" #S "syrkx", u, t, n, k, al, A, lda, B, ldb, be, C, ldc, 2);                           \
  }                                                                                                                   \
  API Status cublas##S##symm_v2(Handle h, cublasSideMode_t s, cublasFillMode_t u, int m, int n, const T* al,          \
                                const T* A, int lda, const T* B, int ldb, const T* be, T* C, int ldc) {               \
    HANDLE(h);                                                                                                        \
    return symm_<T>(h, "cublas" #S "symm", s, u, m, n, al, A, lda, B, ldb, be, C, ldc);                               \
  }                                                                                                                   \
  API Status cublas##S##trsm_v2(Handle h, cublasSideMode_t s, cublasFillMode_t u, cublasOperation_t t,                \
                                cublasDiagType_t d, int m, int n, const T* al, const T* A, int lda, T* B, int ldb) {  \
    HANDLE(h);                                                                                                        \
    return trsm_<T>(h, "cublas" #S "trsm", {s, u, t, d, m, n, lda, ldb}, al, A, B);                                   \
  }                                                                                                                   \
  API Status cublas##S##trsmBatched(Handle h, cublasSideMode_t s, cublasFillMode_t u, cublasOperation_t t,            \
                                    cublasDiagType_t d, int m, int n, const T* al, const T* const A[], int lda,       \
                                    T* const B[], int ldb, int nb) {                                                  \
    HANDLE(h);                                                                                                        \
    return trsm_batched<T>(h, "cublas" #S "trsmBatched", {s, u, t, d, m, n, lda, ldb}, al, A, B, nb);                 \
  }                                                                                                                   \
  API Status cublas##S##trmm_v2(Handle h, cublasSideMode_t s, cublasFillMode_t u, cublasOperation_t t,                \
                                cublasDiagType_t d, int m, int n, const T* al, const T* A, int lda, const T* B,       \
                                int ldb, T* C, int ldc) {                                                             \
    HANDLE(h);                                                                                                        \
    return trmm_<T>(h, "cublas" #S "trmm", {s, u, t, d, m, n, lda, ldb}, al, A, B, C, ldc);                           \
  }                                                                                                                   \
  API Status cublas##S##geam(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, const T* al,         \
                             const T* A, int lda, const T* be, const T* B, int ldb, T* C, int ldc) {                  \
    HANDLE(h);                                                                                                        \
    return geam_<T>(h, "cublas" #S "geam", ta, tb, m, n, al, A, lda, be, B, ldb, C, ldc);                             \
  }                                                                                                                   \
  API Status cublas##S##dgmm(Handle h, cublasSideMode_t mode, int m, int n, const T* A, int lda, const T* x, int ix,  \
                             T* C, int ldc) {                                                                         \
    HANDLE(h);                                                                                                        \
    return dgmm_<T>(h, "cublas" #S "dgmm", mode, m, n, A, lda, x, ix, C, ldc);                                        \
  }

TYPED(S, float)
TYPED(D, double)

// ---- gemm with types as arguments: float and double; TF32 computes in float ----
static int gemm_type(cudaDataType a, cudaDataType b, cudaDataType c, cublasComputeType_t compute) {
  if (a != b || b != c) return 0;
  if (a == CUDA_R_64F && (compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC)) return 2;
  bool f = compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_PEDANTIC ||
           compute == CUBLAS_COMPUTE_32F_FAST_TF32 || compute == CUBLAS_COMPUTE_32F_FAST_16F ||
           compute == CUBLAS_COMPUTE_32F_FAST_16BF;
  return a == CUDA_R_32F && f ? 1 : 0;
}
static Status unsupported_types(const char* call) {
  say("cuBLAS", call, "CUBLAS_STATUS_NOT_SUPPORTED: only float and double are supported");
  return CUBLAS_STATUS_NOT_SUPPORTED;
}
API Status cublasGemmStridedBatchedEx(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
                                      const void* al, const void* A, cudaDataType at, int lda, long long sa,
                                      const void* B, cudaDataType bt, int ldb, long long sb, const void* be, void* C,
                                      cudaDataType ct, int ldc, long long sc, int nb, cublasComputeType_t compute,
                                      cublasGemmAlgo_t) {
  HANDLE(h);
  const char* call = "cublasGemmStridedBatchedEx";
  GemmShape s{ta, tb, m, n, k, lda, ldb, ldc};
  int type = gemm_type(at, bt, ct, compute);
  if (type == 1)
    return gemm_strided<float>(h, call, s, (const float*)al, (const float*)A, sa, (const float*)B, sb, (const float*)be,
                               (float*)C, sc, nb);
  if (type == 2)
    return gemm_strided<double>(h, call, s, (const double*)al, (const double*)A, sa, (const double*)B, sb,
                                (const double*)be, (double*)C, sc, nb);
  return unsupported_types(call);
}
API Status cublasGemmEx(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k, const void* al,
                        const void* A, cudaDataType at, int lda, const void* B, cudaDataType bt, int ldb,
                        const void* be, void* C, cudaDataType ct, int ldc, cublasComputeType_t compute,
                        cublasGemmAlgo_t algo) {
  return cublasGemmStridedBatchedEx(h, ta, tb, m, n, k, al, A, at, lda, 0, B, bt, ldb, 0, be, C, ct, ldc, 0, 1, compute,
                                    algo);
}
API Status cublasGemmBatchedEx(Handle h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
                               const void* al, const void* const A[], cudaDataType at, int lda, const void* const B[],
                               cudaDataType bt, int ldb, const void* be, void* const C[], cudaDataType ct, int ldc,
                               int nb, cublasComputeType_t compute, cublasGemmAlgo_t) {
  HANDLE(h);
  const char* call = "cublasGemmBatchedEx";
  GemmShape s{ta, tb, m, n, k, lda, ldb, ldc};
  int type = gemm_type(at, bt, ct, compute);
  if (type == 1)
    return gemm_batched<float>(h, call, s, (const float*)al, (const float* const*)A, (const float* const*)B,
                               (const float*)be, (float* const*)C, nb);
  if (type == 2)
    return gemm_batched<double>(h, call, s, (const double*)al, (const double* const*)A, (const double* const*)B,
                                (const double*)be, (double* const*)C, nb);
  return unsupported_types(call);
}
