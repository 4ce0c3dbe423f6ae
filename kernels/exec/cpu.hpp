#pragma once
/// CpuExec: one thread is one block. Here are its scratch and its products; its loops are in cpu_loops.hpp.
#include "kernels/exec/cpu_loops.hpp"
#include "kernels/exec/edge_columns.hpp"
#include "kernels/exec/executor.hpp"

#include <cassert>
#include <cstring>

#if defined(KINDRED_HAVE_LIBXSMM)
#include <libxsmm.h>
#endif

namespace kindred::kernels::inline KINDRED_TARGET {

class CpuExec : public CpuLoops {
 public:
  CpuExec(std::byte* arena, std::size_t bytes) : arena_(arena), bytes_(bytes) {}

  template <class T>
  [[nodiscard]] T* scratch(index_t n) {
    T* p = reinterpret_cast<T*>(arena_ + used_);
    used_ += Scratch{}.add<T>(n).bytes;
    assert(used_ <= bytes_);
    return p;
  }

  /// Looks the kernel up once, so that multiply calls it without a search. Where only a few columns are left beyond the
  /// last whole vector, it takes the whole vectors and multiply_edge the rest.
  template <class T>
  [[nodiscard]] Product<T> product(index_t m, index_t n, index_t k, index_t lda, index_t ldb, index_t ldc,
                                   bool accumulate) {
    const index_t whole = n - edge<T>(n, k);
    return {m, n, k, lda, ldb, ldc, accumulate, whole, kernel<T>(m, whole, k, lda, ldb, ldc, accumulate)};
  }

  template <class T>
  void multiply(const Product<T>& p, const T* a, const T* b, T* c) {
    if (p.kernel != nullptr) {
      p.kernel(b, a, c);
      if (p.whole < p.n) multiply_edge(p, a, b, c);
    } else {
      blocked_product(p, a, b, c);
    }
  }

  /// In strips of 16 rows, or of more if that were over ten strips, and the edge. Up to 24 rows it is one whole
  /// product.
  template <class T>
  [[nodiscard]] SymmetricProduct<T> symmetric_product(index_t n, index_t ld) {
    SymmetricProduct<T> p{product<T>(n, n, n, ld, ld, ld, false), n, {}};
    if (n <= 24) return p;
    p.strip = 16;
    while (p.strip * SymmetricProduct<T>::strips < n) p.strip += 16;
    for (index_t s = 0; s * p.strip < p.all.whole; ++s) {
      const index_t first = s * p.strip, rows = n - first < p.strip ? n - first : p.strip;
      p.kernel[s] = kernel<T>(rows, p.all.whole - first, n, ld, ld, ld, false);
    }
    return p;
  }

  template <class T>
  void multiply(const SymmetricProduct<T>& p, const T* a, const T* b, T* c, T sign) {
    if (p.strip < p.all.n) {
      multiply_strips(p, a, b, c, sign);
    } else {
      multiply(p.all, a, b, c);
    }
  }

  template <class T, class A, class B>
  void multiply(const Members& members, const Product<T>& p, Stack<A> a, Stack<B> b, Stack<T> c) {
    for (index_t q = 0; q < members.count; ++q) multiply(p, a[members[q]], b[members[q]], c[members[q]]);
  }
  template <class T, class A, class B>
  void multiply(const Members& members, const SymmetricProduct<T>& p, Stack<A> a, Stack<B> b, Stack<T> c, T sign) {
    for (index_t q = 0; q < members.count; ++q) multiply(p, a[members[q]], b[members[q]], c[members[q]], sign);
  }

  /// at (columns x rows) = a^T (rows x columns). Where both leading dimensions are multiples of 8, whole 8 x 8 tiles
  /// are moved, so that padding with zeros becomes padding with zeros; the arrays must have room for them.
  template <class T>
  void transpose(index_t rows, index_t columns, const T* a, index_t lda, T* at, index_t ldat) {
    if (lda % tile == 0 && ldat % tile == 0) {
      for (index_t i = 0; i < rows; i += tile) {
        for (index_t j = 0; j < columns; j += tile) transpose_tile(a + i * lda + j, lda, at + j * ldat + i, ldat);
      }
    } else {
      for (index_t j = 0; j < columns; ++j) {
        for (index_t i = 0; i < rows; ++i) at[j * ldat + i] = a[i * lda + j];
      }
    }
  }

  template <class T, class A>
  void transpose(const Members& members, index_t rows, index_t columns, Stack<A> a, index_t lda, Stack<T> at,
                 index_t ldat) {
    for (index_t q = 0; q < members.count; ++q) transpose(rows, columns, a[members[q]], lda, at[members[q]], ldat);
  }

