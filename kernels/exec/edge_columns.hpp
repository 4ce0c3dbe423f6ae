#pragma once
/// The last columns of a small product on a CPU with AVX-512, if they fill at most a quarter of a vector.
#include "kernels/exec/executor.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>

#include <cstring>
#include <utility>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Columns 0 .. E - 1 of C (m x E) = A B + (accumulate ? C : 0), row-major, k terms, k <= max_depth.
///
/// A product that runs along the rows of B would use only E lanes of each vector. Here one vector holds `group` terms
/// of the sums of all E columns: A[i, l .. l + group) repeated E times, times B[l .. l + group) column by column. The
/// partial sums of `group` rows are then added up to one vector. Rows of A are read up to whole groups, rows of B up to
/// E columns: padding there must be zero.
template <class T, int E>
class EdgeColumns {
 public:
  static constexpr index_t max_depth = 256;

  static void multiply(index_t m, index_t k, const T* a, index_t lda, const T* b, index_t ldb, bool accumulate, T* c,
                       index_t ldc) {
    Vector y[max_depth / group];
    const index_t groups = (k + group - 1) / group;
    turn_columns(k, b, ldb, y);
    for (index_t i = 0; i < m; i += rows) {
      const T* x[rows];
      for (index_t r = 0; r < rows; ++r) x[r] = a + (i + r < m ? i + r : m - 1) * lda;
      Vector sum[rows] = {};
      for (index_t q = 0; q < groups; ++q) {
#pragma GCC unroll 8
        for (index_t r = 0; r < rows; ++r) sum[r] += repeat(x[r] + q * group) * y[q];
      }
#pragma GCC unroll 2
      for (index_t s = 0; s < rows; s += group) {
        fold<group / 2>(sum + s);
        const Vector by_rows = by_terms(sum[s], Lanes{});
        Row out[group];
        std::memcpy(out, &by_rows, sizeof out);
        for (index_t r = 0; r < group && i + s + r < m; ++r) {
          auto* to = reinterpret_cast<Row*>(c + (i + s + r) * ldc);
          *to = accumulate ? *to + out[r] : out[r];
        }
      }
    }
  }

 private:
  static constexpr int lanes = 64 / static_cast<int>(sizeof(T)), group = lanes / E, rows = 8;
  static_assert(group == 4 || group == 8);
  typedef T Vector __attribute__((vector_size(64)));
  typedef T Unaligned __attribute__((vector_size(64), aligned(sizeof(T)), may_alias));
  typedef T Row __attribute__((vector_size(E * sizeof(T)), aligned(sizeof(T)), may_alias));
  using Lanes = std::make_integer_sequence<int, lanes>;

  /// y[q], lane e * group + t: B[q * group + t, e].
  static void turn_columns(index_t k, const T* b, index_t ldb, Vector* y) {
    auto* row = reinterpret_cast<Row*>(y);
    for (index_t l = 0; l < k; ++l) row[l] = *reinterpret_cast<const Row*>(b + l * ldb);
    const index_t groups = (k + group - 1) / group;
    for (index_t l = k; l < groups * group; ++l) row[l] = Row{};
    for (index_t q = 0; q < groups; ++q) y[q] = by_columns(y[q], Lanes{});
  }

  /// Masked instructions with all lanes on, because GCC 12 warns about its own header for the plain ones.
  static Vector repeat(const T* x) {
    constexpr std::size_t bytes = group * sizeof(T);
    if constexpr (bytes == 16) {
      return reinterpret_cast<Vector>(
          _mm512_maskz_broadcast_f32x4(0xffff, _mm_loadu_ps(reinterpret_cast<const float*>(x))));
    } else if constexpr (bytes == 32) {
      return reinterpret_cast<Vector>(
          _mm512_maskz_broadcast_f64x4(0xff, _mm256_loadu_pd(reinterpret_cast<const double*>(x))));
    } else {
      return *reinterpret_cast<const Unaligned*>(x);
    }
  }

  /// Lane e * group + t from lane t * E + e, and back.
  template <int... l>
  static Vector by_columns(Vector x, std::integer_sequence<int, l...>) {
    return __builtin_shufflevector(x, x, (l % group * E + l / group)...);
  }
  template <int... l>
  static Vector by_terms(Vector x, std::integer_sequence<int, l...>) {
    return __builtin_shufflevector(x, x, (l % E * group + l / E)...);
  }

  /// x[0], lane e * group + t, becomes the sum over the lanes e * group .. of x[t]; x holds 2 * width vectors.
  template <int width>
  static void fold(Vector* x) {
    for (int r = 0; r < width; ++r) x[r] = fold<width>(x[r], x[r + width], Lanes{});
    if constexpr (width > 1) fold<width / 2>(x);
  }
  template <int width, int... l>
  static Vector fold(Vector x, Vector y, std::integer_sequence<int, l...>) {
    return __builtin_shufflevector(x, y, ((l & width) != 0 ? lanes + l : l)...) +
           __builtin_shufflevector(x, y, ((l & width) != 0 ? lanes + l - width : l + width)...);
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
#endif
