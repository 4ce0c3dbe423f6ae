#pragma once
/// CudaExec: one block of 32, 64, ... 256 threads runs one item. Loops over elements are not unrolled: a program has
/// many phases, and unrolled loops would need more registers than there are.
#include "kernels/exec/cuda_products.cuh"
#include "kernels/exec/executor.hpp"
#include "kernels/exec/launch_shape.hpp"

#include <type_traits>

namespace kindred::kernels::inline KINDRED_TARGET {

/// `all_shared`: all scratch is dynamic shared memory, and the compiler knows it. Otherwise arrays that no longer fit
/// there come from the block's arena in global memory.
template <bool all_shared>
class CudaExec {
 public:
  __device__ CudaExec(std::byte* shared, std::size_t shared_bytes, std::byte* arena)
      : shared_(shared), arena_(arena), shared_bytes_(shared_bytes), used_(one_warp() ? 0 : reduction_bytes) {}

  template <class F>
  __device__ void for_each(index_t n, F&& f) {
#pragma unroll 1
    for (index_t i = threadIdx.x; i < n; i += blockDim.x) f(i);
  }

  template <class F>
  __device__ void for_each(index_t rows, index_t columns, F&& f) {
    if (rows <= 0 || columns <= 0) return;
    // (i, j) of element e = i columns + j advances without a division: e + blockDim is (i + di, j + dj) or a row on.
    const auto width = static_cast<unsigned>(columns);
    const unsigned di = blockDim.x / width, dj = blockDim.x % width;
    unsigned i = threadIdx.x / width, j = threadIdx.x % width;
#pragma unroll 1
    while (i < rows) {
      f(static_cast<index_t>(i), static_cast<index_t>(j));
      i += di;
      j += dj;
      if (j >= width) {
        j -= width;
        ++i;
      }
    }
  }

  template <class F>
  __device__ void for_each(const Members& members, index_t n, F&& f) {
    for_each(members.count, n, [&](index_t q, index_t i) { f(members[q])(i); });
  }
  template <class F>
  __device__ void for_each(const Members& members, index_t rows, index_t columns, F&& f) {
    index_t q = 0, first = 0;  // a thread's rows ascend
    for_each(members.count * rows, columns, [&](index_t i, index_t j) {
      for (; i - first >= rows; first += rows) ++q;
      f(members[q])(i - first, j);
    });
  }

  /// The tree of reduce_lanes lanes: threads fold lanes in order, then lanes fold pairwise, the last five levels within
  /// a warp, every warp for itself.
  template <class T, class Op, class F>
  [[nodiscard]] __device__ T reduce(index_t n, T zero, Op op, F&& f) {
    constexpr int groups = reduce_lanes / warp_threads;
    const auto lane = [&](int l) {
      T sum = zero;
#pragma unroll 1
      for (index_t i = l; i < n; i += reduce_lanes) sum = op(sum, f(i));
      return sum;
    };
    const int t = static_cast<int>(threadIdx.x);
    T part[groups];
    if (one_warp()) {
      for (int g = 0; g < groups; ++g) part[g] = lane(t + g * warp_threads);
      __syncthreads();
    } else {
      static_assert(2 * reduce_lanes * sizeof(T) <= reduction_bytes && alignof(T) <= scratch_alignment);
      T* slots = reinterpret_cast<T*>(next_slots());
      for (int l = t; l < reduce_lanes; l += static_cast<int>(blockDim.x)) slots[l] = lane(l);
      __syncthreads();
      for (int g = 0; g < groups; ++g) part[g] = slots[t % warp_threads + g * warp_threads];
    }
    for (int width = groups / 2; width > 0; width /= 2) {
      for (int g = 0; g < width; ++g) part[g] = op(part[g], part[g + width]);
    }
    for (int width = warp_threads / 2; width > 0; width /= 2) {
      part[0] = op(part[0], shuffle(part[0], t % warp_threads + width));
    }
    return shuffle(part[0], 0);
  }