  /// C (m x n) = op(A) op(B) + beta C, row-major; beta is 0 or 1; op(A) is m x k. No aliasing.
  template <class T>
  void gemm(Trans trans_a, Trans trans_b, index_t m, index_t n, index_t k, const T* a, index_t lda, const T* b,
            index_t ldb, T beta, T* c, index_t ldc) {
    if (trans_a == Trans::no && trans_b == Trans::no) {
      if (const auto found = kernel<T>(m, n, k, lda, ldb, ldc, beta != T(0)); found != nullptr) {
        found(b, a, c);
        return;
      }
    }
    if (trans_a == Trans::no && trans_b == Trans::yes) {
      for (index_t i = 0; i < m; ++i) {
        for (index_t j = 0; j < n; ++j) {
          const T *x = a + i * lda, *y = b + j * ldb;
          T sum = 0;
#pragma omp simd reduction(+ : sum)
          for (index_t l = 0; l < k; ++l) sum += x[l] * y[l];
          c[i * ldc + j] = beta == T(0) ? sum : sum + c[i * ldc + j];
        }
      }
      return;
    }
    for (index_t i = 0; i < m; ++i) {
      T* row = c + i * ldc;
      if (beta == T(0)) std::memset(row, 0, static_cast<std::size_t>(n) * sizeof(T));
      for (index_t l = 0; l < k; ++l) {
        const T x = trans_a == Trans::no ? a[i * lda + l] : a[l * lda + i];
        if (trans_b == Trans::no) {
          const T* y = b + l * ldb;
#pragma omp simd
          for (index_t j = 0; j < n; ++j) row[j] += x * y[j];
        } else {
          for (index_t j = 0; j < n; ++j) row[j] += x * b[j * ldb + l];
        }
      }
    }
  }

  /// C[i * ldc + j] += sum over l < k of a[l * w + i] b[l * w + j], i, j < w = panel_width<T>: one fused multiply-add a
  /// term, l ascending, from zero; then one addition to C. The bits of an entry depend on its two columns alone.
  template <class T>
  void panel_product(index_t k, const T* a, const T* b, T* c, index_t ldc) {
    using Vector [[gnu::vector_size(vector_bytes)]] = T;
    using Unaligned [[gnu::vector_size(vector_bytes), gnu::aligned(alignof(T))]] = T;
    constexpr index_t w = panel_width<T>, lanes = vector_bytes / sizeof(T), rows = vector_bytes == 64 ? 8 : 4;
    constexpr int vectors = 3;
    constexpr index_t ahead = 12;  // rows of A on their way from the second-level cache
    for (index_t j = 0; j < w; j += vectors * lanes) {
      for (index_t i = 0; i < w; i += rows) {
        Vector sum[rows][vectors] = {};
        for (int r = 0; r < rows; ++r) {
          for (int v = 0; v < vectors; ++v) __builtin_prefetch(c + (i + r) * ldc + j + v * lanes, 1, 3);
        }
        for (index_t l = 0; l < k; ++l) {
          Vector y[vectors];
          __builtin_prefetch(a + (l + ahead) * w + i, 0, 3);
#pragma GCC unroll 3
          for (int v = 0; v < vectors; ++v) y[v] = *reinterpret_cast<const Vector*>(b + l * w + j + v * lanes);
#pragma GCC unroll 8
          for (int r = 0; r < rows; ++r) {
            const Vector x = a[l * w + i + r] - Vector{};
#pragma GCC unroll 3
            for (int v = 0; v < vectors; ++v) sum[r][v] += x * y[v];
          }
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 3
          for (int v = 0; v < vectors; ++v) {
            *reinterpret_cast<Unaligned*>(c + (i + r) * ldc + j + v * lanes) += sum[r][v];
          }
        }
      }
    }
  }

 private:
#if defined(__AVX512F__)
  static constexpr std::size_t vector_bytes = 64;
#elif defined(__AVX__)
  static constexpr std::size_t vector_bytes = 32;
#else
  static constexpr std::size_t vector_bytes = 16;
#endif

  static constexpr index_t tile = 8;

