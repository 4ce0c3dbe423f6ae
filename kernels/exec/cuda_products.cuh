#pragma once
/// Products of small matrices by one block of CUDA threads, in 4 x 4 register tiles.
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Four elements that one or two loads of 16 bytes move.
template <class T>
struct alignas(16) Quad {
  T v[4];
};

/// The 4 x 4 tile from (i0, j0) on of C (m x n) = A B + (accumulate ? C : 0), row-major, by one thread. `quads`: n is a
/// multiple of 4 and all rows start on 16 bytes. Rows beyond the edge repeat the last one: read, never stored.
template <class T, bool quads>
__device__ __forceinline__ void product_tile(int i0, int j0, int m, int n, int k, const T* a, int lda, const T* b,
                                             int ldb, T* c, int ldc, bool accumulate) {
  constexpr int tile = 4;
  T sum[tile][tile] = {};
  const T* x[tile];
#pragma unroll
  for (int r = 0; r < tile; ++r) x[r] = a + (i0 + r < m ? i0 + r : m - 1) * lda;
  const auto add = [&](const T* u, const T* v) {
#pragma unroll
    for (int r = 0; r < tile; ++r) {
#pragma unroll
      for (int s = 0; s < tile; ++s) sum[r][s] += u[r] * v[s];
    }
  };
  int l = 0;
  if constexpr (quads) {
    for (; l + tile <= k; l += tile) {
      Quad<T> u[tile];
#pragma unroll
      for (int r = 0; r < tile; ++r) u[r] = *reinterpret_cast<const Quad<T>*>(x[r] + l);
#pragma unroll
      for (int q = 0; q < tile; ++q) {
        const Quad<T> v = *reinterpret_cast<const Quad<T>*>(b + (l + q) * ldb + j0);
        const T column[tile] = {u[0].v[q], u[1].v[q], u[2].v[q], u[3].v[q]};
        add(column, v.v);
      }
    }
  }
  for (; l < k; ++l) {
    T u[tile], v[tile];
#pragma unroll
    for (int s = 0; s < tile; ++s) {
      u[s] = x[s][l];
      v[s] = b[l * ldb + (j0 + s < n ? j0 + s : n - 1)];
    }
    add(u, v);
  }
#pragma unroll
  for (int r = 0; r < tile; ++r) {
    if (i0 + r >= m) break;
    T* out = c + (i0 + r) * ldc + j0;
    if constexpr (quads) {
      auto* to = reinterpret_cast<Quad<T>*>(out);
      Quad<T> q = accumulate ? *to : Quad<T>{};
#pragma unroll
      for (int s = 0; s < tile; ++s) q.v[s] += sum[r][s];
      *to = q;
    } else {
      for (int s = 0; s < tile && j0 + s < n; ++s) out[s] = accumulate ? out[s] + sum[r][s] : sum[r][s];
    }
  }
}

/// C = A B + (accumulate ? C : 0) by a block of threads. Neighbours in a warp hold neighbouring columns, so that a row
/// of B is read from all banks at once and elements of A are broadcast. It is a call and not inlined: a program has
/// dozens of products, and each tile takes most of the registers.
template <class T, bool quads>
__device__ __noinline__ void block_product(int m, int n, int k, const T* a, int lda, const T* b, int ldb, T* c, int ldc,
                                           bool accumulate) {
  constexpr int tile = 4;
  const int tiles_n = (n + tile - 1) / tile, tiles = (m + tile - 1) / tile * tiles_n;
  for (int t = static_cast<int>(threadIdx.x); t < tiles; t += static_cast<int>(blockDim.x)) {
    product_tile<T, quads>(t / tiles_n * tile, t % tiles_n * tile, m, n, k, a, lda, b, ldb, c, ldc, accumulate);
  }
}

/// The same for members of stacks, which share the threads. A function of its own, because it keeps the stacks in
/// registers that single products need.
template <class T, bool quads>
__device__ __noinline__ void stack_product(Members members, int m, int n, int k, Stack<const T> a, int lda,
                                           Stack<const T> b, int ldb, Stack<T> c, int ldc, bool accumulate) {
  constexpr int tile = 4;
  const int tiles_n = (n + tile - 1) / tile, tiles = (m + tile - 1) / tile * tiles_n;
  int q = 0;
  for (int t = static_cast<int>(threadIdx.x);; t += static_cast<int>(blockDim.x)) {
    for (; q < members.count && t >= tiles; t -= tiles) ++q;  // each lane to its tile, then all of a warp together
    if (q >= members.count) return;
    const index_t which = members[q];
    product_tile<T, quads>(t / tiles_n * tile, t % tiles_n * tile, m, n, k, a[which], lda, b[which], ldb, c[which], ldc,
                           accumulate);
  }
}

}  // namespace kindred::kernels::inline KINDRED_TARGET