  /// Every thread adds its elements in order; then lanes of a warp in pairs, then the warps in order. The number of
  /// threads follows from the sizes of the problem alone.
  template <int K, class F>
  [[nodiscard]] __device__ auto sum(index_t n, F&& f) {
    auto total = warp_sum<K>(n, f);
    using S = decltype(total);
    if (one_warp()) {
      __syncthreads();
      return total;
    }
    static_assert(2 * max_block_threads / warp_threads * sizeof(S) <= reduction_bytes);
    S* slots = reinterpret_cast<S*>(next_slots());
    if (threadIdx.x % warp_threads == 0) slots[threadIdx.x / warp_threads] = total;
    __syncthreads();
    total = slots[0];
    for (unsigned w = 1; w < blockDim.x / warp_threads; ++w) {
#pragma unroll
      for (int k = 0; k < K; ++k) total.value[k] += slots[w].value[k];
    }
    return total;
  }

  /// The same sums; one barrier for the warps of all members, one for the results.
  template <int K, class F, class T>
  __device__ void sum(const Members& members, index_t n, F&& f, T* out) {
    const int warps = static_cast<int>(blockDim.x) / warp_threads, warp = static_cast<int>(threadIdx.x) / warp_threads;
    static_assert(2 * Members::most * max_block_threads / warp_threads * sizeof(Sums<T, K>) <= reduction_bytes);
    T* slots = one_warp() ? nullptr : reinterpret_cast<T*>(next_slots());
#pragma unroll 1
    for (index_t q = 0; q < members.count; ++q) {
      const Sums<T, K> total = warp_sum<K>(n, f(members[q]));
      if (threadIdx.x % warp_threads != 0) continue;
      T* to = one_warp() ? out + members[q] * K : slots + (q * warps + warp) * K;
#pragma unroll
      for (int k = 0; k < K; ++k) to[k] = total.value[k];
    }
    __syncthreads();
    if (one_warp()) return;
    for_each(members.count, K, [&](index_t q, index_t k) {
      T total = slots[q * warps * K + k];
      for (int w = 1; w < warps; ++w) total += slots[(q * warps + w) * K + k];
      out[members[q] * K + k] = total;
    });
    __syncthreads();
  }

  template <class F>
  __device__ void once(F&& f) {
    if (threadIdx.x == 0) f();
  }

  __device__ void sync() { __syncthreads(); }

  template <class T>
  [[nodiscard]] __device__ T* scratch(index_t n) {
    const std::size_t bytes = Scratch{}.add<T>(n).bytes;
    std::byte* p = shared_ + used_;
    if constexpr (all_shared) {
      used_ += bytes;
    } else if (used_ + bytes <= shared_bytes_) {
      used_ += bytes;
    } else {
      p = arena_;
      arena_ += bytes;
    }
    return reinterpret_cast<T*>(p);
  }

  template <class T>
  [[nodiscard]] __device__ Product<T> product(index_t m, index_t n, index_t k, index_t lda, index_t ldb, index_t ldc,
                                              bool accumulate) {
    const index_t quads = (n + 3) / 4 * 4;  // into the padding
    return {m, quads, k, lda, ldb, ldc, accumulate, quads, nullptr};
  }

  template <class T>
  __device__ void multiply(const Product<T>& p, const T* a, const T* b, T* c) {
    const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
    const int lda = static_cast<int>(p.lda), ldb = static_cast<int>(p.ldb), ldc = static_cast<int>(p.ldc);
    if (in_quads(p, address(a) | address(b) | address(c))) {
      block_product<T, true>(m, n, k, a, lda, b, ldb, c, ldc, p.accumulate);
    } else {
      block_product<T, false>(m, n, k, a, lda, b, ldb, c, ldc, p.accumulate);
    }
  }
  template <class T, class A, class B>
  __device__ void multiply(const Members& members, const Product<T>& p, Stack<A> a, Stack<B> b, Stack<T> c) {
    const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
    const int lda = static_cast<int>(p.lda), ldb = static_cast<int>(p.ldb), ldc = static_cast<int>(p.ldc);
    const Stack<const T> x{a.x, a.step}, y{b.x, b.step};
    if (in_quads(p, address(a.x) | address(b.x) | address(c.x) | address(c.x + (a.step | b.step | c.step)))) {
      stack_product<T, true>(members, m, n, k, x, lda, y, ldb, c, ldc, p.accumulate);
    } else {
      stack_product<T, false>(members, m, n, k, x, lda, y, ldb, c, ldc, p.accumulate);
    }
  }

