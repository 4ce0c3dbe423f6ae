#pragma once
#include "kernels/program/pack_columns.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Product of two column stacks in panels.
///
///     C = A^T B,     C[i, j] = sum over rows l of A[l, i] B[l, j]
///
/// Item: all of one group of A's panels against one group of B's; groups of B run fastest.
/// in   a: rows x (w a_panels), b: rows x (w b_panels), both in panels of w columns, w the executor's panel width
///      wanted: null, or for each panel of B the number of panels of A, from the first on, whose products are wanted
/// out  c: (w a_panels) x (w b_panels), row-major, leading dimension ldc; what is not wanted is zero
/// Preconditions: panels 64-byte aligned.
/// Cost: 2 rows w^2 a_panels b_panels flops; scratch: the item's part of C. A chunk of rows of one panel of B stays in
/// the first-level cache and the same rows of a group of A in the second, into which the next rows are fetched
/// meanwhile. Sums are kept as w x w tiles, each contiguous.
/// Accuracy: sums of `chunk` terms by fused multiply-add, then of the chunks: |error| <= (chunk + rows / chunk) eps
/// |A|^T |B|. An entry's bits depend on its two columns alone, not on their places nor on the other columns;
/// C[i, j] of (A, B) and C[j, i] of (B, A) are the same bits.
template <class T>
struct CrossProduct {
  static constexpr index_t chunk = 128;

  struct Params {
    Panels<const T> a, b;
    index_t a_panels, b_panels;
    index_t group;  ///< panels of a group: many to fill the caches of a core, one to occupy many blocks of threads
    const index_t* wanted;
    T* c;
    index_t ldc;
  };

  static index_t items(const Params& p) {
    const auto groups = [&](index_t panels) { return (panels + p.group - 1) / p.group; };
    return groups(p.a_panels) * groups(p.b_panels);
  }
  static Scratch scratch(const Params& p) {
    const auto widest = [&](index_t panels) { return panels < p.group ? panels : p.group; };
    return Scratch{}.add<T>(widest(p.a_panels) * widest(p.b_panels) * p.a.width * p.a.width);
  }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t w = p.a.width, square = w * w, group = p.group;
    const index_t b_groups = (p.b_panels + group - 1) / group;
    const index_t a_first = item / b_groups * group, b_first = item % b_groups * group;
    const index_t a_count = group < p.a_panels - a_first ? group : p.a_panels - a_first;
    const index_t b_count = group < p.b_panels - b_first ? group : p.b_panels - b_first;

    T* sums = ex.template scratch<T>(a_count * b_count * square);
    ex.for_each(a_count * b_count * square, [=](index_t i) { sums[i] = T(0); });
    ex.sync();
    for (index_t l = 0; l < p.a.rows; l += chunk) {
      const index_t k = l + chunk < p.a.rows ? chunk : p.a.rows - l, next = l + chunk;
      for (index_t j = 0; j < b_count; ++j) {
        const index_t b_column = (b_first + j) * w;
        const index_t asked = p.wanted != nullptr ? p.wanted[b_first + j] - a_first : a_count;
        for (index_t i = 0; i < a_count && i < asked; ++i) {
          const index_t a_column = (a_first + i) * w;
          if (next + chunk <= p.a.rows) {
            fetch_share(ex, p.a, next, a_column, j, b_count);
            fetch_share(ex, p.b, next, b_column, i, a_count);
          }
          ex.panel_product(k, p.a.at(l, a_column), p.b.at(l, b_column), sums + (j * a_count + i) * square, w);
        }
      }
    }
    ex.sync();  // sums
    for (index_t i = 0; i < a_count; ++i) {
      for (index_t j = 0; j < b_count; ++j) {
        const T* block = sums + (j * a_count + i) * square;
        T* c = p.c + (a_first + i) * w * p.ldc + (b_first + j) * w;
        const index_t ldc = p.ldc;
        ex.for_each(w, w, [=](index_t r, index_t s) { c[r * ldc + s] = block[r * w + s]; });
      }
    }
  }

 private:
  /// Share `part` of `parts` of a chunk of one panel.
  template <class Exec>
  KINDRED_FN static void fetch_share(Exec& ex, const Panels<const T>& x, index_t row, index_t column, index_t part,
                                     index_t parts) {
    const index_t first = part * chunk / parts, last = (part + 1) * chunk / parts;
    ex.prefetch(x.at(row + first, column), (last - first) * x.width);
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
