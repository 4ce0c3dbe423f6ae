#pragma once
/// Local minimisation of 1/2 ||A - M||^2 over the orbit M = C B C^T by preconditioned L-BFGS of memory 1 on O(r).
#include "kernels/pavf/workspace.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

struct PavfRefineOptions {
  double decrement;    ///< stop when the predicted decrease is below this fraction of the energy
  double gradient;     ///< stop when ||G|| is below this fraction of 2 |f| / sqrt(r), which is at most ||R||
  index_t iterations;  ///< at most
};

template <class Exec, class T>
class PavfRefine {
 public:
  /// `kept`: room for the rotations that are not multiplied into C yet. No result depends on its number of slots.
  KINDRED_FN PavfRefine(PavfWorkspace<Exec, T>& workspace, T half_norms, const PavfRotations<T>& kept)
      : rotations(kept), space_(workspace), half_norms_(half_norms) {}

  /// Improves the workspace's M, and C by way of `rotations`; returns the energy.
  KINDRED_CALL T run(const PavfRefineOptions& o) {
    const T eps = sizeof(T) == sizeof(float) ? T(3e-7) : T(1e-15);
    T e = space_.energy(space_.m);
    gradient();
    Sums<T, 5> h = first();
    bool memory = false, again = false;
    converged = false;
    for (index_t it = 0; it < o.iterations; ++it, ++iterations) {
      const T f = half_norms_ - e, fa = std::abs(f) > T(0.05) ? std::abs(f) : T(0.05);
      const T scale = T(2) * fa / std::sqrt(T(space_.n));
      if (!(h[4] > T(o.gradient * o.gradient) * scale * scale)) {
        converged = true;
        break;
      }
      const bool anew = it < 3 || it % 4 == 0;
      if (anew) precondition(T(0.05) * fa / T(space_.n));
      const Sums<T, 3> p = apply(anew);
      // Two-loop recursion of memory 1 on scalars, v = P y: d = gamma (u - alpha v) + (alpha - beta) s.
      T alpha = 0, gamma = 1, beta = 0;
      if (memory) {
        alpha = h[3] / h[0];
        gamma = h[0] / p[2];
        gamma = gamma < T(0.25) ? T(0.25) : gamma > T(4) ? T(4) : gamma;
        beta = gamma * (p[1] - alpha * p[2]) / h[0];
      }
      const T slope = memory ? gamma * (p[0] - alpha * p[1]) + (alpha - beta) * h[3] : p[0];
      if (!(slope > 0)) {
        if (!memory) break;
        memory = false;
        continue;
      }
      if (it >= 3 && T(0.5) * slope < T(o.decrement) * e) {
        converged = true;
        break;
      }
      direction(memory, gamma, -gamma * alpha, alpha - beta);
      space_.multiply_symmetric(space_.step, space_.step, space_.work);
      space_.ex.sync();
      // ||s^2||_F^2 = sum of sigma^4, each singular value of the skew s twice
      const T bound = std::sqrt(std::sqrt(T(0.5) * space_.dot(space_.work, space_.work)));
      T t = bound > max_step ? max_step / bound : T(1);
      bool accepted = false;
      T trial = e;
      const T noise = T(2) * eps * (sizeof(T) == sizeof(float) ? e : std::sqrt(e));  // rounding of the energy
      for (int k = 0; k < 8 && !accepted; ++k) {
        retract(t, t * bound);
        space_.multiply(rotation(), space_.m, space_.product);
        space_.ex.sync();
        space_.multiply(space_.product, space_.transposed, space_.next);
        space_.ex.sync();
        trial = space_.energy(space_.next);
        accepted = trial <= e - T(1e-4) * t * slope + noise;
        if (!accepted) {
          const T curvature = 2 * (t * slope + trial - e), q = curvature > 0 ? t * slope / curvature : T(0.5);
          t *= q < T(0.1) ? T(0.1) : q > T(0.5) ? T(0.5) : q;
        }
      }
      if (!accepted) {
        if (!memory || again) break;
        memory = false;
        again = true;
        continue;
      }
      again = false;
      space_.swap(space_.m, space_.next);
      if (++rotations.count == rotations.slots) space_.settle(rotations, space_.c);
      e = trial;
      gradient();
      h = update(t);
      memory = h[0] > T(1e-6) * std::sqrt(h[1] * h[2]);
    }
    return e;
  }

  PavfRotations<T> rotations;
  index_t iterations = 0;
  bool converged = false;

 private:
  static constexpr T max_step = T(0.7);  ///< spectral norm of a step

  KINDRED_FN T* rotation() const { return rotations.q + rotations.count * space_.ld * space_.ld; }