  template <class T>
  static void transpose_tile(const T* a, index_t lda, T* at, index_t ldat) {
    typedef T Row __attribute__((vector_size(tile * sizeof(T)), aligned(sizeof(T))));
    Row r[tile], t[tile];
    for (int i = 0; i < tile; ++i) std::memcpy(&r[i], a + i * lda, sizeof(Row));
    for (int i = 0; i < tile; i += 2) {
      t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
      t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int i = 0; i < tile; i += 4) {
      for (int h = 0; h < 2; ++h) {
        r[i + h] = __builtin_shufflevector(t[i + h], t[i + h + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + h + 2] = __builtin_shufflevector(t[i + h], t[i + h + 2], 2, 3, 10, 11, 6, 7, 14, 15);
      }
    }
    for (int h = 0; h < 4; ++h) {
      t[h] = __builtin_shufflevector(r[h], r[h + 4], 0, 1, 2, 3, 8, 9, 10, 11);
      t[h + 4] = __builtin_shufflevector(r[h], r[h + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (int i = 0; i < tile; ++i) std::memcpy(at + i * ldat, &t[i], sizeof(Row));
  }

  /// Computes of every strip the part from the diagonal to the right, and the edge, and mirrors it to the left.
  template <class T>
  [[gnu::noinline]] void multiply_strips(const SymmetricProduct<T>& p, const T* a, const T* b, T* c, T sign) {
    const index_t n = p.all.n, ld = p.all.ldc, whole = p.all.whole;
    const auto mirror = [=, this](index_t first, index_t rows) {
      transpose(first, rows, c + first, ld, c + first * ld, ld);
      if (sign < 0) {
        for_each(rows, first, [=](index_t i, index_t j) {
          T* x = c + (first + i) * ld + j;
          *x = -*x;
        });
      }
    };
    for (index_t s = 0; s * p.strip < whole; ++s) {
      const index_t first = s * p.strip, rows = n - first < p.strip ? n - first : p.strip;
      const Product<T> right{rows, whole - first, n, ld, ld, ld, false, whole - first, p.kernel[s]};
      multiply(right, a + first * ld, b + first, c + first * ld + first);
      mirror(first, rows);
    }
    if (whole < n) {
      multiply_edge(p.all, a, b, c);
      mirror(whole, n - whole);
    }
  }

#if defined(__AVX512F__) && defined(KINDRED_HAVE_LIBXSMM)
  /// Columns left beyond whole vectors, where they are few.
  template <class T>
  static index_t edge(index_t n, index_t k) {
    constexpr index_t lanes = vector_bytes / sizeof(T);
    return n > lanes && n % lanes <= lanes / 4 && k <= EdgeColumns<T, 2>::max_depth ? n % lanes : 0;
  }
  template <class T>
  [[gnu::noinline]] static void multiply_edge(const Product<T>& p, const T* a, const T* b, T* c) {
    constexpr index_t few = vector_bytes / sizeof(T) / 8;
    const T* columns = b + p.whole;
    T* out = c + p.whole;
    if (p.n - p.whole <= few) {
      EdgeColumns<T, few>::multiply(p.m, p.k, a, p.lda, columns, p.ldb, p.accumulate, out, p.ldc);
    } else {
      EdgeColumns<T, 2 * few>::multiply(p.m, p.k, a, p.lda, columns, p.ldb, p.accumulate, out, p.ldc);
    }
  }
#else
  template <class T>
  static index_t edge(index_t, index_t) {
    return 0;
  }
  template <class T>
  static void multiply_edge(const Product<T>&, const T*, const T*, T*) {}
#endif

  /// Panels of 4 rows and 16 columns held in registers.
  template <class T>
  static void blocked_product(const Product<T>& p, const T* a, const T* b, T* c) {
    constexpr index_t mr = 4, nr = 16;
    for (index_t j = 0; j < p.n; j += nr) {
      const index_t w = p.n - j < nr ? p.n - j : nr;
      for (index_t i = 0; i < p.m; i += mr) {
        const index_t h = p.m - i < mr ? p.m - i : mr;
        T acc[mr][nr] = {};
        if (w == nr && h == mr) {
          for (index_t l = 0; l < p.k; ++l) {
            const T* y = b + l * p.ldb + j;
            for (index_t r = 0; r < mr; ++r) {
              const T x = a[(i + r) * p.lda + l];
#pragma omp simd
              for (index_t s = 0; s < nr; ++s) acc[r][s] += x * y[s];
            }
          }
        } else {
          for (index_t l = 0; l < p.k; ++l) {
            for (index_t r = 0; r < h; ++r) {
              for (index_t s = 0; s < w; ++s) acc[r][s] += a[(i + r) * p.lda + l] * b[l * p.ldb + j + s];
            }
          }
        }
        for (index_t r = 0; r < h; ++r) {
          T* out = c + (i + r) * p.ldc + j;
          for (index_t s = 0; s < w; ++s) out[s] = p.accumulate ? out[s] + acc[r][s] : acc[r][s];
        }
      }
    }
  }

#if defined(KINDRED_HAVE_LIBXSMM)
  /// The one place where LIBXSMM is asked for a kernel; null where it has none. A row-major product is the column-major
  /// product of the swapped operands: call it as kernel(b, a, c).
  template <class T>
  static auto kernel(index_t m, index_t n, index_t k, index_t lda, index_t ldb, index_t ldc, bool accumulate) {
    const int x = static_cast<int>(ldb), y = static_cast<int>(lda), z = static_cast<int>(ldc);
    const int flags = LIBXSMM_GEMM_FLAG_NONE;
    const T alpha = 1, beta = accumulate ? T(1) : T(0);
    const int rows = static_cast<int>(n), columns = static_cast<int>(m), depth = static_cast<int>(k);
    if constexpr (sizeof(T) == sizeof(float)) {
      return libxsmm_smmdispatch(rows, columns, depth, &x, &y, &z, &alpha, &beta, &flags, nullptr);
    } else {
      return libxsmm_dmmdispatch(rows, columns, depth, &x, &y, &z, &alpha, &beta, &flags, nullptr);
    }
  }
#else
  template <class T>
  static auto kernel(index_t, index_t, index_t, index_t, index_t, index_t, bool) -> decltype(Product<T>::kernel) {
    return nullptr;
  }
#endif

  std::byte* arena_;
  [[maybe_unused]] std::size_t bytes_;  // of the arena; checked where assertions are
  std::size_t used_ = 0;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
