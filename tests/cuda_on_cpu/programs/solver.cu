// The cuSOLVER stand-in: residuals of every factorisation, limits and argument checks.
#include <cusolverDn.h>
#include <algorithm>
#include <complex>
#include "check.hpp"

static cusolverDnHandle_t h;
static cusolverDnParams_t params;
#define SOLVER(call) EXPECT((call) == CUSOLVER_STATUS_SUCCESS)
#define PICK(name) PICK_OF(cusolverStatus_t, cusolverDn, name)
PICK(potrf)
PICK(potrf_bufferSize)
PICK(potrs)
PICK(potrfBatched)
PICK(potrsBatched) PICK(getrf) PICK(getrf_bufferSize) PICK(getrs) PICK(geqrf) PICK(geqrf_bufferSize) PICK(ormqr)
    PICK(ormqr_bufferSize) PICK(orgqr) PICK(orgqr_bufferSize) PICK(syevd) PICK(syevd_bufferSize) PICK(syevdx)
        PICK(syevdx_bufferSize) PICK(syevj) PICK(syevj_bufferSize) PICK(syevjBatched) PICK(syevjBatched_bufferSize)
            PICK(sygvd) PICK(sygvd_bufferSize) PICK(gesvd) PICK(gesvd_bufferSize) PICK(gesvdj) PICK(gesvdj_bufferSize)
                PICK(gesvdjBatched) PICK(gesvdjBatched_bufferSize) PICK(gesvdaStridedBatched)
                    PICK(gesvdaStridedBatched_bufferSize)

                        template <class T>
                        std::vector<T> symmetric(int n, double shift = 0) {
  std::vector<T> a((size_t)n * n);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) a[i + j * n] = (T)(number(i * j + i + j) + (i == j ? shift : 0));
  return a;
}
/// max |A X - X diag(w)| for the first k columns.
template <class T>
double eigen_residual(const T* A, const T* X, const T* w, int n, int k) {
  double e = 0;
  for (int c = 0; c < k; c++)
    for (int i = 0; i < n; i++) {
      double s = -(double)w[c] * X[i + c * n];
      for (int j = 0; j < n; j++) s += (double)A[i + j * n] * X[j + c * n];
      e = std::max(e, std::fabs(s));
    }
  return e;
}
/// max |A - U diag(s) V'|; V is n x k, or k x n if transposed.
template <class T>
double svd_residual(const T* A, const T* U, const T* s, const T* V, int m, int n, int k, int ldu, int ldv, bool vt) {
  double e = 0;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      double x = A[i + j * m];
      for (int c = 0; c < k; c++) x -= (double)U[i + c * ldu] * s[c] * (vt ? V[c + j * ldv] : V[j + c * ldv]);
      e = std::max(e, std::fabs(x));
    }
  return e;
}

