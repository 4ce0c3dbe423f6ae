#pragma once
/// What the steps of the PAVF solver share: the matrices of one pair in scratch, and the products between them.
///
/// The search for the best change of basis C of a pair of operators A, B, in the words of this folder:
///   pencil   the Hermitian matrices cos(phi) S +- i sin(phi) K of one operator, S its symmetric and K its skew part;
///            six angles phi are prepared per system. One pencil of A and the same of B give one start
///   start    a first C, to be refined: one from each pencil, and one that aligns the normal parts of A and B
///   draw     one round of starts; the pencils' starts of each draw come from other random phases
///   kick     a random change of the best C so far, from which a refinement goes on: rotations in a few random planes
///   plane    two indices of A's basis, in which a kick turns C
///   hit      a kick whose refinement ends at the best minimum again; enough hits end the search
///   stack    starts evaluated side by side, because one small matrix leaves most of a block of threads idle
///   slots    room for rotations of a refinement that are multiplied into C only if that minimum is the best
/// bench/PAVF_NOTES.md has what was tried and measured.
#include "kernels/exec/executor.hpp"

#include <cmath>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Rows and leading dimension of the solver's matrices: r rounded up to whole 8 x 8 tiles. Padding is zero.
constexpr index_t pavf_padded(index_t r) { return (r + 7) / 8 * 8; }

/// Rotations Q_1, Q_2, ... of one refinement that are not multiplied into its C yet: most refinements of a search end
/// above the best one, and nobody asks for their C. `slots` matrices, r x ld with ld rows, padding zero.
template <class T>
struct PavfRotations {
  T* q;
  index_t slots, count;
};

/// Workspace of one pair. All matrices are row-major, r x ld with ld = pavf_padded(r), stored with ld rows.
///
/// The basis of A is its nearest-normal one. The two members of a 2x2 block do not stand side by side: block k is
/// indices k and half + k, half = r / 2. The first `paired` blocks are complex pairs [[a, b], [-b, a]], the others hold
/// two real modes each; if r is odd, the last index stands alone.
template <class Exec, class T>
struct PavfWorkspace {
  static constexpr int matrices = 17, rows = 4;
  static Scratch scratch(index_t r) {
    const index_t ld = pavf_padded(r);
    Scratch s;
    for (int k = 0; k < matrices; ++k) s.add<T>(ld * ld);
    for (int k = 0; k < rows; ++k) s.add<T>(ld);
    return s;
  }

  KINDRED_FN PavfWorkspace(Exec& executor, index_t r)
      : ex(executor),
        n(r),
        ld(pavf_padded(r)),
        size(r * ld),
        half(r / 2),
        set(ex.template product<T>(r, r, r, ld, ld, ld, false)),
        add(ex.template product<T>(r, r, r, ld, ld, ld, true)),
        half_set(ex.template symmetric_product<T>(r, ld)) {
    const index_t area = ld * ld;
    work = ex.template scratch<T>(2 * area);
    more_work = work + area;
    T* both = work;
    ex.for_each(2 * area, [=](index_t i) { both[i] = 0; });
    // in the order of their worth: what is taken first is in shared memory
    T** const all[matrices - 2] = {&a_transposed,
                                   &minus_a_transposed,
                                   &m,
                                   &c,
                                   &best,
                                   &gradient,
                                   &previous_gradient,
                                   &step,
                                   &diagonal_part,
                                   &partner_part,
                                   &direction,
                                   &previous_direction,
                                   &transposed,
                                   &product,
                                   &next};
    for (T** p : all) {
      *p = ex.template scratch<T>(area);
      T* x = *p;
      ex.for_each(area, [=](index_t i) { x[i] = 0; });
    }
    T** const vectors[rows] = {&residual_diagonal, &m_real, &m_imaginary, &side};
    for (T** p : vectors) {
      *p = ex.template scratch<T>(ld);
      T* x = *p;
      ex.for_each(ld, [=](index_t i) { x[i] = 0; });
    }
    T* x = side;
    const index_t h = half;
    ex.sync();
    ex.for_each(n, [=](index_t i) { x[i] = i < h ? T(1) : T(-1); });
    ex.sync();
  }

  /// Sets the left operator (r x ld) and its normal part: a then b, ld each, per index.
  KINDRED_FN void set_left(const T* op, const T* normal_part, index_t complex_pairs) {
    a = op;
    normal = normal_part;
    paired = complex_pairs;
    ex.transpose(n, n, a, ld, a_transposed, ld);
    ex.sync();
    const T* x = a_transposed;
    T* o = minus_a_transposed;
    ex.for_each(size, [=](index_t i) { o[i] = -x[i]; });
    ex.sync();
  }

  /// out = x y. The caller synchronises before and after.
  KINDRED_FN void multiply(const T* x, const T* y_, T* out) {
    ex.multiply(set, x, y_, out);
    ++products;
  }
  /// The same where x y is known to be symmetric (sign 1) or skew (-1).
  KINDRED_FN void multiply_symmetric(const T* x, const T* y_, T* out, T sign = 1) {
    ex.multiply(half_set, x, y_, out, sign);
    ++products;
  }
  /// out += x y.
  KINDRED_FN void multiply_add(const T* x, const T* y_, T* out) {
    ex.multiply(add, x, y_, out);
    ++products;
  }

