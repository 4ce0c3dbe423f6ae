// Kernels as the users of this tool write them: batched symmetric eigenproblems and
// orthogonal alignment (polar factor of A'B by Newton-Schulz), one block per problem, in float and double.
#include <algorithm>
#include "check.hpp"

/// Cyclic Jacobi with round-robin pairs; A and V in dynamic shared memory.
template <class T, int N>
__global__ void eigen(const T* A_, T* W, T* V_, int sweeps) {
  extern __shared__ __align__(16) unsigned char raw[];
  T *A = (T*)raw, *V = A + N * N, *cs = V + N * N, *sn = cs + N / 2;
  int *pp = (int*)(sn + N / 2), *qq = pp + N / 2;
  const int t = threadIdx.x, nt = blockDim.x;
  for (int i = t; i < N * N; i += nt) A[i] = A_[(size_t)blockIdx.x * N * N + i], V[i] = i / N == i % N;
  __syncthreads();
  for (int s = 0; s < sweeps; s++)
    for (int r = 0; r < N - 1; r++) {
      if (t < N / 2) {
        int a = t == 0 ? N - 1 : (r + t) % (N - 1), b = t == 0 ? r : (r - t + N - 1) % (N - 1);
        int p = min(a, b), q = max(a, b);
        T apq = A[p * N + q], c = 1, z = 0;
        if (apq != T(0)) {
          T tau = (A[q * N + q] - A[p * N + p]) / (2 * apq);
          T tt = (tau >= 0 ? T(1) : T(-1)) / (fabs(tau) + sqrt(1 + tau * tau));
          c = rsqrt(1 + tt * tt), z = tt * c;
        }
        cs[t] = c, sn[t] = z, pp[t] = p, qq[t] = q;
      }
      __syncthreads();
      for (int i = t; i < N / 2 * N; i += nt) {
        int k = i / N, j = i % N, p = pp[k], q = qq[k];
        T x = A[p * N + j], y = A[q * N + j];
        A[p * N + j] = cs[k] * x - sn[k] * y, A[q * N + j] = sn[k] * x + cs[k] * y;
      }
#ifndef PLANTED_BUG
      __syncthreads();
#endif
      for (int i = t; i < N / 2 * N; i += nt) {
        int k = i / N, j = i % N, p = pp[k], q = qq[k];
        T x = A[j * N + p], y = A[j * N + q];
        A[j * N + p] = cs[k] * x - sn[k] * y, A[j * N + q] = sn[k] * x + cs[k] * y;
        x = V[j * N + p], y = V[j * N + q];
        V[j * N + p] = cs[k] * x - sn[k] * y, V[j * N + q] = sn[k] * x + cs[k] * y;
      }
      __syncthreads();
    }
  for (int i = t; i < N; i += nt) W[(size_t)blockIdx.x * N + i] = A[i * N + i];
  for (int i = t; i < N * N; i += nt) V_[(size_t)blockIdx.x * N * N + i] = V[i];
}

/// X <- X (3 I - X'X) / 2 until orthogonal, from X = M / |M|_F; a loop over problems in each block.
template <class T, int N>
__global__ void polar(const T* M, T* Q, int count, int steps) {
  __shared__ T X[N * N], Y[N * N], norm;
  const int t = threadIdx.x, nt = blockDim.x;
  for (int z = blockIdx.x; z < count; z += gridDim.x) {
    T s = 0;
    for (int i = t; i < N * N; i += nt) s += M[(size_t)z * N * N + i] * M[(size_t)z * N * N + i];
    if (t == 0) norm = 0;
    __syncthreads();
    for (int k = 16; k; k >>= 1) s += __shfl_xor_sync(~0u, s, k);
    if (t % 32 == 0) atomicAdd(&norm, s);
    __syncthreads();
    for (int i = t; i < N * N; i += nt) X[i] = M[(size_t)z * N * N + i] / sqrt(norm);
    __syncthreads();
    for (int k = 0; k < steps; k++) {
      for (int i = t; i < N * N; i += nt) {
        T y = i / N == i % N ? 3 : 0;
        for (int l = 0; l < N; l++) y -= X[l * N + i / N] * X[l * N + i % N];
        Y[i] = y / 2;
      }
      __syncthreads();
      T mine[(N * N + 63) / 64];
      for (int i = t, c = 0; i < N * N; i += nt, c++) {
        T y = 0;
        for (int l = 0; l < N; l++) y = fma(X[i / N * N + l], Y[l * N + i % N], y);
        mine[c] = y;
      }
      __syncthreads();
      for (int i = t, c = 0; i < N * N; i += nt, c++) X[i] = mine[c];
      __syncthreads();
    }
    for (int i = t; i < N * N; i += nt) Q[(size_t)z * N * N + i] = X[i];
  }
}

template <class T>
void test() {
  const int N = 24, nb = 6, K = 6;
  const double eps = sizeof(T) == 4 ? 2e-4 : 1e-11;
  Array<T> A(N * N * nb), W(N * nb), V(N * N * nb);
  for (int b = 0; b < nb; b++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j <= i; j++)
        A.h[b * N * N + i * N + j] = A.h[b * N * N + j * N + i] = (T)std::sin(1 + b + 3.7 * i * j + i + j);
  A.up();
  size_t shared = (2 * N * N + N) * sizeof(T) + N * sizeof(int);
  eigen<T, N><<<nb, 96, shared>>>(A.d, W.d, V.d, 10);
  CUDA(cudaGetLastError());
  W.down(), V.down();
  double e = 0;
  for (int b = 0; b < nb; b++)
    for (int c = 0; c < N; c++)
      for (int i = 0; i < N; i++) {
        double s = -(double)W.h[b * N + c] * V.h[b * N * N + i * N + c];
        for (int j = 0; j < N; j++) s += (double)A.h[b * N * N + i * N + j] * V.h[b * N * N + j * N + c];
        e = std::max(e, std::fabs(s));
      }
  NEAR(e, 0, eps);
  Array<T> M(numbers<T>(K * K * nb)), Q(K * K * nb);
  for (int b = 0; b < nb; b++)
    for (int i = 0; i < K; i++) M.h[b * K * K + i * (K + 1)] += 3;
  M.up();
  polar<T, K><<<2, 64>>>(M.d, Q.d, nb, 40);
  CUDA(cudaGetLastError());
  Q.down();
  double o = 0, sym = 0;  // Q orthogonal, Q'M symmetric: Q is the orthogonal matrix nearest to M
  for (int b = 0; b < nb; b++)
    for (int i = 0; i < K; i++)
      for (int j = 0; j < K; j++) {
        double q = -(i == j), h1 = 0, h2 = 0;
        for (int l = 0; l < K; l++) {
          q += (double)Q.h[b * K * K + l * K + i] * Q.h[b * K * K + l * K + j];
          h1 += (double)Q.h[b * K * K + l * K + i] * M.h[b * K * K + l * K + j];
          h2 += (double)Q.h[b * K * K + l * K + j] * M.h[b * K * K + l * K + i];
        }
        o = std::max(o, std::fabs(q)), sym = std::max(sym, std::fabs(h1 - h2));
      }
  NEAR(o, 0, eps);
  NEAR(sym, 0, eps);
}

int main() {
  test<float>();
  test<double>();
  return summary("jacobi");
}
