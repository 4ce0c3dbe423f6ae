#pragma once
#include "kernels/program/pack_columns.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Product of two column stacks in panels.
///
///     C = A^T B,     C[i, j] = sum over rows l of A[l, i] B[l, j]
///
/// Item: all of one group of `group` panels of A against one group of B; groups of B run fastest.
/// in   a: rows x (w a_panels), b: rows x (w b_panels), both in panels of w = panel_width<T> columns
///      wanted: null, or for each panel of B the number of leading panels of A whose products are wanted
/// out  c: (w a_panels) x (w b_panels), row-major, leading dimension ldc; what is not wanted is zero
/// Preconditions: panels 64-byte aligned.
/// Cost: 2 rows w^2 a_panels b_panels flops. A chunk of rows of one panel of B stays in the first-level cache, the same
/// rows of a group of A in the second; no scratch.
/// Accuracy: sums of `chunk` terms by fused multiply-add, then of the chunks: |error| <= (chunk + rows / chunk) eps
/// |A|^T |B|. An entry's bits depend on its two columns alone, not on their places nor on the other columns;
/// C[i, j] of (A, B) and C[j, i] of (B, A) are the same bits.
template <class T>
struct CrossProduct {
  static constexpr index_t chunk = 192;
  static constexpr index_t group = 21;

  struct Params {
    Panels<const T> a, b;
    index_t a_panels, b_panels;
    const index_t* wanted;
    T* c;
    index_t ldc;
  };

  static Scratch scratch(const Params&) { return {}; }
  static index_t groups(index_t panels) { return (panels + group - 1) / group; }
  static index_t items(const Params& p) { return groups(p.a_panels) * groups(p.b_panels); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    constexpr index_t w = panel_width<T>;
    const index_t b_groups = (p.b_panels + group - 1) / group;
    const index_t a_first = item / b_groups * group, b_first = item % b_groups * group;
    const index_t a_end = a_first + group < p.a_panels ? a_first + group : p.a_panels;
    const index_t b_end = b_first + group < p.b_panels ? b_first + group : p.b_panels;

    for (index_t i = a_first * w; i < a_end * w; ++i) {
      T* row = p.c + i * p.ldc + b_first * w;
      ex.for_each((b_end - b_first) * w, [=](index_t j) { row[j] = T(0); });
    }
    ex.sync();
    for (index_t l = 0; l < p.a.rows; l += chunk) {
      const index_t k = l + chunk < p.a.rows ? chunk : p.a.rows - l;
      for (index_t j = b_first; j < b_end; ++j) {
        const index_t end = p.wanted != nullptr && p.wanted[j] < a_end ? p.wanted[j] : a_end;
        for (index_t i = a_first; i < end; ++i) {
          ex.panel_product(k, p.a.at(l, i * w), p.b.at(l, j * w), p.c + i * w * p.ldc + j * w, p.ldc);
        }
      }
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
