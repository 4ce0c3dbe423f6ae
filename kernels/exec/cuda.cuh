#pragma once
/// CudaExec: one block of 32, 64, ... 256 threads runs one item.
#include "kernels/exec/executor.hpp"
#include "kernels/launch_shape.hpp"

#include <type_traits>

namespace kindred::kernels::inline KINDRED_TARGET {

/// `all_shared`: scratch is dynamic shared memory whole, which the compiler then knows; otherwise arrays that no longer
/// fit there come from the block's arena in global memory.
template <bool all_shared>
class CudaExec {
 public:
  __device__ CudaExec(std::byte* shared, std::size_t shared_bytes, std::byte* arena)
      : shared_(shared), arena_(arena), shared_bytes_(shared_bytes), used_(one_warp() ? 0 : reduction_bytes) {}

  template <class F>
  __device__ void for_each(index_t n, F&& f) {
    for (index_t i = threadIdx.x; i < n; i += blockDim.x) f(i);
  }

  template <class F>
  __device__ void for_each(index_t rows, index_t columns, F&& f) {
    if (rows <= 0 || columns <= 0) return;
    // (i, j) of element e = i columns + j advances without a division: e + blockDim is (i + di, j + dj) or a row on.
    const auto width = static_cast<unsigned>(columns);
    const unsigned di = blockDim.x / width, dj = blockDim.x % width;
    unsigned i = threadIdx.x / width, j = threadIdx.x % width;
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

  /// The tree of reduce_lanes lanes: threads fold lanes in order, then lanes fold pairwise, the last five levels within
  /// a warp, every warp for itself.
  template <class T, class Op, class F>
  [[nodiscard]] __device__ T reduce(index_t n, T zero, Op op, F&& f) {
    constexpr int groups = reduce_lanes / warp_threads;
    const auto lane = [&](int l) {
      T sum = zero;
      for (index_t i = l; i < n; i += reduce_lanes) sum = op(sum, f(i));
      return sum;
    };
    const int t = static_cast<int>(threadIdx.x);
    T part[groups];
    if (one_warp()) {
      for (int g = 0; g < groups; ++g) part[g] = lane(t + g * warp_threads);
      __syncwarp();
    } else {
      static_assert(2 * reduce_lanes * sizeof(T) <= reduction_bytes && alignof(T) <= scratch_alignment);
      T* slots = reinterpret_cast<T*>(shared_ + turn_ * (reduction_bytes / 2));
      turn_ ^= 1;  // a thread still reading this half cannot meet a writer of it: the next reduction's sync is between
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

  template <class F>
  __device__ void once(F&& f) {
    if (threadIdx.x == 0) f();
  }

  __device__ void sync() {
    if (one_warp()) {
      __syncwarp();
    } else {
      __syncthreads();
    }
  }

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

  /// C (m x n) = op(A) op(B) + beta C, row-major; beta is 0 or 1; op(A) is m x k. No aliasing.
  template <class T>
  __device__ void gemm(Trans trans_a, Trans trans_b, index_t m, index_t n, index_t k, const T* a, index_t lda,
                       const T* b, index_t ldb, T beta, T* c, index_t ldc) {
    const index_t row_a = trans_a == Trans::no ? lda : 1, step_a = trans_a == Trans::no ? 1 : lda;
    const index_t step_b = trans_b == Trans::no ? ldb : 1, column_b = trans_b == Trans::no ? 1 : ldb;
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

  template <class T>
  __device__ void panel_product(index_t k, const T* a, const T* b, T* c, index_t ldc) {
    constexpr index_t w = panel_width<T>;
    for_each(w, w, [=](index_t i, index_t j) {
      T sum = 0;
      for (index_t l = 0; l < k; ++l) sum += a[l * w + i] * b[l * w + j];
      c[i * ldc + j] += sum;
    });
  }

 private:
  static constexpr int tile = 4;

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