  /// The same products for members of stacks of such matrices.
  template <class X, class Y>
  KINDRED_FN void multiply(const Members& members, Stack<X> x, Stack<Y> y_, Stack<T> out) {
    ex.multiply(members, set, x, y_, out);
    products += members.count;
  }
  template <class X, class Y>
  KINDRED_FN void multiply_symmetric(const Members& members, Stack<X> x, Stack<Y> y_, Stack<T> out) {
    ex.multiply(members, half_set, x, y_, out, T(1));
    products += members.count;
  }
  template <class X, class Y>
  KINDRED_FN void multiply_add(const Members& members, Stack<X> x, Stack<Y> y_, Stack<T> out) {
    ex.multiply(members, add, x, y_, out);
    products += members.count;
  }

  /// M = C B C^T.
  KINDRED_FN void conjugate(const T* b) {
    multiply(c, b, product);
    ex.transpose(n, n, c, ld, transposed, ld);
    ex.sync();
    multiply(product, transposed, m);
    ex.sync();
  }

  static Scratch rotations_scratch(index_t r, index_t slots) {
    return Scratch{}.add<T>(slots * pavf_padded(r) * pavf_padded(r));
  }
  KINDRED_FN PavfRotations<T> rotations(index_t slots) {
    const index_t area = ld * ld, used = size;
    T* q = ex.template scratch<T>(slots * area);
    ex.for_each(slots, area - used, [=](index_t k, index_t i) { q[k * area + used + i] = 0; });
    ex.sync();
    return {q, slots, 0};
  }

  /// x <- Q_count ... Q_1 x.
  KINDRED_FN void settle(PavfRotations<T>& rotations, T*& x) {
    for (index_t k = 0; k < rotations.count; ++k) {
      multiply(rotations.q + k * ld * ld, x, next);
      ex.sync();
      swap(x, next);
    }
    rotations.count = 0;
  }

  KINDRED_FN static void swap(T*& x, T*& y) {
    T* t = x;
    x = y;
    y = t;
  }

  /// <x, y> over whole matrices.
  KINDRED_FN T dot(const T* x, const T* y_) {
    return ex.template sum<1>(size, [=](index_t i) { return Sums<T, 1>{{x[i] * y_[i]}}; })[0];
  }

  /// 1/2 ||A - X||^2, which the search minimises. For operators of unit norm it is 1 - <A, X>, but without the
  /// cancellation of that difference.
  KINDRED_FN T energy(const T* x) {
    const T* l = a;
    return T(0.5) * ex.template sum<1>(size, [=](index_t i) {
      const T d = l[i] - x[i];
      return Sums<T, 1>{{d * d}};
    })[0];
  }

  /// One Newton-Schulz step towards the polar factor, X <- X (3 - X^T X) / 2; returns max |X^T X - I| before it.
  KINDRED_CALL T orthonormalize(T* x) {
    ex.transpose(n, n, x, ld, transposed, ld);
    ex.sync();
    multiply_symmetric(transposed, x, more_work);
    ex.sync();
    const T* e = more_work;
    const index_t stride = ld;
    const T error =
        ex.reduce(size, T(0), Max{}, [=](index_t i) { return std::abs(e[i] - (i % (stride + 1) == 0 ? T(1) : T(0))); });
    T *o = product, *h = more_work;
    ex.for_each(size, [=](index_t i) {
      o[i] = T(1.5) * x[i];
      h[i] = T(-0.5) * e[i];
    });
    ex.sync();
    multiply_add(x, h, o);
    ex.sync();
    ex.for_each(size, [=](index_t i) { x[i] = o[i]; });
    ex.sync();
    return error;
  }

  Exec& ex;
  const index_t n, ld, size, half;
  const Product<T> set, add;
  const SymmetricProduct<T> half_set;
  index_t paired = 0;
  const T *a = nullptr, *normal = nullptr;
  T *a_transposed = nullptr, *minus_a_transposed = nullptr;  // A^T, -A^T
  T *m = nullptr, *c = nullptr;                              // M = C B C^T and C
  T* best = nullptr;                                         // C of the best minimum so far
  T *gradient = nullptr, *previous_gradient = nullptr;       // G and the one before it
  T* step = nullptr;                                         // the step between them
  T *diagonal_part = nullptr, *partner_part = nullptr;  // preconditioner: what an entry gets of itself, of its partner
  T *direction = nullptr, *previous_direction = nullptr;  // both gradients, preconditioned
  T *work = nullptr, *more_work = nullptr;                // one behind the other: also one matrix of twice the width
  T *transposed = nullptr, *product = nullptr, *next = nullptr;
  T* residual_diagonal = nullptr;               // of R = A^T M + M A^T
  T *m_real = nullptr, *m_imaginary = nullptr;  // normal part of M: a and b per index
  T* side = nullptr;                            // 1 for the first member of a block, -1 for the second
  index_t products = 0;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
