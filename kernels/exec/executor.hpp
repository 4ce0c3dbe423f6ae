#pragma once
/// The vocabulary in which block programs are written, and the macros that every file under kernels/ shares.
///
/// One item of a batch is one block's work. A program is
///
///     template <class T> struct Name {
///       struct Params { ... };                              // trivially copyable
///       static Scratch scratch(const Params&);              // what the item takes from ex.scratch, in order
///       static index_t width(const Params&);                // optional: elements of its widest phase, by which a
///                                                           // device chooses the threads of a block
///       template <class Exec> KINDRED_FN static void run(Exec& ex, const Params& p, index_t item);
///     };
///
/// and an executor `ex` offers, and nothing more:
///
///     ex.for_each(n, f)         f(i) for i in [0, n), any order, any thread; f may not depend on other f(i)
///     ex.for_each(r, c, f)      f(i, j) for i in [0, r), j in [0, c), likewise
///     ex.reduce(n, zero, op, f) op over f(0..n-1) in one fixed tree; the result is uniform over the block
///     ex.sum<K>(n, f)           K sums in one sweep: f(i) returns Sums<T, K>; fixed tree, uniform result
///     ex.once(f)                f() by one thread
///     ex.sync()                 what was written before it is visible after it, to the whole block
///     ex.scratch<T>(n)          n elements, 64-byte aligned, uninitialised, until the item ends
///     ex.gemm(...)              small row-major product on the block's matrices; all of the block calls it
///     ex.multiply(p, a, b, c)   the product p (a Product<T>, prepared once by ex.product) on a, b, c
///     ex.multiply(q, a, b, c, sign)  likewise a SymmetricProduct<T>, by ex.symmetric_product
///     ex.transpose(...)         at = a^T, row-major, not in place
///     ex.panel_product(...)     C += A^T B of two column panels, the core of large products
///     ex.prefetch(x, n)         a hint: x[0 .. n) will be read soon
///
/// and the same for several arrays of a stack (Members, Stack below) in one phase. What happens to one does not depend
/// on the others:
///
///     ex.for_each(members, n, f)        f(k)(i) for every member k, i in [0, n): f(k) returns the function of i
///     ex.for_each(members, r, c, f)     f(k)(i, j), likewise
///     ex.sum<K>(members, n, f, out)     the K sums over i of f(k)(i), to out[K k ...]: visible to the whole block
///     ex.multiply(members, p, a, b, c)  the product p, or q with its sign, on a[k], b[k], c[k]
///     ex.transpose(members, ...)
///
/// for_each, once, gemm, multiply and transpose do not synchronise: a phase that reads what another phase wrote is
/// preceded by sync(). reduce and sum synchronise before they return. All calls are made by the whole block (uniform
/// control flow). A value that crosses a phase lives in scratch or is uniform.
#include <kindred/types.hpp>

#include <cstddef>
#include <cstdint>

/// KINDRED_FN marks what runs on a host and on a device. KINDRED_CALL is for steps of thousands of instructions that a
/// program takes at several places. On a device such a step is a call: it has the registers to itself, and its code
/// exists once. On a host it is a call too, but everything that it calls is inlined, however long, because a call that
/// is left in a loop would keep it from being vectorised.
#if defined(__CUDACC__)
#define KINDRED_FN __host__ __device__
#define KINDRED_CALL __host__ __device__ __noinline__
#else
#define KINDRED_FN
#define KINDRED_CALL [[gnu::noinline, gnu::flatten]]
#endif

/// Everything under kernels/ lives in an inline namespace named after the instruction set it is compiled for, so
/// that builds for several targets share no symbol.
#ifndef KINDRED_TARGET
#define KINDRED_TARGET generic
#endif

namespace kindred::kernels::inline KINDRED_TARGET {

inline constexpr std::size_t scratch_alignment = 64;

/// Partial results of ex.reduce: lane l combines items l, l + reduce_lanes, ... in order; then the lanes are combined
/// in pairs, l with l + width / 2. This order is fixed, so that a result does not depend on the number of threads.
inline constexpr int reduce_lanes = 128;

/// How much scratch an item takes in all, with the alignment that ex.scratch gives each array.
struct Scratch {
  std::size_t bytes = 0;

  template <class T>
  KINDRED_FN constexpr Scratch& add(index_t n) {
    const std::size_t size = static_cast<std::size_t>(n) * sizeof(T);
    bytes += (size + scratch_alignment - 1) / scratch_alignment * scratch_alignment;
    return *this;
  }
};

/// Columns of a panel of ex.panel_product on a CPU: 24 of float64, 48 of float32; and on a device. A panel is
/// row-major, 64-byte aligned.
template <class T>
inline constexpr index_t panel_width = 192 / static_cast<index_t>(sizeof(T));
inline constexpr index_t device_panel_width = 64;

/// Which of the arrays of a stack a phase is for: at most `most` of them, in order, a byte each.
struct Members {
  static constexpr index_t most = 8;
  index_t count = 0;
  std::uint64_t packed = 0;

  /// 0, 1, ... n - 1.
  KINDRED_FN static constexpr Members first(index_t n) {
    Members all;
    for (index_t k = 0; k < n; ++k) all.push(k);
    return all;
  }
  KINDRED_FN constexpr index_t operator[](index_t q) const { return static_cast<index_t>(packed >> 8 * q & 0xff); }
  KINDRED_FN constexpr void push(index_t k) { packed |= static_cast<std::uint64_t>(k) << 8 * count++; }
};

/// Equal arrays, `step` elements apart; 0: one for all.
template <class T>
struct Stack {
  T* x = nullptr;
  index_t step = 0;

  KINDRED_FN constexpr T* operator[](index_t k) const { return x + k * step; }
};

/// op(A) in ex.gemm.
enum class Trans { no, yes };

/// The sums that ex.sum<K> accumulates.
template <class T, int K>
struct Sums {
  using type = T;
  T value[K];
  KINDRED_FN constexpr T operator[](int k) const { return value[k]; }
};

/// A product C (m x n) = A B + (accumulate ? C : 0) of row-major matrices, A m x k, with everything that an executor
/// can prepare for it. Leading dimensions are multiples of 8. Columns of B from n on and of A from k on are zero, up to
/// the next multiple of 8; those of C may be written as zero.
template <class T>
struct Product {
  index_t m, n, k, lda, ldb, ldc;
  bool accumulate;
  index_t whole;                                // columns that `kernel` takes
  void (*kernel)(const T*, const T*, T*, ...);  // of the executor; null: its general product
};

/// A product C = A B of n x n matrices with equal leading dimensions that is known to be symmetric (sign +1) or skew
/// (-1): an executor may compute one half and mirror it.
template <class T>
struct SymmetricProduct {
  static constexpr index_t strips = 10;  ///< of rows, at most
  Product<T> all;
  index_t strip;                                        ///< rows of one; all: no halves
  void (*kernel[strips])(const T*, const T*, T*, ...);  // of a strip's columns from its first row on; null: general
};

struct Plus {
  template <class T>
  KINDRED_FN constexpr T operator()(const T& a, const T& b) const {
    return a + b;
  }
};
struct Max {
  template <class T>
  KINDRED_FN constexpr T operator()(const T& a, const T& b) const {
    return a > b ? a : b;
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
