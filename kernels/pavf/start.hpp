#pragma once
/// Analytic starts from the Hermitian pencils of the two operators.
#include "kernels/pavf/block.hpp"
#include "kernels/prim/random.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// For an angle phi, S = sym A, K = skew A: H = cos(phi) S + i sin(phi) K and H' = -sin(phi) S + i cos(phi) K are
/// Hermitian. With H = U Lambda U^H, eigenvalues sorted, and X = U^H H' U of both operators, a change of basis that
/// aligns both pencils is U_A diag(d) U_B^H with |d_i| = 1 maximising Re sum_ij W_ij d_i conj(d_j),
/// W = conj(X_A) o X_B. The start is the polar factor of the real part of that matrix, turned to be as real as it can.
/// Solves B = Q A Q^T exactly where the eigenvalues of H are simple.
///
/// Starts of several angles are evaluated side by side, every phase on a stack of them: one small matrix would leave
/// most of a block idle. The bits of a start do not depend on the others.
template <class Exec, class T>
class PavfStarts {
 public:
  static constexpr index_t trials = 4;  ///< random initial phase vectors, iterated side by side
  static constexpr index_t power_steps = 10, phase_steps = 20;

  /// `stack`: the most starts of one call, at most Members::most. A single one is evaluated in the block's own
  /// matrices.
  static Scratch scratch(index_t r, index_t stack) {
    const index_t ld = pavf_padded(r);
    Scratch s;
    s.add<T>(stack * 2 * trials * ld);
    s.add<T>(stack * 4 * trials * ld);
    s.add<T>(stack * ld);
    s.add<T>(stack * trials);
    s.add<T>(stack * 2);
    if (stack > 1) s.add<T>(stack * matrices * ld * ld);
    return s;
  }

  KINDRED_FN PavfStarts(PavfBlock<Exec, T>& block, index_t stack)
      : b_(block),
        rows_(block.ex.template product<T>(2 * trials, 2 * block.ld, block.n, block.ld, 2 * block.ld, 2 * block.ld,
                                           false)) {
    Exec& ex = b_.ex;
    const index_t ld = b_.ld;
    d_ = {ex.template scratch<T>(stack * 2 * trials * ld), 2 * trials * ld};
    dw_ = {ex.template scratch<T>(stack * 4 * trials * ld), 4 * trials * ld};
    columns_ = ex.template scratch<T>(stack * ld);
    sums_ = ex.template scratch<T>(stack * trials);
    scalars_ = ex.template scratch<T>(stack * 2);
    if (stack > 1) matrices_ = ex.template scratch<T>(stack * matrices * ld * ld);
  }

  /// The starts of `count` pencils, each Re U, Im U, Re X, Im X, r x ld with ld rows apart; `special`: with det = +1.
  /// Returns which of them are orthogonal to rounding (the polar iteration may meet a singular matrix).
  KINDRED_CALL Members run(const T* left, const T* right, const T* b, index_t count, std::uint64_t key, bool special) {
    place(count);
    const Members all = Members::first(count);
    phases(all, left, right, key);
    assemble(all, left, right);
    const Members good = polar(all);
    if (special) make_rotations(good);
    residuals(good, b);
    return good;
  }

  /// Of the last run: a start, and its energy 1/2 ||A - C B C^T||^2.
  KINDRED_FN const T* start(index_t k) const { return x_[k]; }
  KINDRED_FN T energy(index_t k) const { return T(0.5) * sums_[k]; }

 private:
  static constexpr int matrices = 5;

  /// Matrices for `count` members, padding zero: the block's for one.
  KINDRED_FN void place(index_t count) {
    const index_t step = b_.ld * b_.ld, next = matrices * step;
    Stack<T>* const stacks[matrices] = {&z_, &w_, &x_, &y_, &zt_};
    T* const single[matrices] = {b_.z, b_.w, b_.c, b_.tmp, b_.zt};
    T* all = matrices_;
    for (int m = 0; m < matrices; ++m) *stacks[m] = {count == 1 ? single[m] : all + m * step, next};
    if (count == 1) return;
    b_.ex.for_each(count * next, [=](index_t i) { all[i] = 0; });
    b_.ex.sync();
  }

