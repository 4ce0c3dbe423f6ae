// The cuBLAS stand-in against plain loops, in float and double.
#include <cublas_v2.h>
#include <algorithm>
#include "check.hpp"

static cublasHandle_t h;
#define BLAS(call) EXPECT((call) == CUBLAS_STATUS_SUCCESS)

#define PICK(name) PICK_OF(cublasStatus_t, cublas, name)
PICK(gemm)
PICK(gemmStridedBatched)
PICK(gemmBatched)
PICK(gemv)
PICK(gemvStridedBatched) PICK(ger) PICK(syrk) PICK(syrkx) PICK(syr2k) PICK(symm) PICK(trsm) PICK(trsmBatched) PICK(trmm)
    PICK(geam) PICK(dgmm) PICK(dot) PICK(nrm2) PICK(asum) PICK(scal) PICK(axpy) PICK(copy) PICK(swap) PICK(rot)
        PICK(getrfBatched) PICK(getrsBatched) PICK(getriBatched) PICK(matinvBatched) PICK(geqrfBatched)
            PICK(gelsBatched)

                template <class T>
                double max_difference(const std::vector<T>& a, const std::vector<T>& b) {
  double e = 0;
  for (size_t i = 0; i < a.size(); i++) e = std::max(e, (double)std::fabs(a[i] - b[i]));
  return e;
}
/// C = alpha op(A) op(B) + beta C by the definition.
template <class T>
void gemm_plain(bool ta, bool tb, int m, int n, int k, T al, const T* A, int lda, const T* B, int ldb, T be, T* C,
                int ldc) {
  for (int j = 0; j < n; j++)
    for (int i = 0; i < m; i++) {
      double s = 0;
      for (int l = 0; l < k; l++)
        s += (double)(ta ? A[l + i * lda] : A[i + l * lda]) * (tb ? B[j + l * ldb] : B[l + j * ldb]);
      C[i + j * ldc] = (T)(al * s + be * C[i + j * ldc]);
    }
}
template <class T>
std::vector<T> dominant(int n, int batch) {
  auto a = numbers<T>((size_t)n * n * batch, 7);
  for (int b = 0; b < batch; b++)
    for (int i = 0; i < n; i++) a[(size_t)b * n * n + i * n + i] += n;
  return a;
}