template <class T>
void test() {
  const double eps = sizeof(T) == 4 ? 2e-4 : 1e-12;
  const auto L = CUBLAS_FILL_MODE_LOWER;
  const auto V = CUSOLVER_EIG_MODE_VECTOR, NV = CUSOLVER_EIG_MODE_NOVECTOR;
  const auto type = sizeof(T) == 4 ? CUDA_R_32F : CUDA_R_64F;
  const int n = 9, nb = 4;
  int lw = 0;
  Array<int> info(64, 77), piv(n);
  auto spd = symmetric<T>(n, 12);
  auto solved = [&](const std::vector<T>& a, const std::vector<T>& x, const std::vector<T>& b) {
    double e = 0;
    for (int i = 0; i < n; i++) {
      double s = -b[i];
      for (int j = 0; j < n; j++) s += (double)a[i + j * n] * x[j];
      e = std::max(e, std::fabs(s));
    }
    return e;
  };
  auto rhs = numbers<T>(n, 4);
  {  // Cholesky
    Array<T> A(spd), B(rhs);
    SOLVER((potrf_bufferSize<T>(L, n, A.d, n, &lw)));
    EXPECT(lw > 0);
    Array<T> w(lw);
    EXPECT((potrf<T>(L, n, A.d, n, w.d, lw - 1, info.d)) == CUSOLVER_STATUS_INVALID_VALUE);
    EXPECT((potrf<T>(L, n, A.d, n - 1, w.d, lw, info.d)) == CUSOLVER_STATUS_INVALID_VALUE);
    SOLVER((potrf<T>(L, n, A.d, n, w.d, lw, info.d)));
    EXPECT(info.down()[0] == 0);
    SOLVER((potrs<T>(L, n, 1, (const T*)A.d, n, B.d, n, info.d)));
    NEAR(solved(spd, B.down(), rhs), 0, eps);
    auto bad = spd;
    bad[4 * n + 4] = -1;
    Array<T> C(bad), D(spd), E(rhs);
    Array<T*> p(std::vector<T*>{D.d, C.d}), q(std::vector<T*>{E.d});
    SOLVER((potrfBatched<T>(L, n, p.d, n, info.d, 2)));
    EXPECT(info.down()[0] == 0 && info.h[1] == 5);  // the fifth leading minor is not positive
    SOLVER((potrsBatched<T>(L, n, 1, p.d, n, q.d, n, info.d, 1)));
    NEAR(solved(spd, E.down(), rhs), 0, eps);
    EXPECT((potrsBatched<T>(L, n, 2, p.d, n, q.d, n, info.d, 1)) == CUSOLVER_STATUS_INVALID_VALUE);
  }
  {  // LU, typed and 64-bit
    Array<T> A(symmetric<T>(n, 1)), B(rhs);
    auto a = A.h;
    SOLVER((getrf_bufferSize<T>(n, n, A.d, n, &lw)));
    Array<T> w(lw);
    SOLVER((getrf<T>(n, n, A.d, n, w.d, piv.d, info.d)));
    SOLVER((getrs<T>(CUBLAS_OP_N, n, 1, (const T*)A.d, n, (const int*)piv.d, B.d, n, info.d)));
    NEAR(solved(a, B.down(), rhs), 0, eps);
    Array<T> C(a), D(rhs);
    Array<int64_t> p64(n);
    size_t dw, hw;
    SOLVER(cusolverDnXgetrf_bufferSize(h, params, n, n, type, C.d, n, type, &dw, &hw));
    EXPECT(dw > 0 && hw > 0);
    Array<char> db(dw);
    std::vector<char> hb(hw);
    SOLVER(cusolverDnXgetrf(h, params, n, n, type, C.d, n, p64.d, type, db.d, dw, hb.data(), hw, info.d));
    SOLVER(cusolverDnXgetrs(h, params, CUBLAS_OP_N, n, 1, type, C.d, n, p64.d, type, D.d, n, info.d));
    NEAR(solved(a, D.down(), rhs), 0, eps);
    EXPECT(cusolverDnXgetrf(h, params, n, n, type, C.d, n, p64.d, type, db.d, dw - 1, hb.data(), hw, info.d) ==
           CUSOLVER_STATUS_INVALID_VALUE);
    Array<T> E(spd), F(rhs);
    SOLVER(cusolverDnXpotrf_bufferSize(h, params, L, n, type, E.d, n, type, &dw, &hw));
    Array<char> d2(dw);
    SOLVER(cusolverDnXpotrf(h, params, L, n, type, E.d, n, type, d2.d, dw, hb.data(), hw, info.d));
    SOLVER(cusolverDnXpotrs(h, params, L, n, 1, type, E.d, n, type, F.d, n, info.d));
    NEAR(solved(spd, F.down(), rhs), 0, eps);
  }
  {  // QR: solve by Q' b and back substitution; Q by orgqr; 64-bit gives the same factor
    const int m = 11, k = 6;
    Array<T> A(numbers<T>(m * k, 5)), tau(k), X(A.h), tx(k);
    auto a = A.h;
    SOLVER((geqrf_bufferSize<T>(m, k, A.d, m, &lw)));
    Array<T> w(lw + 200);
    SOLVER((geqrf<T>(m, k, A.d, m, tau.d, w.d, lw, info.d)));
    auto R = A.down();
    size_t dw, hw;
    SOLVER(cusolverDnXgeqrf_bufferSize(h, params, m, k, type, X.d, m, type, tx.d, type, &dw, &hw));
    Array<char> db(dw);
    std::vector<char> hb(hw);
    SOLVER(cusolverDnXgeqrf(h, params, m, k, type, X.d, m, type, tx.d, type, db.d, dw, hb.data(), hw, info.d));
    EXPECT(X.down() == R);
    Array<T> C(a);
    SOLVER((ormqr_bufferSize<T>(CUBLAS_SIDE_LEFT, CUBLAS_OP_T, m, k, k, (const T*)A.d, m, (const T*)tau.d,
                                (const T*)C.d, m, &lw)));
    SOLVER(
        (ormqr<T>(CUBLAS_SIDE_LEFT, CUBLAS_OP_T, m, k, k, (const T*)A.d, m, (const T*)tau.d, C.d, m, w.d, lw, info.d)));
    C.down();
    double e = 0;  // Q' A = R
    for (int j = 0; j < k; j++)
      for (int i = 0; i < m; i++) e = std::max(e, std::fabs((double)C.h[i + j * m] - (i <= j ? R[i + j * m] : T(0))));
    NEAR(e, 0, eps);
    SOLVER((orgqr_bufferSize<T>(m, k, k, (const T*)A.d, m, (const T*)tau.d, &lw)));
    SOLVER((orgqr<T>(m, k, k, A.d, m, (const T*)tau.d, w.d, lw, info.d)));
    auto Q = A.down();
    e = 0;
    for (int i = 0; i < m; i++)
      for (int j = 0; j < k; j++) {
        double s = a[i + j * m];
        for (int c = 0; c <= j; c++) s -= (double)Q[i + c * m] * R[c + j * m];
        e = std::max(e, std::fabs(s));
      }
    NEAR(e, 0, eps);
  }
  {  // symmetric eigenproblems
    auto s = symmetric<T>(n);
    Array<T> A(s), W(n);
    SOLVER((syevd_bufferSize<T>(V, L, n, (const T*)A.d, n, (const T*)W.d, &lw)));
    Array<T> w(lw * 4);
    SOLVER((syevd<T>(V, L, n, A.d, n, W.d, w.d, lw, info.d)));
    auto ev = W.down();
    NEAR(eigen_residual(s.data(), A.down().data(), ev.data(), n, n), 0, eps);
    EXPECT(std::is_sorted(ev.begin(), ev.end()));
    syevjInfo_t ji;
    SOLVER(cusolverDnCreateSyevjInfo(&ji));
    SOLVER(cusolverDnXsyevjSetTolerance(ji, 1e-9));
    SOLVER(cusolverDnXsyevjSetMaxSweeps(ji, 30));
    A.h = s, A.up();
    SOLVER((syevj_bufferSize<T>(V, L, n, (const T*)A.d, n, (const T*)W.d, &lw, ji)));
    SOLVER((syevj<T>(V, L, n, A.d, n, W.d, w.d, lw, info.d, ji)));
    NEAR(eigen_residual(s.data(), A.down().data(), W.down().data(), n, n), 0, eps);
    std::vector<T> batch;
    for (int b = 0; b < nb; b++) {
      auto x = symmetric<T>(n, b);
      batch.insert(batch.end(), x.begin(), x.end());
    }
    Array<T> B(batch), WB(n * nb);
    SOLVER((syevjBatched_bufferSize<T>(V, L, n, (const T*)B.d, n, (const T*)WB.d, &lw, ji, nb)));
    Array<T> wb(lw);
    SOLVER((syevjBatched<T>(V, L, n, B.d, n, WB.d, wb.d, lw, info.d, ji, nb)));
    B.down(), WB.down();
    double e = 0;
    for (int b = 0; b < nb; b++)
      e = std::max(e, eigen_residual(&batch[b * n * n], &B.h[b * n * n], &WB.h[b * n], n, n));
    NEAR(e, 0, eps);
    auto jac = WB.h;
    B.h = batch, B.up();
    size_t dw, hw;
    SOLVER(cusolverDnXsyevBatched_bufferSize(h, params, V, L, n, type, B.d, n, type, WB.d, type, &dw, &hw, nb));
    Array<char> db(dw);
    std::vector<char> hb(hw);
    SOLVER(cusolverDnXsyevBatched(h, params, V, L, n, type, B.d, n, type, WB.d, type, db.d, dw, hb.data(), hw, info.d,
                                  nb));
    EXPECT(WB.down() == jac && info.down()[nb - 1] == 0);
    SOLVER(cusolverDnXsyevd_bufferSize(h, params, NV, L, n, type, A.d, n, type, W.d, type, &dw, &hw));
    A.h = s, A.up();
    SOLVER(cusolverDnXsyevd(h, params, NV, L, n, type, A.d, n, type, W.d, type, db.d, dw, hb.data(), hw, info.d));
    W.down();
    for (int i = 0; i < n; i++) e = std::max(e, (double)std::fabs(W.h[i] - ev[i]));
    NEAR(e, 0, eps);
    int count = 0;
    A.h = s, A.up();
    SOLVER((syevdx_bufferSize<T>(V, CUSOLVER_EIG_RANGE_I, L, n, (const T*)A.d, n, T(0), T(0), 7, 9, &count,
                                 (const T*)W.d, &lw)));
    SOLVER((syevdx<T>(V, CUSOLVER_EIG_RANGE_I, L, n, A.d, n, T(0), T(0), 7, 9, &count, W.d, w.d, lw, info.d)));
    EXPECT(count == 3);
    NEAR(eigen_residual(s.data(), A.down().data(), W.down().data(), n, 3), 0, eps);
    NEAR(W.h[2], ev[8], eps);
    int64_t c64 = 0;
    A.h = s, A.up();
    SOLVER(cusolverDnXsyevdx_bufferSize(h, params, V, CUSOLVER_EIG_RANGE_ALL, L, n, type, A.d, n, nullptr, nullptr, 1,
                                        n, &c64, type, W.d, type, &dw, &hw));
    SOLVER(cusolverDnXsyevdx(h, params, V, CUSOLVER_EIG_RANGE_ALL, L, n, type, A.d, n, nullptr, nullptr, 1, n, &c64,
                             type, W.d, type, db.d, dw, hb.data(), hw, info.d));
    EXPECT(c64 == n);
    A.h = s, A.up();
    Array<T> M(spd);
    SOLVER((sygvd_bufferSize<T>(CUSOLVER_EIG_TYPE_1, V, L, n, (const T*)A.d, n, (const T*)M.d, n, (const T*)W.d, &lw)));
    Array<T> wg(lw);
    SOLVER((sygvd<T>(CUSOLVER_EIG_TYPE_1, V, L, n, A.d, n, M.d, n, W.d, wg.d, lw, info.d)));
    A.down(), W.down();
    e = 0;  // A x = w M x
    for (int c = 0; c < n; c++)
      for (int i = 0; i < n; i++) {
        double r = 0;
        for (int j = 0; j < n; j++) r += ((double)s[i + j * n] - (double)W.h[c] * spd[i + j * n]) * A.h[j + c * n];
        e = std::max(e, std::fabs(r));
      }
    NEAR(e, 0, eps);
    SOLVER(cusolverDnDestroySyevjInfo(ji));
  }
  {  // singular values
    const int m = 10, k = 6;
    auto a = numbers<T>(m * k, 6);
    Array<T> A(a), S(k), U(m * m), W(k * k);
    SOLVER((gesvd_bufferSize<T>(m, k, &lw)));
    Array<T> w(lw + 500);
    SOLVER((
        gesvd<T>((signed char)'S', (signed char)'S', m, k, A.d, m, S.d, U.d, m, W.d, k, w.d, lw, (T*)nullptr, info.d)));
    auto sv = S.down();
    NEAR(svd_residual(a.data(), U.down().data(), sv.data(), W.down().data(), m, k, k, m, k, true), 0, eps);
    EXPECT((gesvd<T>((signed char)'S', (signed char)'S', k, m, A.d, k, S.d, U.d, k, W.d, m, w.d, lw, (T*)nullptr,
                     info.d)) == CUSOLVER_STATUS_INVALID_VALUE);  // m < n
    gesvdjInfo_t gi;
    SOLVER(cusolverDnCreateGesvdjInfo(&gi));
    for (int econ = 0; econ < 2; econ++) {
      A.h = a, A.up();
      SOLVER((gesvdj_bufferSize<T>(V, econ, m, k, (const T*)A.d, m, (const T*)S.d, (const T*)U.d, m, (const T*)W.d, k,
                                   &lw, gi)));
      SOLVER((gesvdj<T>(V, econ, m, k, A.d, m, S.d, U.d, m, W.d, k, w.d, lw, info.d, gi)));
      NEAR(svd_residual(a.data(), U.down().data(), S.down().data(), W.down().data(), m, k, k, m, k, false), 0, eps);
      double dot = 0;  // full U: its last column is orthogonal to the first
      if (!econ)
        for (int i = 0; i < m; i++) dot += (double)U.h[i] * U.h[i + (m - 1) * m];
      NEAR(dot, 0, eps);
    }
    auto all = numbers<T>(m * k * nb, 8);
    Array<T> B(all), SB(k * nb), UB(m * m * nb), VB(k * k * nb);
    SOLVER((gesvdjBatched_bufferSize<T>(V, m, k, (const T*)B.d, m, (const T*)SB.d, (const T*)UB.d, m, (const T*)VB.d, k,
                                        &lw, gi, nb)));
    Array<T> wb(lw);
    SOLVER((gesvdjBatched<T>(V, m, k, B.d, m, SB.d, UB.d, m, VB.d, k, wb.d, lw, info.d, gi, nb)));
    UB.down(), SB.down(), VB.down();
    double e = 0;
    for (int b = 0; b < nb; b++)
      e = std::max(
          e, svd_residual(&all[b * m * k], &UB.h[b * m * m], &SB.h[b * k], &VB.h[b * k * k], m, k, k, m, k, false));
    NEAR(e, 0, eps);
    EXPECT((gesvdjBatched<T>(V, 33, 2, B.d, 33, SB.d, UB.d, 33, VB.d, 2, wb.d, lw, info.d, gi, 1)) ==
           CUSOLVER_STATUS_INVALID_VALUE);  // limit of 32
    B.h = all, B.up();
    std::vector<double> norms(nb, -1);
    SOLVER((gesvdaStridedBatched_bufferSize<T>(V, 3, m, k, (const T*)B.d, m, (long long)m * k, (const T*)SB.d, 3LL,
                                               (const T*)UB.d, m, 3LL * m, (const T*)VB.d, k, 3LL * k, &lw, nb)));
    SOLVER((gesvdaStridedBatched<T>(V, 3, m, k, (const T*)B.d, m, (long long)m * k, SB.d, 3LL, UB.d, m, 3LL * m, VB.d,
                                    k, 3LL * k, wb.d, lw, info.d, norms.data(), nb)));
    SB.down();
    CUDA(cudaDeviceSynchronize());
    double frob = 0, top = 0;
    for (int i = 0; i < m * k; i++) frob += (double)all[i] * all[i];
    for (int i = 0; i < 3; i++) top += (double)SB.h[i] * SB.h[i];
    NEAR(norms[0] * norms[0], frob - top, eps * 10);
    size_t dw, hw;
    A.h = a, A.up();
    SOLVER(cusolverDnXgesvd_bufferSize(h, params, 'A', 'A', m, k, type, A.d, m, type, S.d, type, U.d, m, type, W.d, k,
                                       type, &dw, &hw));
    Array<char> db(dw);
    std::vector<char> hb(hw);
    SOLVER(cusolverDnXgesvd(h, params, 'A', 'A', m, k, type, A.d, m, type, S.d, type, U.d, m, type, W.d, k, type, db.d,
                            dw, hb.data(), hw, info.d));
    NEAR(svd_residual(a.data(), U.down().data(), S.down().data(), W.down().data(), m, k, k, m, k, true), 0, eps);
    double err = -1;
    A.h = a, A.up();
    SOLVER(cusolverDnXgesvdp_bufferSize(h, params, V, 1, m, k, type, A.d, m, type, S.d, type, U.d, m, type, W.d, k,
                                        type, &dw, &hw));
    SOLVER(cusolverDnXgesvdp(h, params, V, 1, m, k, type, A.d, m, type, S.d, type, U.d, m, type, W.d, k, type, db.d, dw,
                             hb.data(), hw, info.d, &err));
    EXPECT(err >= 0);
    NEAR(svd_residual(a.data(), U.down().data(), S.down().data(), W.down().data(), m, k, k, m, k, false), 0, eps);
    A.h = a, A.up();
    SOLVER(cusolverDnXgesvdr(h, params, 'S', 'S', m, k, 2, 3, 2, type, A.d, m, type, S.d, type, U.d, m, type, W.d, k,
                             type, db.d, dw, hb.data(), hw, info.d));
    NEAR(S.down()[1], sv[1], eps);
    EXPECT(cusolverDnXgesvdr(h, params, 'S', 'S', m, k, 5, 3, 2, type, A.d, m, type, S.d, type, U.d, m, type, W.d, k,
                             type, db.d, dw, hb.data(), hw, info.d) == CUSOLVER_STATUS_INVALID_VALUE);
    SOLVER(cusolverDnDestroyGesvdjInfo(gi));
  }
  {  // general eigenproblem: A v = lambda v with complex lambda
    auto a = numbers<T>(n * n, 11);
    Array<T> A(a), X(n * n);
    Array<std::complex<T>> W(n);
    auto ctype = sizeof(T) == 4 ? CUDA_C_32F : CUDA_C_64F;
    size_t dw, hw;
    SOLVER(cusolverDnXgeev_bufferSize(h, params, NV, V, n, type, A.d, n, ctype, W.d, type, nullptr, 1, type, X.d, n,
                                      type, &dw, &hw));
    Array<char> db(dw);
    std::vector<char> hb(hw);
    SOLVER(cusolverDnXgeev(h, params, NV, V, n, type, A.d, n, ctype, W.d, type, nullptr, 1, type, X.d, n, type, db.d,
                           dw, hb.data(), hw, info.d));
    W.down(), X.down();
    double e = 0;
    for (int c = 0; c < n; c++) {
      bool pair = W.h[c].imag() > 0, second = W.h[c].imag() < 0;
      for (int i = 0; i < n; i++) {
        auto v = [&](int j) -> std::complex<double> {
          if (pair) return {X.h[j + c * n], X.h[j + (c + 1) * n]};
          if (second) return {X.h[j + (c - 1) * n], -X.h[j + c * n]};
          return X.h[j + c * n];
        };
        std::complex<double> s = -std::complex<double>(W.h[c]) * v(i);
        for (int j = 0; j < n; j++) s += (double)a[i + j * n] * v(j);
        e = std::max(e, std::abs(s));
      }
    }
    NEAR(e, 0, eps);
    EXPECT(cusolverDnXgeev(h, params, V, V, n, type, A.d, n, ctype, W.d, type, X.d, n, type, X.d, n, type, db.d, dw,
                           hb.data(), hw, info.d) == CUSOLVER_STATUS_INVALID_VALUE);
  }
}

int main() {
  SOLVER(cusolverDnCreate(&h));
  SOLVER(cusolverDnCreateParams(&params));
  cudaStream_t s;
  CUDA(cudaStreamCreate(&s));
  SOLVER(cusolverDnSetStream(h, s));
  test<float>();
  test<double>();
  SOLVER(cusolverDnDestroyParams(params));
  SOLVER(cusolverDnDestroy(h));
  EXPECT(cusolverDnSetStream(h, s) == CUSOLVER_STATUS_NOT_INITIALIZED);
  return summary("solver");
}