  /// The whole product: the halves would occupy the threads of a block less evenly.
  template <class T>
  [[nodiscard]] __device__ SymmetricProduct<T> symmetric_product(index_t n, index_t ld) {
    return {product<T>(n, n, n, ld, ld, ld, false), n, {}};
  }
  template <class T>
  __device__ void multiply(const SymmetricProduct<T>& p, const T* a, const T* b, T* c, T) {
    multiply(p.all, a, b, c);
  }
  template <class T, class A, class B>
  __device__ void multiply(const Members& members, const SymmetricProduct<T>& p, Stack<A> a, Stack<B> b, Stack<T> c,
                           T) {
    multiply(members, p.all, a, b, c);
  }

  /// at (columns x rows) = a^T (rows x columns). Padding: where both leading dimensions are multiples of 8, whole 8 x 8
  /// tiles are moved. A warp moves 8 rows by 4 columns: it writes 8 neighbours of each of 4 rows.
  template <class T>
  __device__ void transpose(index_t rows, index_t columns, const T* a, index_t lda, T* at, index_t ldat) {
    transpose(Members::first(1), rows, columns, Stack<const T>{a, 0}, lda, Stack<T>{at, 0}, ldat);
  }
  template <class T, class A>
  __device__ void transpose(const Members& members, index_t rows, index_t columns, Stack<A> a, index_t lda, Stack<T> at,
                            index_t ldat) {
    constexpr int tile = 8, height = 8, width = warp_threads / height;
    const bool padded = lda % tile == 0 && ldat % tile == 0;
    const int m = static_cast<int>(padded ? (rows + tile - 1) / tile * tile : rows);
    const int n = static_cast<int>(padded ? (columns + tile - 1) / tile * tile : columns);
    const int across = (n + width - 1) / width, tiles = (m + height - 1) / height * across;
    const int warps = static_cast<int>(blockDim.x) / warp_threads, lane = static_cast<int>(threadIdx.x) % warp_threads;
    int t = static_cast<int>(threadIdx.x) / warp_threads;  // of a warp: the members in turn
    for (index_t q = 0; q < members.count; ++q, t -= tiles) {
      for (; t < tiles; t += warps) {
        const int i = t / across * height + lane % height, j = t % across * width + lane / height;
        if (i < m && j < n) at[members[q]][j * ldat + i] = a[members[q]][i * lda + j];
      }
    }
  }

  /// C (m x n) = op(A) op(B) + beta C, row-major; beta is 0 or 1; op(A) is m x k. No aliasing.
  template <class T>
  __device__ void gemm(Trans trans_a, Trans trans_b, index_t m, index_t n, index_t k, const T* a, index_t lda,
                       const T* b, index_t ldb, T beta, T* c, index_t ldc) {
    if (trans_a == Trans::no && trans_b == Trans::no) {
      multiply(Product<T>{m, n, k, lda, ldb, ldc, beta != T(0), n, nullptr}, a, b, c);
      return;
    }
    const index_t row_a = trans_a == Trans::no ? lda : 1, step_a = trans_a == Trans::no ? 1 : lda;
    const index_t step_b = trans_b == Trans::no ? ldb : 1, column_b = trans_b == Trans::no ? 1 : ldb;
    constexpr int tile = 4;
    for_each((m + tile - 1) / tile, (n + tile - 1) / tile, [&](index_t ti, index_t tj) {
      // Rows and columns beyond the edge repeat the last one: read, never stored.
      T sum[tile][tile] = {};
      const T *x[tile], *y[tile];
      for (int s = 0; s < tile; ++s) {
        x[s] = a + (ti * tile + s < m ? ti * tile + s : m - 1) * row_a;
        y[s] = b + (tj * tile + s < n ? tj * tile + s : n - 1) * column_b;
      }
      for (index_t l = 0; l < k; ++l) {
        T u[tile], v[tile];
#pragma unroll
        for (int s = 0; s < tile; ++s) {
          u[s] = x[s][l * step_a];
          v[s] = y[s][l * step_b];
        }
#pragma unroll
        for (int r = 0; r < tile; ++r) {
#pragma unroll
          for (int s = 0; s < tile; ++s) sum[r][s] += u[r] * v[s];
        }
      }
      for (int r = 0; r < tile && ti * tile + r < m; ++r) {
        T* out = c + (ti * tile + r) * ldc + tj * tile;
#pragma unroll
        for (int s = 0; s < tile; ++s) {
          if (tj * tile + s < n) out[s] = beta == T(0) ? sum[r][s] : sum[r][s] + out[s];
        }
      }
    });
  }

  /// Nothing: other warps work while one waits for memory.
  template <class T>
  __device__ void prefetch(const T*, index_t) {}