  /// work = z = A^T M - M A^T, and its transpose: the gradient is G = (z - z^T) / 2. Also the diagonal of
  /// R = A^T M + M A^T.
  KINDRED_FN void gradient() {
    const T* z = space_.work;
    T* rho = space_.residual_diagonal;
    const index_t stride = space_.ld + 1;
    space_.multiply(space_.a_transposed, space_.m, space_.work);
    space_.ex.sync();
    space_.ex.for_each(space_.n, [=](index_t i) { rho[i] = z[i * stride]; });
    space_.ex.sync();
    space_.multiply_add(space_.m, space_.minus_a_transposed, space_.work);
    space_.ex.sync();
    space_.ex.transpose(space_.n, space_.n, space_.work, space_.ld, space_.transposed, space_.ld);
    space_.ex.for_each(space_.n, [=](index_t i) { rho[i] = 2 * rho[i] - z[i * stride]; });
    space_.ex.sync();
  }

  /// The first gradient; its squared norm is the last sum.
  KINDRED_FN Sums<T, 5> first() {
    const T *z = space_.work, *zt = space_.transposed;
    T* g = space_.gradient;
    const Sums<T, 1> gg = space_.ex.template sum<1>(space_.size, [=](index_t i) {
      g[i] = T(0.5) * (z[i] - zt[i]);
      return Sums<T, 1>{{g[i] * g[i]}};
    });
    return {{0, 0, 0, 0, gg[0]}};
  }

  /// After an accepted step t s: s <- t s, and with y = G_old - G the sums s y, s s, y y, s G, G G.
  KINDRED_FN Sums<T, 5> update(T t) {
    space_.swap(space_.gradient, space_.previous_gradient);
    const T *z = space_.work, *zt = space_.transposed, *past = space_.previous_gradient;
    T *g = space_.gradient, *s = space_.step;
    return space_.ex.template sum<5>(space_.size, [=](index_t i) {
      const T now = T(0.5) * (z[i] - zt[i]), step = t * s[i], y = past[i] - now;
      g[i] = now;
      s[i] = step;
      return Sums<T, 5>{{step * y, step * step, y * y, step * now, now * now}};
    });
  }

  /// The curvature h+- = -(rho_I + rho_J) + 2 (a_I m_J + m_I a_J) +- 2 (b_I n_J + n_I b_J) of blocks I, J, but at least
  /// `floor`; rho is the diagonal of R, and (a, b), (m, n) are the normal parts of A and M. Each 2x2 block x has a part
  /// that commutes with rotations in the plane and one that anticommutes. The first is divided by h+ / 2, the second by
  /// h- / 2: entry (i, j) becomes diagonal x_ij + partner x_i'j', where (i', j') is the entry it shares its parts with,
  /// diagonal = 1/h+ + 1/h-, partner = +-(1/h+ - 1/h-).
  KINDRED_FN void precondition(T floor) {
    const index_t n = space_.n, ld = space_.ld, half = space_.half, paired = space_.paired;
    T *ma = space_.m_real, *mb = space_.m_imaginary, *rho = space_.residual_diagonal;
    const T* m = space_.m;
    space_.ex.for_each(n, [=](index_t i) {
      ma[i] = m[i * ld + i];
      mb[i] = 0;
    });
    space_.ex.sync();
    space_.ex.for_each(paired, [=](index_t k) {
      const index_t l = half + k;
      const T x = T(0.5) * (ma[k] + ma[l]), q = T(0.5) * (rho[k] + rho[l]);
      const T skew = T(0.5) * (m[k * ld + l] - m[l * ld + k]);
      ma[k] = ma[l] = x;
      mb[k] = mb[l] = skew;
      rho[k] = rho[l] = q;
    });
    space_.ex.sync();
    const T *a = space_.normal, *bq = space_.normal + ld;
    const T* side = space_.side;
    T *pd = space_.diagonal_part, *po = space_.partner_part;
    space_.ex.for_each(n, ld, [=](index_t i, index_t j) {
      const T even = -(rho[i] + rho[j]) + 2 * (a[i] * ma[j] + ma[i] * a[j]), odd = 2 * (bq[i] * mb[j] + mb[i] * bq[j]);
      const T p = std::abs(even + odd), q = std::abs(even - odd);
      const T hp = p > floor ? p : floor, hm = q > floor ? q : floor, inverse = 1 / (hp * hm);
      pd[i * ld + j] = (hp + hm) * inverse;
      po[i * ld + j] = side[i] * side[j] * (hm - hp) * inverse;
    });
    space_.ex.sync();
  }

  /// Both gradients preconditioned, u = P g and P g_old; the latter is the last u unless P is new. With y = g_old - g:
  /// the sums g u, y u, y P y.
  KINDRED_FN Sums<T, 3> apply(bool anew) {
    space_.swap(space_.direction, space_.previous_direction);
    apply(space_.gradient, space_.direction);
    if (anew) apply(space_.previous_gradient, space_.previous_direction);
    space_.ex.sync();
    const T *g = space_.gradient, *past = space_.previous_gradient, *u = space_.direction,
            *upast = space_.previous_direction;
    return space_.ex.template sum<3>(space_.size, [=](index_t i) {
      const T y = past[i] - g[i];
      return Sums<T, 3>{{g[i] * u[i], y * u[i], y * (upast[i] - u[i])}};
    });
  }

