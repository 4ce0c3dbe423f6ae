// cuSOLVER: singular values.
#include "tests/cuda_on_cpu/libraries/cusolver.hpp"

using namespace ccpu_cusolver;

namespace {

/// A = U S V' of one matrix, into U (m x nu), V (n x nv, not transposed); null pointers: not wanted.
template <class T>
int svd(int m, int n, T* A, int lda, T* S, int ns, T* U, int ldu, int nu, T* V, int ldv, int nv) {
  int p = std::min(m, n);
  std::vector<T> s((size_t)p), u, vt;
  bool all = (U && nu > p) || (V && nv > p);
  int cu = all ? m : p, cv = all ? n : p;
  char job = !U && !V ? 'N' : all ? 'A' : 'S';
  if (job != 'N') {
    u.resize((size_t)m * (size_t)cu);
    vt.resize((size_t)cv * (size_t)n);
  }
  int info = gesvd(job, job, m, n, A, lda, s.data(), u.data(), m, vt.data(), std::max(1, cv));
  std::copy_n(s.begin(), std::min(ns, p), S);
  for (int j = 0; U && j < nu; j++) std::copy_n(&u[(size_t)j * m], m, U + (size_t)j * ldu);
  for (int j = 0; V && j < nv; j++)
    for (int i = 0; i < n; i++) V[i + (size_t)j * ldv] = vt[(size_t)j + (size_t)i * cv];
  return info;
}
template <class T>
Status gesvd_(Handle h, const char* call, signed char jobu, signed char jobvt, int m, int n, T* A, int lda, T* S, T* U,
              int ldu, T* VT, int ldvt, int* info) {
  CHECK(m >= n);  // the real gesvd handles only this case
  CHECK(n >= 0 && lda >= std::max(1, m));
  CHECK(strchr("ASON", jobu) && strchr("ASON", jobvt) && !(jobu == 'O' && jobvt == 'O'));
  bool wu = jobu == 'A' || jobu == 'S', wv = jobvt == 'A' || jobvt == 'S';
  CHECK(ldu >= (wu ? std::max(1, m) : 1));
  CHECK(ldvt >= (wv ? std::max(1, n) : 1));
  A = device(call, "A", A, extent(m, n, lda));
  S = device(call, "S", S, (size_t)n);
  if (wu) U = device(call, "U", U, extent(m, jobu == 'A' ? m : n, ldu));
  if (wv) VT = device(call, "VT", VT, extent(n, n, ldvt));
  info = device(call, "info", info, 1);
  return run(h, [=] {
    *info =
        m && n ? gesvd((char)jobu, (char)jobvt, m, n, A, lda, S, wu ? U : nullptr, ldu, wv ? VT : nullptr, ldvt) : 0;
  });
}
/// Variants that return V: gesvdj, gesvdp, gesvdr, gesvda.
struct SvdShape {
  int m, n, lda, ldu, ldv, ns, nu, nv;  // ns singular values, nu columns of U, nv columns of V
  bool want;
  long long sa, ss, su, sv;  // strides between the matrices of a batch
  int batch;
};
template <class T>
Status svd_batch(Handle h, const char* call, SvdShape s, const T* A, T* S, T* U, T* V, int* info, double* norms) {
  auto [m, n, lda, ldu, ldv, ns, nu, nv, want, sa, ss, su, sv, batch] = s;
  CHECK(m >= 0 && n >= 0 && batch >= 0);
  CHECK(lda >= std::max(1, m));
  CHECK(ldu >= (want ? std::max(1, m) : 1));
  CHECK(ldv >= (want ? std::max(1, n) : 1));
  info = device(call, "info", info, (size_t)batch);
  if (!m || !n || !batch) return OK;
  size_t last = (size_t)(batch - 1);
  A = device(call, "A", A, extent(m, n, lda) + last * (size_t)sa);
  S = device(call, "S", S, (size_t)ns + last * (size_t)ss);
  if (want) U = device(call, "U", U, extent(m, nu, ldu) + last * (size_t)su);
  if (want) V = device(call, "V", V, extent(n, nv, ldv) + last * (size_t)sv);
  return run(h, [=] {
    const SvdShape& q = s;
    for (int i = 0; i < q.batch; i++) {
      const T* a = A + i * q.sa;
      std::vector<T> copy((size_t)q.m * q.n);
      for (int j = 0; j < q.n; j++) std::copy_n(a + (size_t)j * q.lda, q.m, &copy[(size_t)j * q.m]);
      std::vector<T> original = norms ? copy : std::vector<T>();
      T *u = q.want ? U + i * q.su : nullptr, *v = q.want ? V + i * q.sv : nullptr;
      info[i] = svd(q.m, q.n, copy.data(), q.m, S + i * q.ss, q.ns, u, q.ldu, q.nu, v, q.ldv, q.nv);
      if (!norms || !q.want) continue;
      double sum = 0;
      for (int c = 0; c < q.n; c++)
        for (int r = 0; r < q.m; r++) {
          double x = original[(size_t)c * q.m + r];
          for (int k = 0; k < q.ns; k++)
            x -= (double)u[r + (size_t)k * q.ldu] * (S + i * q.ss)[k] * v[c + (size_t)k * q.ldv];
          sum += x * x;
        }
      norms[i] = std::sqrt(sum);
    }
  });
}
SvdShape shape(int m, int n, int lda, int ldu, int ldv, cusolverEigMode_t jobz, bool econ) {
  int p = std::min(m, n);
  return {m, n, lda, ldu, ldv, p, econ ? p : m, econ ? p : n, vectors(jobz), 0, 0, 0, 0, 1};
}

}  // namespace