  /// Generalised power method on all trials of all members; leaves the phases of the best trial as its first.
  KINDRED_FN void phases(const Members& all, const T* left, const T* right, std::uint64_t key) {
    couple(all, left, right);
    draw(all, key);
    b_.ex.sync();
    for (index_t it = 0; it < power_steps + phase_steps; ++it) {
      b_.ex.multiply(all, rows_, d_, z_, dw_);
      b_.ex.sync();
      advance(all, it >= power_steps, it + 1 >= power_steps);
      b_.ex.sync();
    }
    b_.ex.multiply(all, rows_, d_, z_, dw_);
    b_.ex.sync();
    choose(all);
    const index_t both = 2 * b_.ld * b_.ld;
    const Stack<T> w = z_;
    b_.ex.for_each(all, both, [=](index_t k) {  // two matrices again, whose padding is zero
      T* x = w[k];
      return [=](index_t i) { x[i] = 0; };
    });
    b_.ex.sync();
  }

  /// z = [Re W, Im W], n x 2 ld, diagonal zero; shifts = 0.3 ||W||_1, with |Re| + |Im| for an absolute value. Normal
  /// operators have W = 0 but for rounding, whose squares may be zero: what is below 1e-13 leaves the phases alone.
  KINDRED_FN void couple(const Members& all, const T* left, const T* right) {
    const index_t n = b_.n, ld = b_.ld, step = ld * ld, wide = 2 * ld;
    const T floor = T(1e-13);
    const Stack<T> w = z_;
    T *columns = columns_, *shifts = scalars_;
    b_.ex.for_each(all, n, ld, [=](index_t k) {
      const T *ar = left + (4 * k + 2) * step, *br = right + (4 * k + 2) * step, *ai = ar + step, *bi = br + step;
      T* x = w[k];
      return [=](index_t i, index_t j) {
        const index_t at = i * ld + j;
        x[i * wide + j] = ar[at] * br[at] + ai[at] * bi[at];
        x[i * wide + ld + j] = ar[at] * bi[at] - ai[at] * br[at];
      };
    });
    b_.ex.sync();
    b_.ex.for_each(all, n, [=](index_t k) {
      T* x = w[k];
      return [=](index_t i) { x[i * (wide + 1)] = x[i * (wide + 1) + ld] = 0; };
    });
    b_.ex.sync();
    b_.ex.for_each(all, ld, [=](index_t k) {
      const T* x = w[k];
      T* out = columns + k * ld;
      return [=](index_t j) {
        T sum = 0;
        for (index_t i = 0; i < n; ++i) sum += std::abs(x[i * wide + j]) + std::abs(x[i * wide + ld + j]);
        out[j] = sum;
      };
    });
    b_.ex.sync();
    b_.ex.for_each(all, 1, [=](index_t k) {
      const T* x = columns + k * ld;
      return [=](index_t) {
        T largest = 0;
        for (index_t j = 0; j < n; ++j) largest = x[j] > largest ? x[j] : largest;
        shifts[k] = T(0.3) * largest > floor ? T(0.3) * largest : floor;
      };
    });
  }

  /// d: points of the unit circle, each from 16 random bits: tan(angle / 2) = u and a sign.
  KINDRED_FN void draw(const Members& all, std::uint64_t key) {
    const index_t n = b_.n, ld = b_.ld, half = trials * ld;
    const Stack<T> d = d_;
    b_.ex.for_each(all, ld, [=](index_t k) {
      const std::uint64_t own = key + static_cast<std::uint64_t>(k);
      T* x = d[k];
      return [=](index_t j) {
        const std::uint64_t bits = random_bits(own, static_cast<std::uint64_t>(j));
        for (index_t t = 0; t < trials; ++t) {
          const auto h = static_cast<std::int16_t>(bits >> 16 * t);
          const T u = T(h) * T(0x1p-15), sign = (h & 1) != 0 ? T(1) : T(-1);
          const T scale = j < n ? sign / (1 + u * u) : T(0);
          x[t * ld + j] = scale * (1 - u * u);
          x[half + t * ld + j] = scale * 2 * u;
        }
      };
    });
  }

