#pragma once
/// The orthogonal matrices nearest to the members of a stack.
#include "kernels/pavf/workspace.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// For every member X of a stack its orthogonal polar factor, the orthogonal matrix nearest to X, by scaled
/// Newton-Schulz iterations of degree 5,
///     X <- X (a + b S + c S^2),  S = X^T X,
/// with the optimal composite coefficients while singular values are far from 1. A member whose iteration has ended is
/// left alone. One that is not orthogonal after 20 steps has met a singular matrix and is given up.
/// in/out   x
/// work     gram, factor, other: stacks of the same size; sums: one value a member
/// Cost: 2 to 3 products a step, 10 to 15 steps. Source: the composite, as in Amsel, Persson, Musco and Gower 2025,
/// arXiv 2505.16932.
template <class Exec, class T>
class PavfPolar {
 public:
  KINDRED_FN PavfPolar(PavfWorkspace<Exec, T>& workspace, Stack<T> x, Stack<T> gram, Stack<T> factor, Stack<T> other,
                       T* sums)
      : space_(workspace), x_(x), gram_(gram), factor_(factor), other_(other), sums_(sums) {}

  /// Returns the members whose x is now orthogonal to rounding.
  KINDRED_FN Members run(const Members& all) {
    const T eps = sizeof(T) == sizeof(float) ? T(3e-7) : T(1e-15), enough = T(64) * eps * eps * T(space_.n);
    const index_t n = space_.n, ld = space_.ld;
    const Stack<T> e = gram_, p = factor_;
    Stack<T> x = x_, xt = other_;  // every step exchanges them
    const T* errors = sums_;
    Members on = all;
    unsigned converged = 0;
    for (int it = 0; it < 20 && on.count > 0; ++it) {
      space_.ex.transpose(on, n, n, x, ld, xt, ld);
      space_.ex.sync();
      space_.multiply_symmetric(on, xt, x, e);
      space_.ex.sync();
      if (it == 0) on = scale(on);
      shift_diagonal(on, e, [](index_t) { return T(-1); });
      space_.ex.sync();
      squares(on, e);
      const Members done = those(on, [=](index_t k) { return errors[k] < enough; });
      for (index_t q = 0; q < done.count; ++q) converged |= 1u << done[q];
      if (x.x != x_.x) copy(done, x, x_);
      on = those(on, [=](index_t k) { return errors[k] >= enough && errors[k] < T(1e30); });
      polynomial(on, it);
      space_.multiply(on, x, p, xt);
      space_.ex.sync();
      const Stack<T> last = x;
      x = xt;
      xt = last;
    }
    return those(all, [=](index_t k) { return (converged >> k & 1) != 0; });
  }

 private:
  /// x <- x / s, e = x^T x likewise, s = 1.02 ||x^T x||_F^(1/2) >= ||x||_2; returns the members that are not zero.
  KINDRED_FN Members scale(const Members& all) {
    const index_t size = space_.size;
    const Stack<T> x = x_, e = gram_;
    const T* sums = sums_;
    squares(all, e);
    const Members on = those(all, [=](index_t k) { return std::sqrt(sums[k]) > T(1e-30); });
    space_.ex.for_each(on, size, [=](index_t k) {
      const T s = T(1 / 1.02) / std::sqrt(std::sqrt(sums[k])), ss = s * s;
      T *xk = x[k], *ek = e[k];
      return [=](index_t i) {
        xk[i] *= s;
        ek[i] *= ss;
      };
    });
    space_.ex.sync();
    return on;
  }

  /// p = a + b S + c S^2, S = I + e: the optimal composite for singular values in [1e-3, 1], then the plain step of
  /// degree 5. sums = ||e||^2 of every member.
  KINDRED_FN void polynomial(const Members& on, int it) {
    constexpr int growth_steps = 6;
    constexpr double growth[growth_steps + 1][3] = {{8.28721201814563, -23.595886519098837, 17.300387312530933},
                                                    {4.107059111542203, -2.9478499167379106, 0.5448431082926601},
                                                    {3.9486908534822946, -2.908902115962949, 0.5518191394370137},
                                                    {3.3184196573706015, -2.488488024314874, 0.51004894012372},
                                                    {2.300652019954817, -1.6689039845747493, 0.4188073119525673},
                                                    {1.891301407787398, -1.2679958271945868, 0.37680408948524835},
                                                    {1.875, -1.25, 0.375}};
    const auto coefficients = [](const double* g) {
      return Sums<T, 3>{{T(g[0] + g[1] + g[2]), T(g[1] + 2 * g[2]), T(g[2])}};  // of I, e, e^2
    };
    const Sums<T, 3> grown = coefficients(growth[it < growth_steps ? it : growth_steps]);
    const Sums<T, 3> plain = coefficients(growth[growth_steps]);
    const index_t size = space_.size;
    const Stack<T> e = gram_, p = factor_;
    const T* sums = sums_;
    const Members far = those(on, [=](index_t k) { return sums[k] >= T(1e-4); });
    const Members near = those(on, [=](index_t k) { return sums[k] < T(1e-4); });
    space_.multiply_symmetric(far, e, e, p);
    space_.ex.sync();
    space_.ex.for_each(far, size, [=](index_t k) {
      const bool grow = sums[k] > T(0.5);
      const T c1 = grow ? grown[1] : plain[1], c2 = grow ? grown[2] : plain[2], *ek = e[k];
      T* pk = p[k];
      return [=](index_t i) { pk[i] = c1 * ek[i] + c2 * pk[i]; };
    });
    space_.ex.for_each(near, size, [=](index_t k) {
      const T c1 = plain[1], *ek = e[k];
      T* pk = p[k];
      return [=](index_t i) { pk[i] = c1 * ek[i]; };
    });
    space_.ex.sync();
    shift_diagonal(on, p, [=](index_t k) { return sums[k] > T(0.5) ? grown[0] : plain[0]; });
    space_.ex.sync();
  }

  /// sums = ||x||^2.
  KINDRED_FN void squares(const Members& members, Stack<T> x) {
    const auto square = [=](index_t k) {
      const T* xk = x[k];
      return [=](index_t i) { return Sums<T, 1>{{xk[i] * xk[i]}}; };
    };
    space_.ex.template sum<1>(members, space_.size, square, sums_);
  }

  KINDRED_FN void copy(const Members& members, Stack<T> from, Stack<T> to) {
    space_.ex.for_each(members, space_.size, [=](index_t k) {
      const T* x = from[k];
      T* y = to[k];
      return [=](index_t i) { y[i] = x[i]; };
    });
  }

  /// x += by(k) I.
  template <class F>
  KINDRED_FN void shift_diagonal(const Members& members, Stack<T> x, F by) {
    const index_t stride = space_.ld + 1;
    space_.ex.for_each(members, space_.n, [=](index_t k) {
      const T c = by(k);
      T* xk = x[k];
      return [=](index_t i) { xk[i * stride] += c; };
    });
  }

  /// Members for which `holds`.
  template <class F>
  KINDRED_FN static Members those(const Members& members, F holds) {
    Members out;
    for (index_t q = 0; q < members.count; ++q) {
      if (holds(members[q])) out.push(members[q]);
    }
    return out;
  }

  PavfWorkspace<Exec, T>& space_;
  const Stack<T> x_, gram_, factor_, other_;
  T* sums_;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