// The functions for S (float) and D (double).
#define TYPED(S, T)                                                                                                    \
  API Status cusolverDn##S##gesvd_bufferSize(Handle h, int m, int n, int* l) {                                         \
    if (m < 0 || n < 0) return invalid("cusolverDn" #S "gesvd_bufferSize", "violated: m >= 0 && n >= 0");              \
    SIZE(l, m, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvd(Handle h, signed char ju, signed char jv, int m, int n, T* A, int lda, T* s, T* U,   \
                                  int ldu, T* VT, int ldvt, T* work, int lwork, T*, int* info) {                       \
    ENTER("cusolverDn" #S "gesvd");                                                                                    \
    WORK(m, n);                                                                                                        \
    return gesvd_(h, call, ju, jv, m, n, A, lda, s, U, ldu, VT, ldvt, info);                                           \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvdj_bufferSize(Handle h, cusolverEigMode_t, int, int m, int n, const T*, int, const T*, \
                                              const T*, int, const T*, int, int* l, gesvdjInfo_t) {                    \
    SIZE(l, m, n);                                                                                                     \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvdj(Handle h, cusolverEigMode_t j, int econ, int m, int n, T* A, int lda, T* s, T* U,   \
                                   int ldu, T* V, int ldv, T* work, int lwork, int* info, gesvdjInfo_t params) {       \
    ENTER("cusolverDn" #S "gesvdj");                                                                                   \
    CHECK(params != nullptr && is_mode(j));                                                                            \
    WORK(m, n);                                                                                                        \
    return svd_batch<T>(h, call, shape(m, n, lda, ldu, ldv, j, econ), A, s, U, V, info, nullptr);                      \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvdjBatched_bufferSize(Handle h, cusolverEigMode_t, int m, int n, const T*, int,         \
                                                     const T*, const T*, int, const T*, int, int* l, gesvdjInfo_t,     \
                                                     int nb) {                                                         \
    SIZE(l, m, n, nb);                                                                                                 \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvdjBatched(Handle h, cusolverEigMode_t j, int m, int n, T* A, int lda, T* s, T* U,      \
                                          int ldu, T* V, int ldv, T* work, int lwork, int* info, gesvdjInfo_t params,  \
                                          int nb) {                                                                    \
    ENTER("cusolverDn" #S "gesvdjBatched");                                                                            \
    CHECK(params != nullptr && is_mode(j) && nb >= 1);                                                                 \
    CHECK(m <= 32 && n <= 32); /* limit of the real library */                                                         \
    WORK(m, n, nb);                                                                                                    \
    SvdShape q = shape(m, n, lda, ldu, ldv, j, false);                                                                 \
    q.sa = (long long)lda * n;                                                                                         \
    q.ss = std::min(m, n);                                                                                             \
    q.su = (long long)ldu * m;                                                                                         \
    q.sv = (long long)ldv * n;                                                                                         \
    q.batch = nb;                                                                                                      \
    return svd_batch<T>(h, call, q, A, s, U, V, info, nullptr);                                                        \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvdaStridedBatched_bufferSize(Handle h, cusolverEigMode_t, int, int m, int n, const T*,  \
                                                            int, long long, const T*, long long, const T*, int,        \
                                                            long long, const T*, int, long long, int* l, int nb) {     \
    SIZE(l, m, n, nb);                                                                                                 \
  }                                                                                                                    \
  API Status cusolverDn##S##gesvdaStridedBatched(Handle h, cusolverEigMode_t j, int rank, int m, int n, const T* A,    \
                                                 int lda, long long sa, T* s, long long ss, T* U, int ldu,             \
                                                 long long su, T* V, int ldv, long long sv, T* work, int lwork,        \
                                                 int* info, double* norms, int nb) {                                   \
    ENTER("cusolverDn" #S "gesvdaStridedBatched");                                                                     \
    CHECK(is_mode(j) && m >= n && rank >= 1 && rank <= n && nb >= 1);                                                  \
    CHECK(sa >= (long long)extent(m, n, lda) || nb == 1);                                                              \
    WORK(m, n, nb);                                                                                                    \
    SvdShape q{m, n, lda, ldu, ldv, rank, rank, rank, vectors(j), sa, ss, su, sv, nb};                                 \
    return svd_batch<T>(h, call, q, A, s, U, V, info, norms);                                                          \
  }

TYPED(S, float)
TYPED(D, double)

// The 64-bit API.
API Status cusolverDnXgesvd_bufferSize(Handle h, Params, signed char, signed char, int64_t m, int64_t n, cudaDataType,
                                       const void*, int64_t, cudaDataType, const void*, cudaDataType, const void*,
                                       int64_t, cudaDataType, const void*, int64_t, cudaDataType, size_t* dev,
                                       size_t* host) {
  XSIZE(m, n);
}
API Status cusolverDnXgesvd(Handle h, Params, signed char ju, signed char jv, int64_t m, int64_t n, cudaDataType t,
                            void* A, int64_t lda, cudaDataType, void* S, cudaDataType, void* U, int64_t ldu,
                            cudaDataType, void* VT, int64_t ldvt, cudaDataType, void* dbuf, size_t dbytes, void* hbuf,
                            size_t hbytes, int* info) {
  XENTER("cusolverDnXgesvd", m, n);
  BY_TYPE(t, gesvd_(h, call, ju, jv, (int)m, (int)n, (T*)A, (int)lda, (T*)S, (T*)U, (int)ldu, (T*)VT, (int)ldvt, info));
}
API Status cusolverDnXgesvdp_bufferSize(Handle h, Params, cusolverEigMode_t, int, int64_t m, int64_t n, cudaDataType,
                                        const void*, int64_t, cudaDataType, const void*, cudaDataType, const void*,
                                        int64_t, cudaDataType, const void*, int64_t, cudaDataType, size_t* dev,
                                        size_t* host) {
  XSIZE(m, n);
}
API Status cusolverDnXgesvdp(Handle h, Params, cusolverEigMode_t j, int econ, int64_t m, int64_t n, cudaDataType t,
                             void* A, int64_t lda, cudaDataType, void* S, cudaDataType, void* U, int64_t ldu,
                             cudaDataType, void* V, int64_t ldv, cudaDataType, void* dbuf, size_t dbytes, void* hbuf,
                             size_t hbytes, int* info, double* err_sigma) {
  XENTER("cusolverDnXgesvdp", m, n);
  CHECK(err_sigma != nullptr);
  *err_sigma = 0;
  BY_TYPE(t, svd_batch<T>(h, call, shape((int)m, (int)n, (int)lda, (int)ldu, (int)ldv, j, econ), (T*)A, (T*)S, (T*)U,
                          (T*)V, info, nullptr));
}
API Status cusolverDnXgesvdr_bufferSize(Handle h, Params, signed char, signed char, int64_t m, int64_t n, int64_t,
                                        int64_t, int64_t, cudaDataType, const void*, int64_t, cudaDataType, const void*,
                                        cudaDataType, const void*, int64_t, cudaDataType, const void*, int64_t,
                                        cudaDataType, size_t* dev, size_t* host) {
  XSIZE(m, n);
}
API Status cusolverDnXgesvdr(Handle h, Params, signed char ju, signed char jv, int64_t m, int64_t n, int64_t k,
                             int64_t p, int64_t niters, cudaDataType t, void* A, int64_t lda, cudaDataType, void* S,
                             cudaDataType, void* U, int64_t ldu, cudaDataType, void* V, int64_t ldv, cudaDataType,
                             void* dbuf, size_t dbytes, void* hbuf, size_t hbytes, int* info) {
  XENTER("cusolverDnXgesvdr", m, n);
  CHECK(k >= 1 && p >= 0 && k + p <= std::min(m, n) && niters >= 0);
  CHECK((ju == 'S' || ju == 'N') && (jv == 'S' || jv == 'N'));
  if (ju != jv) return unsupported(call, "jobu and jobv must agree here");
  // The exact decomposition, cut to rank k.
  SvdShape q{(int)m, (int)n, (int)lda, (int)ldu, (int)ldv, (int)k, (int)k, (int)k, ju == 'S', 0, 0, 0, 0, 1};
  BY_TYPE(t, svd_batch<T>(h, call, q, (T*)A, (T*)S, (T*)U, (T*)V, info, nullptr));
}