  /// C[i * ldc + j] += sum over l < k of a[l * w + i] b[l * w + j], i, j < w = device_panel_width: one fused
  /// multiply-add a term, l ascending, from zero; then one addition to C. The bits of an entry depend on its two
  /// columns alone. A thread holds 8 rows by 4 columns, a warp 32 by 32, whose operands of a row are a few lines of the
  /// first-level cache.
  template <class T>
  __device__ void panel_product(index_t k, const T* a, const T* b, T* c, index_t ldc) {
    constexpr int w = device_panel_width, height = 8, width = 4, side = 32, across = w / side;
    const int lane = static_cast<int>(threadIdx.x) % warp_threads, warps = static_cast<int>(blockDim.x) / warp_threads;
    for (int t = static_cast<int>(threadIdx.x) / warp_threads; t < across * across; t += warps) {
      const int i0 = t / across * side + lane / 8 * height, j0 = t % across * side + lane % 8 * width;
      T sum[height][width] = {};
      const T *x = a + i0, *y = b + j0;
#pragma unroll 2
      for (index_t l = 0; l < k; ++l, x += w, y += w) {
        const Quad<T> u[2] = {*reinterpret_cast<const Quad<T>*>(x), *reinterpret_cast<const Quad<T>*>(x + 4)};
        const Quad<T> v = *reinterpret_cast<const Quad<T>*>(y);
#pragma unroll
        for (int r = 0; r < height; ++r) {
#pragma unroll
          for (int s = 0; s < width; ++s) sum[r][s] += u[r / 4].v[r % 4] * v.v[s];
        }
      }
#pragma unroll
      for (int r = 0; r < height; ++r) {
        auto* to = reinterpret_cast<Quad<T>*>(c + (i0 + r) * ldc + j0);
        Quad<T> q = *to;
#pragma unroll
        for (int s = 0; s < width; ++s) q.v[s] += sum[r][s];
        *to = q;
      }
    }
  }

 private:
  template <class T>
  [[nodiscard]] static __device__ std::uintptr_t address(const T* x) {
    return reinterpret_cast<std::uintptr_t>(x);
  }
  /// Whether all rows start on 16 bytes, and C has whole quads; `starts`: bits of the addresses of all arrays.
  template <class T>
  [[nodiscard]] static __device__ bool in_quads(const Product<T>& p, std::uintptr_t starts) {
    return starts % alignof(Quad<T>) == 0 && (p.n | p.lda | p.ldb | p.ldc) % 4 == 0;
  }

  /// The K sums of the terms of a warp's threads, in every one of them.
  template <int K, class F>
  [[nodiscard]] static __device__ auto warp_sum(index_t n, F&& f) {
    using S = decltype(f(index_t{0}));
    S total{};
#pragma unroll 1
    for (index_t i = threadIdx.x; i < n; i += blockDim.x) {
      const S x = f(i);
#pragma unroll
      for (int k = 0; k < K; ++k) total.value[k] += x.value[k];
    }
#pragma unroll
    for (int width = 1; width < warp_threads; width *= 2) {
#pragma unroll
      for (int k = 0; k < K; ++k) total.value[k] += __shfl_xor_sync(~0u, total.value[k], width);
    }
    return total;
  }

  /// Where a reduction leaves partial results. Two halves take turns, so that no thread writes to one that another
  /// still reads: the sync of the reduction between is in the way.
  [[nodiscard]] __device__ std::byte* next_slots() {
    std::byte* slots = shared_ + turn_ * (reduction_bytes / 2);
    turn_ ^= 1;
    return slots;
  }

  [[nodiscard]] static __device__ bool one_warp() { return blockDim.x == warp_threads; }

  /// x of lane `from` of the warp, for any type of whole words.
  template <class T>
  [[nodiscard]] static __device__ T shuffle(const T& x, int from) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(int) == 0);
    union Words {
      __device__ Words() {}
      T value;
      int word[sizeof(T) / sizeof(int)];
    } in, out;
    in.value = x;
#pragma unroll
    for (std::size_t w = 0; w < sizeof(T) / sizeof(int); ++w) out.word[w] = __shfl_sync(~0u, in.word[w], from);
    return out.value;
  }

  std::byte* shared_;
  std::byte* arena_;
  std::size_t shared_bytes_;
  std::size_t used_;
  int turn_ = 0;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