  /// d <- d W + shift d, the shift a quarter once d is of phases alone; `unit`: divided by the absolute values,
  /// otherwise by 4 shifts, which keeps it within bounds.
  KINDRED_FN void advance(const Members& all, bool phase, bool unit) {
    const index_t ld = b_.ld, half = trials * ld, wide = 2 * ld;
    const Stack<T> d = d_, dw = dw_;
    const T* shifts = scalars_;
    b_.ex.for_each(all, trials, ld, [=](index_t k) {
      const T shift = phase ? T(0.25) * shifts[k] : shifts[k], scale = 1 / (4 * shifts[k]);
      T *dr = d[k], *di = dr + half;
      const T *pr = dw[k], *pi = pr + trials * wide;
      return [=](index_t t, index_t j) {
        const index_t i = t * ld + j, re = t * wide + j, im = re + ld;
        const T x = shift * dr[i] + pr[re] - pi[im], y = shift * di[i] + pi[re] + pr[im];
        const T mm = x * x + y * y;
        const T f = unit ? 1 / std::sqrt(mm > T(1e-30) ? mm : T(1e-30)) : scale;
        dr[i] = x * f;
        di[i] = y * f;
      };
    });
  }

  /// The trial with the largest Re d W d^H becomes the first.
  KINDRED_FN void choose(const Members& all) {
    const index_t n = b_.n, ld = b_.ld, half = trials * ld, wide = 2 * ld;
    const Stack<T> d = d_, dw = dw_;
    T* values = sums_;
    const auto value = [=](index_t k) {
      const T *dr = d[k], *di = dr + half, *pr = dw[k], *pi = pr + trials * wide;
      return [=](index_t j) {
        Sums<T, trials> s;
        for (index_t t = 0; t < trials; ++t) {
          const index_t i = t * ld + j, re = t * wide + j, im = re + ld;
          s.value[t] = (pr[re] - pi[im]) * dr[i] + (pi[re] + pr[im]) * di[i];
        }
        return s;
      };
    };
    b_.ex.template sum<trials>(all, n, value, values);
    b_.ex.for_each(all, n, [=](index_t k) {
      index_t best = 0;
      for (index_t t = 1; t < trials; ++t) best = values[k * trials + t] > values[k * trials + best] ? t : best;
      T* x = d[k];
      return [=](index_t j) {
        x[j] = x[best * ld + j];
        x[half + j] = x[half + best * ld + j];
      };
    });
  }

  /// x = Re (e^{i psi} F U_B^H), F = U_A diag(d), psi making its norm largest.
  KINDRED_FN void assemble(const Members& all, const T* left, const T* right) {
    const index_t n = b_.n, ld = b_.ld, step = ld * ld, size = b_.size, half = trials * ld;
    const Stack<T> fr = z_, fi = w_, ut = zt_, x = x_, y = y_, d = d_;
    const Stack<const T> ur{right, 4 * step}, ui{right + step, 4 * step};
    T *sums = sums_, *turn = scalars_;
    b_.ex.for_each(all, n, n, [=](index_t k) {
      const T *re = left + 4 * k * step, *im = re + step, *dr = d[k], *di = dr + half;
      T *fre = fr[k], *fim = fi[k];
      return [=](index_t i, index_t j) {
        const index_t at = i * ld + j;
        fre[at] = re[at] * dr[j] - im[at] * di[j];
        fim[at] = re[at] * di[j] + im[at] * dr[j];
      };
    });
    b_.ex.transpose(all, n, n, ur, ld, ut, ld);
    b_.ex.sync();
    b_.multiply(all, fr, ut, x);
    b_.multiply(all, fi, ut, y);
    b_.ex.sync();
    b_.ex.transpose(all, n, n, ui, ld, ut, ld);
    b_.ex.for_each(all, size, [=](index_t k) {
      T* f = fr[k];
      return [=](index_t i) { f[i] = -f[i]; };
    });
    b_.ex.sync();
    b_.multiply_add(all, fi, ut, x);
    b_.multiply_add(all, fr, ut, y);
    b_.ex.sync();
    const auto square = [=](index_t k) {
      const T *re = x[k], *im = y[k];
      return [=](index_t i) { return Sums<T, 2>{{re[i] * re[i] - im[i] * im[i], 2 * re[i] * im[i]}}; };
    };
    b_.ex.template sum<2>(all, size, square, sums);
    b_.ex.for_each(all, 1, [=](index_t k) {
      return [=](index_t) {
        const T psi = T(-0.5) * std::atan2(sums[2 * k + 1], sums[2 * k]);
        turn[2 * k] = std::cos(psi);
        turn[2 * k + 1] = std::sin(psi);
      };
    });
    b_.ex.sync();
    b_.ex.for_each(all, size, [=](index_t k) {
      const T co = turn[2 * k], si = turn[2 * k + 1], *im = y[k];
      T* re = x[k];
      return [=](index_t i) { re[i] = co * re[i] - si * im[i]; };
    });
    b_.ex.sync();
  }

