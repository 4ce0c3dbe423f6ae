#pragma once
/// Loops and sums of CpuExec, for which one thread is one block.
#include "kernels/exec/executor.hpp"

#include <cstring>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Plain loops that the compiler vectorises. They run in pieces of a fixed length, so that short rows leave no scalar
/// rest. Functions are passed by value, so that what they capture stays in registers.
class CpuLoops {
 public:
  template <class F>
  void for_each(index_t n, F f) {
    for_each(1, n, [=](index_t, index_t i) { f(i); });
  }

  template <class F>
  void for_each(index_t rows, index_t columns, F f) {
    for (index_t i = 0; i < rows; ++i) {
      index_t j = 0;
      for (; j + 16 <= columns; j += 16) {
#pragma omp simd
        for (int l = 0; l < 16; ++l) f(i, j + l);
      }
      if (columns - j >= 8) {
#pragma omp simd
        for (int l = 0; l < 8; ++l) f(i, j + l);
        j += 8;
      }
      if (columns - j >= 4) {
#pragma omp simd
        for (int l = 0; l < 4; ++l) f(i, j + l);
        j += 4;
      }
      for (; j < columns; ++j) f(i, j);
    }
  }

  template <class F>
  void for_each(const Members& members, index_t n, F f) {
    for (index_t q = 0; q < members.count; ++q) for_each(n, f(members[q]));
  }
  template <class F>
  void for_each(const Members& members, index_t rows, index_t columns, F f) {
    for (index_t q = 0; q < members.count; ++q) for_each(rows, columns, f(members[q]));
  }

  /// Every lane adds its terms in order, then the lanes are added in pairs, l with l + width / 2: one fixed tree. There
  /// are several vectors of lanes, so that additions need not wait for each other.
  template <int K, class F>
  [[nodiscard]] auto sum(index_t n, F f) {
    using S = decltype(f(index_t{0}));
    using T = typename S::type;
    constexpr int lanes = 16, vectors = K == 1 ? 4 : K <= 3 ? 2 : 1;
    typedef T Lanes __attribute__((vector_size(lanes * sizeof(T))));
    Lanes total[vectors][K] = {};
    const auto accumulate = [&](int v, index_t i, int count) __attribute__((always_inline)) {
      T term[K][lanes] = {};
#pragma omp simd
      for (int l = 0; l < count; ++l) {
        const S x = f(i + l);
        for (int k = 0; k < K; ++k) term[k][l] = x.value[k];
      }
      for (int k = 0; k < K; ++k) {
        Lanes t;
        std::memcpy(&t, term[k], sizeof t);
        total[v][k] += t;
      }
    };
    index_t i = 0;
    for (; i + vectors * lanes <= n; i += vectors * lanes) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) accumulate(v, i + v * lanes, lanes);
    }
    for (; i + lanes <= n; i += lanes) accumulate(0, i, lanes);
    if (n - i >= lanes / 2) {
      accumulate(0, i, lanes / 2);
      i += lanes / 2;
    }
    if (i < n) accumulate(0, i, static_cast<int>(n - i));
    S out{};
    for (int k = 0; k < K; ++k) {
      for (int v = 1; v < vectors; ++v) total[0][k] += total[v][k];
      T lane[lanes];
      std::memcpy(lane, &total[0][k], sizeof lane);
      for (int width = lanes / 2; width > 0; width /= 2) {
#pragma omp simd
        for (int l = 0; l < width; ++l) lane[l] += lane[l + width];
      }
      out.value[k] = lane[0];
    }
    return out;
  }

  template <int K, class F, class T>
  void sum(const Members& members, index_t n, F f, T* out) {
    for (index_t q = 0; q < members.count; ++q) {
      const index_t k = members[q];
      const Sums<T, K> s = sum<K>(n, f(k));
      for (int j = 0; j < K; ++j) out[k * K + j] = s[j];
    }
  }

  template <class T, class Op, class F>
  [[nodiscard]] T reduce(index_t n, T zero, Op op, F f) {
    T lane[reduce_lanes];
    for (int l = 0; l < reduce_lanes; ++l) lane[l] = zero;
    index_t i = 0;
    for (; i + reduce_lanes <= n; i += reduce_lanes) {
#pragma omp simd
      for (int l = 0; l < reduce_lanes; ++l) lane[l] = op(lane[l], f(i + l));
    }
    const int rest = static_cast<int>(n - i);
    for (int l = 0; l < rest; ++l) lane[l] = op(lane[l], f(i + l));
    for (int width = reduce_lanes / 2; width > 0; width /= 2) {
#pragma omp simd
      for (int l = 0; l < width; ++l) lane[l] = op(lane[l], lane[l + width]);
    }
    return lane[0];
  }

  template <class F>
  void once(F&& f) {
    f();
  }

  void sync() {}

  /// Into the second-level cache.
  template <class T>
  void prefetch(const T* x, index_t n) {
    constexpr index_t line = 64 / static_cast<index_t>(sizeof(T));
    for (index_t i = 0; i < n; i += line) __builtin_prefetch(x + i, 0, 2);
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
