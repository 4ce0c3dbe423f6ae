#pragma once
/// What the steps of the PAVF solver share: the matrices of one pair in scratch, and the products between them.
#include "kernels/exec/executor.hpp"

#include <cmath>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Rows and leading dimension of the solver's matrices: r rounded up to whole 8 x 8 tiles. Padding is zero.
constexpr index_t pavf_padded(index_t r) { return (r + 7) / 8 * 8; }

/// Rotations Q_1, Q_2, ... of one refinement whose product with its C is not formed yet: most refinements of a search
/// end above the best one, and their C is never asked for. `slots` matrices, r x ld with ld rows, padding zero.
template <class T>
struct PavfRotations {
  T* q;
  index_t slots, count;
};

/// Workspace of one pair. All matrices are row-major, r x ld with ld = pavf_padded(r), stored with ld rows.
///
/// The basis of A is its nearest-normal one with the members of 2x2 blocks apart: block k is indices k and half + k,
/// half = r / 2; the first `paired` blocks are complex pairs [[a, b], [-b, a]], the others hold two real modes;
/// an odd r leaves the last index alone.
template <class Exec, class T>
struct PavfBlock {
  static constexpr int matrices = 17, rows = 4;
  static Scratch scratch(index_t r) {
    const index_t ld = pavf_padded(r);
    Scratch s;
    for (int k = 0; k < matrices; ++k) s.add<T>(ld * ld);
    for (int k = 0; k < rows; ++k) s.add<T>(ld);
    return s;
  }

  KINDRED_FN PavfBlock(Exec& executor, index_t r)
      : ex(executor),
        n(r),
        ld(pavf_padded(r)),
        size(r * ld),
        half(r / 2),
        set(ex.template product<T>(r, r, r, ld, ld, ld, false)),
        add(ex.template product<T>(r, r, r, ld, ld, ld, true)),
        half_set(ex.template symmetric_product<T>(r, ld)) {
    const index_t step = ld * ld;
    z = ex.template scratch<T>(2 * step);
    w = z + step;
    T* both = z;
    ex.for_each(2 * step, [=](index_t i) { both[i] = 0; });
    T** const all[matrices - 2] = {&at, &atn, &m, &c, &best, &g, &past, &s, &pd, &po, &u, &upast, &zt, &tmp, &next};
    for (T** p : all) {
      *p = ex.template scratch<T>(step);
      T* x = *p;
      ex.for_each(step, [=](index_t i) { x[i] = 0; });
    }
    T** const vectors[rows] = {&rho, &ma, &mb, &side};
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
    ex.transpose(n, n, a, ld, at, ld);
    ex.sync();
    const T* x = at;
    T* o = atn;
    ex.for_each(size, [=](index_t i) { o[i] = -x[i]; });
    ex.sync();
  }

  /// out = x y; the caller synchronises.
  KINDRED_FN void multiply(const T* x, const T* y_, T* out) {
    ex.multiply(set, x, y_, out);
    ++products;
  }
  /// Likewise where x y is known to be symmetric (sign 1) or skew (-1).
  KINDRED_FN void multiply_symmetric(const T* x, const T* y_, T* out, T sign = 1) {
    ex.multiply(half_set, x, y_, out, sign);
    ++products;
  }
  KINDRED_FN void multiply_add(const T* x, const T* y_, T* out) {
    ex.multiply(add, x, y_, out);
    ++products;
  }

  /// Likewise for members of stacks of such matrices.
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
    multiply(c, b, tmp);
    ex.transpose(n, n, c, ld, zt, ld);
    ex.sync();
    multiply(tmp, zt, m);
    ex.sync();
  }

  static Scratch rotations_scratch(index_t r, index_t slots) {
    return Scratch{}.add<T>(slots * pavf_padded(r) * pavf_padded(r));
  }
  KINDRED_FN PavfRotations<T> rotations(index_t slots) {
    const index_t step = ld * ld, used = size;
    T* q = ex.template scratch<T>(slots * step);
    ex.for_each(slots, step - used, [=](index_t k, index_t i) { q[k * step + used + i] = 0; });
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

  /// 1/2 ||A - X||^2: what the search minimises; 1 - f for operators of unit norm, without the cancellation.
  KINDRED_FN T energy(const T* x) {
    const T* l = a;
    return T(0.5) * ex.template sum<1>(size, [=](index_t i) {
      const T d = l[i] - x[i];
      return Sums<T, 1>{{d * d}};
    })[0];
  }

  /// One Newton-Schulz step towards the polar factor, X <- X (3 - X^T X) / 2; returns max |X^T X - I| before it.
  KINDRED_CALL T orthonormalize(T* x) {
    ex.transpose(n, n, x, ld, zt, ld);
    ex.sync();
    multiply_symmetric(zt, x, w);
    ex.sync();
    const T* e = w;
    const index_t stride = ld;
    const T error =
        ex.reduce(size, T(0), Max{}, [=](index_t i) { return std::abs(e[i] - (i % (stride + 1) == 0 ? T(1) : T(0))); });
    T *o = tmp, *h = w;
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
  T *at = nullptr, *atn = nullptr;   // A^T, -A^T
  T *m = nullptr, *c = nullptr;      // M = C B C^T and C
  T* best = nullptr;                 // C of the best solution so far
  T *g = nullptr, *past = nullptr;   // gradient, the one before
  T* s = nullptr;                    // the step between them
  T *pd = nullptr, *po = nullptr;    // preconditioner: diagonal and partner coefficients
  T *u = nullptr, *upast = nullptr;  // g and past preconditioned
  T *z = nullptr, *w = nullptr;      // one after the other, together also one matrix of twice the width
  T *zt = nullptr, *tmp = nullptr, *next = nullptr;
  T *rho = nullptr, *ma = nullptr, *mb = nullptr;  // diagonal of R; normal part of M
  T* side = nullptr;                               // 1 for the first member of a block, -1 for the second
  index_t products = 0;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
