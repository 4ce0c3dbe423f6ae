#pragma once
#include "kernels/prim/panels.hpp"

#include <cmath>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Euclidean distances between columns, of which there are several kinds, from below.
///
///     s = n_i + m_j,   square = s - 2 min over kinds k of <a_k[:, i], b_k[:, j]> - slack s
///     out[i, j] = max(0, sqrt(square) - loss (sqrt n_i + sqrt m_j)),   0 where square <= 0, NaN where s is NaN
///
/// Item: a group of A's panels against a group of B's; groups of B run fastest.
/// in   a, b: rows x (w panels), the first kind of each, in panels of w columns, w the executor's panel width; the next
///      kind begins a_step, b_step elements on
///      a_norms, b_norms: the squared norm of each column, which all its kinds have, then, a_columns or b_columns on,
///      their roots
/// out  out: a_count x b_count, row-major, leading dimension ld: columns a_first, ... of A against b_first, ... of B
/// Preconditions: panels 64-byte aligned.
/// Cost: 2 rows kinds flops a pair, and one pass of about ten over it; scratch: two squares of a panel's width, which a
/// pass finds in the first-level cache.
/// Accuracy: the sums are those of ex.panel_product; what rounding may have added is the caller's slack and loss. An
/// entry's bits depend on its two columns alone, and those of (j, i) of (B, A) are the same.
struct DistanceBounds {
  struct Params {
    Panels<const double> a, b;
    index_t a_step, b_step, kinds;
    const double *a_norms, *b_norms;
    index_t a_columns, b_columns;  ///< of one kind
    index_t a_first, a_count, b_first, b_count;
    index_t a_group, b_group;  ///< panels of a group
    double slack, loss;
    double* out;
    index_t ld;
  };

  static index_t items(const Params& p) {
    return groups(p.a_first, p.a_count, p.a.width, p.a_group) * groups(p.b_first, p.b_count, p.b.width, p.b_group);
  }
  static Scratch scratch(const Params& p) { return Scratch{}.add<double>(2 * p.a.width * p.a.width); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t w = p.a.width, square = w * w;
    const index_t b_groups = groups(p.b_first, p.b_count, w, p.b_group);
    const index_t a_begin = p.a_first / w + item / b_groups * p.a_group, a_panels = (p.a_first + p.a_count + w - 1) / w;
    const index_t b_begin = p.b_first / w + item % b_groups * p.b_group, b_panels = (p.b_first + p.b_count + w - 1) / w;
    double* product = ex.template scratch<double>(square);
    double* least = ex.template scratch<double>(square);
    ex.for_each(square, [=](index_t e) { product[e] = 0; });
    ex.sync();
    for (index_t j = b_begin; j < b_begin + p.b_group && j < b_panels; ++j) {
      for (index_t i = a_begin; i < a_begin + p.a_group && i < a_panels; ++i) {
        for (index_t kind = 0; kind < p.kinds; ++kind) {
          ex.panel_product(p.a.rows, p.a.at(0, i * w) + kind * p.a_step, p.b.at(0, j * w) + kind * p.b_step, product,
                           w);
          ex.sync();
          if (kind == 0) {
            ex.for_each(square, [=](index_t e) {
              least[e] = product[e];
              product[e] = 0;
            });
          } else {
            ex.for_each(square, [=](index_t e) {
              least[e] = product[e] < least[e] ? product[e] : least[e];
              product[e] = 0;
            });
          }
          ex.sync();
        }
        write(ex, p, i * w, j * w, least);
      }
    }
  }

 private:
  KINDRED_FN static index_t groups(index_t first, index_t count, index_t width, index_t group) {
    return ((first + count + width - 1) / width - first / width + group - 1) / group;
  }

  /// The bounds of the panels that begin with columns i0 and j0, as far as they are asked for.
  template <class Exec>
  KINDRED_FN static void write(Exec& ex, const Params& p, index_t i0, index_t j0, const double* least) {
    const index_t w = p.a.width, a_end = p.a_first + p.a_count, b_end = p.b_first + p.b_count;
    const index_t row = i0 < p.a_first ? p.a_first - i0 : 0, rows = (i0 + w < a_end ? w : a_end - i0) - row;
    const index_t column = j0 < p.b_first ? p.b_first - j0 : 0, columns = (j0 + w < b_end ? w : b_end - j0) - column;
    const double *n = p.a_norms + i0 + row, *m = p.b_norms + j0 + column, *n_root = n + p.a_columns,
                 *m_root = m + p.b_columns, *products = least + row * w + column;
    double* out = p.out + (i0 + row - p.a_first) * p.ld + j0 + column - p.b_first;
    const double slack = p.slack, loss = p.loss;
    const index_t ld = p.ld;
    ex.for_each(rows, columns, [=](index_t i, index_t j) {
      const double s = n[i] + m[j], squared = s - 2 * products[i * w + j] - slack * s;
      const double bound = std::sqrt(squared > 0 ? squared : 0.0) - loss * (n_root[i] + m_root[j]);
      const double positive = bound > 0 ? bound : 0.0;
      out[i * ld + j] = s == s ? positive : s;
    });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