  /// out = P x: the four entries of one pair of blocks at a time.
  KINDRED_FN void apply(const T* x, T* out) {
    const index_t ld = space_.ld, half = space_.half, n = space_.n;
    const T *pd = space_.diagonal_part, *po = space_.partner_part;
    space_.ex.for_each(half, half, [=](index_t i, index_t j) {
      const index_t a = i * ld + j, b = a + half, c = a + half * ld, d = c + half;
      const T xa = x[a], xb = x[b], xc = x[c], xd = x[d];
      out[a] = pd[a] * xa + po[a] * xd;
      out[b] = pd[b] * xb + po[b] * xc;
      out[c] = pd[c] * xc + po[c] * xb;
      out[d] = pd[d] * xd + po[d] * xa;
    });
    if (n % 2 != 0) {  // the last index stands alone
      const index_t last = n - 1, end = last * ld;
      space_.ex.for_each(n, [=](index_t i) { out[end + i] = pd[end + i] * x[end + i]; });
      space_.ex.for_each(last, [=](index_t i) { out[i * ld + last] = pd[i * ld + last] * x[i * ld + last]; });
    }
  }

  /// s <- cu u + cv (u_old - u) + cs s.
  KINDRED_FN void direction(bool memory, T cu, T cv, T cs) {
    const T *u = space_.direction, *upast = space_.previous_direction;
    T* s = space_.step;
    if (memory) {
      space_.ex.for_each(space_.size, [=](index_t i) { s[i] = (cu - cv) * u[i] + cv * upast[i] + cs * s[i]; });
    } else {
      space_.ex.for_each(space_.size, [=](index_t i) { s[i] = u[i]; });
    }
    space_.ex.sync();
  }

  /// rotation() = Q, transposed = Q^T; work holds s^2; theta >= ||W||_2. With W = t s skew and x^2 the eigenvalues
  /// of -W^2, a polynomial
  ///   Q = p(W^2) + W q(W^2),   Q Q^T - I = p^2 + x^2 q^2 - 1,
  /// is as orthogonal as the last term is small. Three of them, with as many products as their degree takes:
  ///   p = 1 - x^2/2,             q = 1:                          x^4 / 4
  ///   p = 1 - x^2/2,             q = 1 - x^2/8:                  x^6 / 64
  ///   p = 1 - x^2/2 + c x^4,     q = 1 - alpha x^2 + beta x^4:   beta^2 x^10,
  /// where alpha^3 - alpha/8 + 1/64 = 0, c = alpha - 1/8 and beta = (c - alpha^2) / 2 cancel x^4, x^6 and x^8.
  KINDRED_FN void retract(T t, T theta) {
    const T tolerance = sizeof(T) == sizeof(float) ? T(2e-6) : T(1e-15);
    constexpr double alpha = 0.15450849718747371, c = alpha - 0.125, beta = (c - alpha * alpha) / 2;
    const T *s = space_.step, *z = space_.work, *zz = space_.more_work, *odd_part = space_.product;
    T *u = rotation(), *v = space_.transposed, *x = space_.next;
    const index_t stride = space_.ld + 1, size = space_.size, n = space_.n;
    const T tt = t * t, half = T(0.5) * tt, x2 = theta * theta, x4 = x2 * x2;
    T error = x4 / 4;
    if (error < tolerance) {
      space_.ex.for_each(size, [=](index_t i) {
        const T even = half * z[i], odd = t * s[i];
        u[i] = even + odd;
        v[i] = even - odd;
      });
    } else if (error = x4 * x2 / 64; error < tolerance) {
      space_.multiply_symmetric(s, z, space_.product, T(-1));
      space_.ex.sync();
      const T k = tt / 8;
      space_.ex.for_each(size, [=](index_t i) {
        const T even = half * z[i], odd = t * (s[i] + k * odd_part[i]);
        u[i] = even + odd;
        v[i] = even - odd;
      });
    } else {
      space_.multiply_symmetric(z, z, space_.more_work);
      space_.ex.sync();
      const T k1 = T(alpha) * tt, k2 = T(beta) * tt * tt, k4 = T(c) * tt * tt;
      space_.ex.for_each(size, [=](index_t i) { x[i] = k1 * z[i] + k2 * zz[i]; });
      space_.ex.sync();
      space_.multiply_symmetric(s, x, space_.product, T(-1));
      space_.ex.sync();
      space_.ex.for_each(size, [=](index_t i) {
        const T even = half * z[i] + k4 * zz[i], odd = t * (s[i] + odd_part[i]);
        u[i] = even + odd;
        v[i] = even - odd;
      });
      error = T(beta * beta) * x4 * x4 * x2;
    }
    space_.ex.sync();
    space_.ex.for_each(n, [=](index_t i) {
      u[i * stride] += 1;
      v[i * stride] += 1;
    });
    space_.ex.sync();
    if (error < tolerance) return;
    for (; error > tolerance; error *= 3 * error)
      space_.orthonormalize(u);  // X^T X = I + 2 error, squared and times 3/4
    space_.ex.transpose(n, n, u, space_.ld, v, space_.ld);
    space_.ex.sync();
  }

  PavfWorkspace<Exec, T>& space_;
  const T half_norms_;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