template <class T>
void test() {
  const double eps = sizeof(T) == 4 ? 2e-5 : 1e-13;
  const int m = 7, n = 5, k = 6, nb = 3;
  const auto N = CUBLAS_OP_N, X = CUBLAS_OP_T;
  T al = (T)1.5, be = (T)-.5, one = 1, zero = 0;
  for (int t = 0; t < 4; t++) {  // gemm in all transpositions, strided and by pointers
    bool ta = t & 1, tb = t & 2;
    int lda = (ta ? k : m) + 1, ldb = (tb ? n : k) + 2, ldc = m + 3;
    Array<T> A(numbers<T>(100 * nb, 1)), B(numbers<T>(100 * nb, 2)), C(numbers<T>(100 * nb, 3));
    auto ref = C.h;
    for (int b = 0; b < nb; b++)
      gemm_plain(ta, tb, m, n, k, al, &A.h[b * 100], lda, &B.h[b * 100], ldb, be, &ref[b * 100], ldc);
    BLAS((gemmStridedBatched<T>(ta ? X : N, tb ? X : N, m, n, k, &al, A.d, lda, 100LL, B.d, ldb, 100LL, &be, C.d, ldc,
                                100LL, nb)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    C.h = numbers<T>(100 * nb, 3);
    C.up();
    Array<T*> pa(nb), pb(nb), pc(nb);
    for (int b = 0; b < nb; b++) pa.h[b] = A.d + b * 100, pb.h[b] = B.d + b * 100, pc.h[b] = C.d + b * 100;
    pa.up(), pb.up(), pc.up();
    BLAS((gemmBatched<T>(ta ? X : N, tb ? X : N, m, n, k, &al, (const T* const*)pa.d, lda, (const T* const*)pb.d, ldb,
                         &be, pc.d, ldc, nb)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    C.h = numbers<T>(100 * nb, 3);
    C.up();
    auto type = sizeof(T) == 4 ? CUDA_R_32F : CUDA_R_64F;
    auto compute = sizeof(T) == 4 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_64F;
    BLAS(cublasGemmStridedBatchedEx(h, ta ? X : N, tb ? X : N, m, n, k, &al, A.d, type, lda, 100, B.d, type, ldb, 100,
                                    &be, C.d, type, ldc, 100, nb, compute, CUBLAS_GEMM_DEFAULT));
    NEAR(max_difference(C.down(), ref), 0, eps);
    std::vector<T> ref1(numbers<T>(100, 3));
    gemm_plain(ta, tb, m, n, k, al, A.h.data(), lda, B.h.data(), ldb, be, ref1.data(), ldc);
    Array<T> D(numbers<T>(100, 3)), scalars(std::vector<T>{al, be});
    BLAS(cublasSetPointerMode(h, CUBLAS_POINTER_MODE_DEVICE));  // scalars on the device
    BLAS((gemm<T>(ta ? X : N, tb ? X : N, m, n, k, scalars.d, A.d, lda, B.d, ldb, scalars.d + 1, D.d, ldc)));
    BLAS(cublasSetPointerMode(h, CUBLAS_POINTER_MODE_HOST));
    NEAR(max_difference(D.down(), ref1), 0, eps);
  }
  Array<T> A(numbers<T>(64, 1)), B(numbers<T>(64, 2)), C(numbers<T>(64, 3)), x(numbers<T>(64, 4)), y(numbers<T>(64, 5));
  const int q = 8;
  {  // matrix and vector
    auto ref = y.h;
    for (int i = 0; i < q; i++) {
      double s = 0;
      for (int j = 0; j < q; j++) s += (double)A.h[j + i * q] * x.h[2 * j];
      ref[3 * i] = (T)(al * s + be * y.h[3 * i]);
    }
    BLAS((gemv<T>(X, q, q, &al, A.d, q, x.d, 2, &be, y.d, 3)));
    NEAR(max_difference(y.down(), ref), 0, eps);
    ref = y.h;
    for (int b = 0; b < 2; b++)
      for (int i = 0; i < 4; i++) {
        double s = 0;
        for (int j = 0; j < 4; j++) s += (double)A.h[b * 16 + i + j * 4] * x.h[b * 4 + j];
        ref[b * 4 + i] = (T)(al * s + be * y.h[b * 4 + i]);
      }
    BLAS((gemvStridedBatched<T>(N, 4, 4, &al, A.d, 4, 16LL, x.d, 1, 4LL, &be, y.d, 1, 4LL, 2)));
    NEAR(max_difference(y.down(), ref), 0, eps);
    auto g = C.h;
    for (int j = 0; j < q; j++)
      for (int i = 0; i < q; i++) g[i + j * q] += al * x.h[i] * y.h[j];
    BLAS((ger<T>(q, q, &al, x.d, 1, y.d, 1, C.d, q)));
    NEAR(max_difference(C.down(), g), 0, eps);
  }
  {  // rank-k updates, symmetric and triangular products and solves
    auto full = [&](const std::vector<T>& a, const std::vector<T>& b) {
      std::vector<T> c(64);
      gemm_plain(false, true, q, q, q, T(1), a.data(), q, b.data(), q, T(0), c.data(), q);
      return c;
    };
    auto lower = [&](const std::vector<T>& c, const std::vector<T>& old, double be_) {
      auto r = old;
      for (int j = 0; j < q; j++)
        for (int i = j; i < q; i++) r[i + j * q] = (T)(al * c[i + j * q] + be_ * old[i + j * q]);
      return r;
    };
    auto L = CUBLAS_FILL_MODE_LOWER;
    auto ref = lower(full(A.h, A.h), C.h, be);
    BLAS((syrk<T>(L, N, q, q, &al, A.d, q, &be, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    ref = lower(full(A.h, B.h), C.h, be);
    BLAS((syrkx<T>(L, N, q, q, &al, A.d, q, B.d, q, &be, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    auto ab = full(A.h, B.h), ba = full(B.h, A.h);
    for (int i = 0; i < 64; i++) ab[i] += ba[i];
    ref = lower(ab, C.h, be);
    BLAS((syr2k<T>(L, N, q, q, &al, A.d, q, B.d, q, &be, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    auto S = A.h, Lo = A.h;
    for (int j = 0; j < q; j++)
      for (int i = 0; i < j; i++) S[i + j * q] = S[j + i * q], Lo[i + j * q] = 0;
    for (int i = 0; i < q; i++) A.h[i * 9] += 4, S[i * 9] += 4, Lo[i * 9] += 4;
    A.up();
    ref = C.h;
    gemm_plain(false, false, q, q, q, al, S.data(), q, B.h.data(), q, be, ref.data(), q);
    BLAS((symm<T>(CUBLAS_SIDE_LEFT, L, q, q, &al, A.d, q, B.d, q, &be, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    gemm_plain(false, false, q, q, q, al, Lo.data(), q, B.h.data(), q, T(0), ref.data(), q);
    BLAS((trmm<T>(CUBLAS_SIDE_LEFT, L, N, CUBLAS_DIAG_NON_UNIT, q, q, &al, A.d, q, B.d, q, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    T inv = 1 / al;
    BLAS((trsm<T>(CUBLAS_SIDE_LEFT, L, N, CUBLAS_DIAG_NON_UNIT, q, q, &inv, A.d, q, C.d, q)));
    NEAR(max_difference(C.down(), B.h), 0, eps);
    Array<T*> pa(1), pc(1);
    pa.h[0] = A.d, pc.h[0] = C.d;
    pa.up(), pc.up();
    BLAS((trsmBatched<T>(CUBLAS_SIDE_LEFT, L, N, CUBLAS_DIAG_NON_UNIT, q, q, &one, (const T* const*)pa.d, q, pc.d, q,
                         1)));
    auto back = C.down();
    gemm_plain(false, false, q, q, q, T(1), Lo.data(), q, back.data(), q, T(0), ref.data(), q);
    NEAR(max_difference(ref, B.h), 0, eps);
    for (int j = 0; j < q; j++)
      for (int i = 0; i < q; i++) ref[i + j * q] = al * A.h[j + i * q] + be * B.h[i + j * q];
    BLAS((geam<T>(X, N, q, q, &al, A.d, q, &be, B.d, q, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
    for (int j = 0; j < q; j++)
      for (int i = 0; i < q; i++) ref[i + j * q] = A.h[i + j * q] * x.h[2 * j];
    BLAS((dgmm<T>(CUBLAS_SIDE_RIGHT, q, q, A.d, q, x.d, 2, C.d, q)));
    NEAR(max_difference(C.down(), ref), 0, eps);
  }
  {  // vectors
    T r = 0;
    double s = 0, s2 = 0, sa = 0;
    int imax = 0, best = 0;
    for (int i = 0; i < 20; i++) {
      s += (double)x.h[i] * y.h[i], s2 += (double)x.h[i] * x.h[i], sa += std::fabs(x.h[i]);
      if (std::fabs(x.h[i]) > std::fabs(x.h[best])) best = i;
    }
    BLAS((dot<T>(20, x.d, 1, y.d, 1, &r)));
    NEAR(r, s, eps);
    BLAS((nrm2<T>(20, x.d, 1, &r)));
    NEAR(r, std::sqrt(s2), eps);
    BLAS((asum<T>(20, x.d, 1, &r)));
    NEAR(r, sa, eps);
    if constexpr (sizeof(T) == 4)
      BLAS(cublasIsamax(h, 20, x.d, 1, &imax));
    else
      BLAS(cublasIdamax(h, 20, x.d, 1, &imax));
    EXPECT(imax == best + 1);
    auto xr = x.h, yr = y.h;
    for (int i = 0; i < 20; i++) yr[i] += al * xr[i], xr[i] *= be;
    BLAS((axpy<T>(20, &al, x.d, 1, y.d, 1)));
    BLAS((scal<T>(20, &be, x.d, 1)));
    for (int i = 0; i < 20; i++) {
      T a = xr[i], b = yr[i];
      xr[i] = (T).6 * a + (T).8 * b, yr[i] = (T).6 * b - (T).8 * a;
    }
    T c = (T).6, sn = (T).8;
    BLAS((rot<T>(20, x.d, 1, y.d, 1, &c, &sn)));
    BLAS((swap<T>(64, x.d, 1, y.d, 1)));
    NEAR(max_difference(x.down(), yr) + max_difference(y.down(), xr), 0, eps);
    BLAS((copy<T>(64, x.d, 1, y.d, 1)));
    EXPECT(y.down() == x.down());
  }
  {  // factorisations in batches
    const int p = 6;
    Array<T> F(dominant<T>(p, nb)), I(p * p * nb), R(numbers<T>(p * 2 * nb, 9)), tau(p * nb);
    auto F0 = F.h, R0 = R.h;
    Array<T*> pf(nb), pi(nb), pr(nb), pt(nb);
    for (int b = 0; b < nb; b++)
      pf.h[b] = F.d + b * p * p, pi.h[b] = I.d + b * p * p, pr.h[b] = R.d + b * p * 2, pt.h[b] = tau.d + b * p;
    pf.up(), pi.up(), pr.up(), pt.up();
    Array<int> piv(p * nb), info(nb, 99);
    int host = 5;
    BLAS((matinvBatched<T>(p, (const T* const*)pf.d, p, pi.d, p, info.d, nb)));
    auto inv = I.down();
    BLAS((getrfBatched<T>(p, pf.d, p, piv.d, info.d, nb)));
    EXPECT(info.down() == std::vector<int>(nb, 0));
    BLAS((getrsBatched<T>(N, p, 2, (const T* const*)pf.d, p, (const int*)piv.d, pr.d, p, &host, nb)));
    EXPECT(host == 0);
    BLAS((getriBatched<T>(p, (const T* const*)pf.d, p, (const int*)piv.d, pi.d, p, info.d, nb)));
    NEAR(max_difference(I.down(), inv), 0, eps);
    R.down();
    double e = 0;
    for (int b = 0; b < nb; b++) {
      std::vector<T> z(p * 2), id(p * p);
      gemm_plain(false, false, p, 2, p, T(1), &F0[b * p * p], p, &R.h[b * p * 2], p, T(0), z.data(), p);
      gemm_plain(false, false, p, p, p, T(1), &F0[b * p * p], p, &inv[b * p * p], p, T(0), id.data(), p);
      for (int i = 0; i < 2 * p; i++) e = std::max(e, (double)std::fabs(z[i] - R0[b * p * 2 + i]));
      for (int i = 0; i < p * p; i++) e = std::max(e, std::fabs((double)id[i] - (i % (p + 1) == 0)));
    }
    NEAR(e, 0, eps);
    F.h = F0;
    F.up();
    R.h = R0;
    R.up();
    BLAS((getrfBatched<T>(p, pf.d, p, (int*)nullptr, info.d, nb)));  // without pivoting
    BLAS((getrsBatched<T>(N, p, 2, (const T* const*)pf.d, p, (const int*)nullptr, pr.d, p, &host, nb)));
    auto sol = R.down();
    F.h = F0;
    F.up();
    R.h = R0;
    R.up();
    BLAS((gelsBatched<T>(N, p, p, 2, pf.d, p, pr.d, p, &host, info.d, nb)));  // square: the same solution
    NEAR(max_difference(R.down(), sol), 0, eps * 10);
    F.h = F0;
    F.up();
    BLAS((geqrfBatched<T>(p, p, pf.d, p, pt.d, &host, nb)));
    F.down();
    double g = 0, f = 0;  // |det| and column norms survive: R'R = A'A
    for (int i = 0; i < p; i++) g += (double)F0[i] * F0[i];
    f = (double)F.h[0] * F.h[0];
    NEAR(f, g, eps * 100);
  }
  // arguments
  EXPECT((gemm<T>(N, N, 4, 4, 4, &one, A.d, 3, B.d, 4, &zero, C.d, 4)) == CUBLAS_STATUS_INVALID_VALUE);
  EXPECT((gemm<T>(N, N, -1, 4, 4, &one, A.d, 4, B.d, 4, &zero, C.d, 4)) == CUBLAS_STATUS_INVALID_VALUE);
  EXPECT((gemm<T>(N, N, 4, 4, 4, (const T*)nullptr, A.d, 4, B.d, 4, &zero, C.d, 4)) == CUBLAS_STATUS_INVALID_VALUE);
  EXPECT((gemv<T>(N, 4, 4, &one, A.d, 4, x.d, 0, &zero, y.d, 1)) == CUBLAS_STATUS_INVALID_VALUE);
  EXPECT((gemm<T>(N, N, 0, 4, 4, &one, A.d, 4, B.d, 4, &zero, C.d, 4)) == CUBLAS_STATUS_SUCCESS);
}

int main() {
  EXPECT(cublasDsyrk(nullptr, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, 0, 0, nullptr, nullptr, 0, nullptr, nullptr, 0) ==
         CUBLAS_STATUS_NOT_INITIALIZED);
  BLAS(cublasCreate(&h));
  cudaStream_t s, t;
  CUDA(cudaStreamCreate(&s));
  BLAS(cublasSetStream(h, s));
  BLAS(cublasGetStream(h, &t));
  EXPECT(s == t);
  int v = 0;
  BLAS(cublasGetVersion(h, &v));
  EXPECT(v >= 130000);
  BLAS(cublasSetMathMode(h, CUBLAS_TF32_TENSOR_OP_MATH));
  test<float>();
  test<double>();
  BLAS(cublasDestroy(h));
  EXPECT(cublasSetStream(h, s) == CUBLAS_STATUS_NOT_INITIALIZED);
  return summary("blas");
}