  /// x <- its orthogonal polar factor, by scaled Newton-Schulz iterations of degree 5. A member whose iteration has
  /// ended is left alone; returns those that are orthogonal.
  KINDRED_FN Members polar(const Members& all) {
    const T eps = sizeof(T) == sizeof(float) ? T(3e-7) : T(1e-15), enough = T(64) * eps * eps * T(b_.n);
    const index_t n = b_.n, ld = b_.ld;
    const Stack<T> e = w_, p = y_;
    Stack<T> x = x_, xt = zt_;  // exchanged by every step
    const T* errors = sums_;
    Members on = all;
    unsigned converged = 0;
    for (int it = 0; it < 20 && on.count > 0; ++it) {
      b_.ex.transpose(on, n, n, x, ld, xt, ld);
      b_.ex.sync();
      b_.multiply_symmetric(on, xt, x, e);
      b_.ex.sync();
      if (it == 0) on = scale(on);
      shift_diagonal(on, e, [](index_t) { return T(-1); });
      b_.ex.sync();
      squares(on, e);
      const Members done = those(on, [=](index_t k) { return errors[k] < enough; });
      for (index_t q = 0; q < done.count; ++q) converged |= 1u << done[q];
      if (x.x != x_.x) copy(done, x, x_);
      on = those(on, [=](index_t k) { return errors[k] >= enough && errors[k] < T(1e30); });
      factor(on, it);
      b_.multiply(on, x, p, xt);
      b_.ex.sync();
      const Stack<T> last = x;
      x = xt;
      xt = last;
    }
    return those(all, [=](index_t k) { return (converged >> k & 1) != 0; });
  }

  /// x <- x / s, e = x^T x likewise, s = 1.02 ||x^T x||_F^(1/2) >= ||x||_2; returns the members that are not zero.
  KINDRED_FN Members scale(const Members& all) {
    const index_t size = b_.size;
    const Stack<T> x = x_, e = w_;
    const T* sums = sums_;
    squares(all, e);
    const Members on = those(all, [=](index_t k) { return std::sqrt(sums[k]) > T(1e-30); });
    b_.ex.for_each(on, size, [=](index_t k) {
      const T s = T(1 / 1.02) / std::sqrt(std::sqrt(sums[k])), ss = s * s;
      T *xk = x[k], *ek = e[k];
      return [=](index_t i) {
        xk[i] *= s;
        ek[i] *= ss;
      };
    });
    b_.ex.sync();
    return on;
  }

  /// p = a + b S + c S^2, S = I + e = X^T X, by which X is multiplied: the optimal composite for singular values in
  /// [1e-3, 1], then the Newton-Schulz step of degree 5. sums = ||e||^2.
  KINDRED_FN void factor(const Members& on, int it) {
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
    const index_t size = b_.size;
    const Stack<T> e = w_, p = y_;
    const T* sums = sums_;
    const Members far = those(on, [=](index_t k) { return sums[k] >= T(1e-4); });
    const Members near = those(on, [=](index_t k) { return sums[k] < T(1e-4); });
    b_.multiply_symmetric(far, e, e, p);
    b_.ex.sync();
    b_.ex.for_each(far, size, [=](index_t k) {
      const bool grow = sums[k] > T(0.5);
      const T c1 = grow ? grown[1] : plain[1], c2 = grow ? grown[2] : plain[2], *ek = e[k];
      T* pk = p[k];
      return [=](index_t i) { pk[i] = c1 * ek[i] + c2 * pk[i]; };
    });
    b_.ex.for_each(near, size, [=](index_t k) {
      const T c1 = plain[1], *ek = e[k];
      T* pk = p[k];
      return [=](index_t i) { pk[i] = c1 * ek[i]; };
    });
    b_.ex.sync();
    shift_diagonal(on, p, [=](index_t k) { return sums[k] > T(0.5) ? grown[0] : plain[0]; });
    b_.ex.sync();
  }

  /// Negates the first row where det < 0, found by elimination with partial pivoting.
  KINDRED_FN void make_rotations(const Members& members) {
    const index_t n = b_.n, ld = b_.ld;
    const Stack<T> x = x_, y = y_;
    T* signs = scalars_;
    copy(members, x, y);
    b_.ex.sync();
    b_.ex.for_each(members, 1, [=](index_t k) { return [=](index_t) { signs[k] = determinant_sign(y[k], n, ld); }; });
    b_.ex.sync();
    b_.ex.for_each(members, n, [=](index_t k) {
      const T sign = signs[k];
      T* xk = x[k];
      return [=](index_t j) { xk[j] *= sign; };
    });
    b_.ex.sync();
  }

  /// By one thread, in place.
  KINDRED_FN static T determinant_sign(T* x, index_t n, index_t ld) {
    T sign = 1;
    for (index_t k = 0; k < n; ++k) {
      index_t p = k;
      for (index_t i = k + 1; i < n; ++i) p = std::abs(x[i * ld + k]) > std::abs(x[p * ld + k]) ? i : p;
      if (p != k) sign = -sign;
      const T pivot = x[p * ld + k];
      sign = pivot < 0 ? -sign : sign;
      for (index_t j = k; j < n; ++j) {
        const T t = x[p * ld + j];
        x[p * ld + j] = x[k * ld + j];
        x[k * ld + j] = t;
      }
      for (index_t i = k + 1; i < n; ++i) {
        const T f = x[i * ld + k] / pivot;
        for (index_t j = k; j < n; ++j) x[i * ld + j] -= f * x[k * ld + j];
      }
    }
    return sign;
  }

  /// sums = ||A - X B X^T||^2.
  KINDRED_FN void residuals(const Members& members, const T* b) {
    const Stack<T> x = x_, xb = y_, xt = zt_, m = z_;
    const T* a = b_.a;
    b_.multiply(members, x, Stack<const T>{b, 0}, xb);
    b_.ex.transpose(members, b_.n, b_.n, x, b_.ld, xt, b_.ld);
    b_.ex.sync();
    b_.multiply(members, xb, xt, m);
    b_.ex.sync();
    const auto square = [=](index_t k) {
      const T* mk = m[k];
      return [=](index_t i) {
        const T d = a[i] - mk[i];
        return Sums<T, 1>{{d * d}};
      };
    };
    b_.ex.template sum<1>(members, b_.size, square, sums_);
  }

  /// sums = ||x||^2.
  KINDRED_FN void squares(const Members& members, Stack<T> x) {
    const auto square = [=](index_t k) {
      const T* xk = x[k];
      return [=](index_t i) { return Sums<T, 1>{{xk[i] * xk[i]}}; };
    };
    b_.ex.template sum<1>(members, b_.size, square, sums_);
  }

  KINDRED_FN void copy(const Members& members, Stack<T> from, Stack<T> to) {
    b_.ex.for_each(members, b_.size, [=](index_t k) {
      const T* x = from[k];
      T* y = to[k];
      return [=](index_t i) { y[i] = x[i]; };
    });
  }

  /// x += by(k) I.
  template <class F>
  KINDRED_FN void shift_diagonal(const Members& members, Stack<T> x, F by) {
    const index_t stride = b_.ld + 1;
    b_.ex.for_each(members, b_.n, [=](index_t k) {
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

  PavfBlock<Exec, T>& b_;
  const Product<T> rows_;
  Stack<T> d_, dw_;                // a member's trials, real then imaginary parts; d [Re W, Im W]
  T *columns_, *sums_, *scalars_;  // sums of columns; sums of a phase; what follows from them
  T* matrices_ = nullptr;
  Stack<T> z_, w_, x_, y_, zt_;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
