#pragma once
/// Analytic starts from the Hermitian pencils of the two operators.
#include "kernels/pavf/polar.hpp"
#include "kernels/pavf/workspace.hpp"
#include "kernels/prim/random.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// For an angle phi, S = sym A, K = skew A: H = cos(phi) S + i sin(phi) K and H' = -sin(phi) S + i cos(phi) K are
/// Hermitian. With H = U Lambda U^H, eigenvalues sorted, and X = U^H H' U of both operators, a change of basis that
/// aligns both pencils is U_A diag(d) U_B^H, where the phases |d_i| = 1 maximise Re sum_ij W_ij d_i conj(d_j),
/// W = conj(X_A) o X_B. That matrix is complex: it is multiplied by the phase that makes it as real as it can be, and
/// the start is the polar factor of its real part. If B = Q A Q^T and the eigenvalues of H are simple, that is Q
/// itself.
///
/// The starts of several angles are evaluated side by side, every phase on a stack of them: one small matrix would
/// leave most of a block of threads idle. The bits of a start do not depend on the others.
template <class Exec, class T>
class PavfStarts {
 public:
  static constexpr index_t trials = 4;  ///< random initial phase vectors, iterated side by side
  static constexpr index_t power_steps = 10, phase_steps = 20;

  /// `stack`: the most starts of one call, at most Members::most. If it is 1, the workspace's own matrices are enough.
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

  KINDRED_FN PavfStarts(PavfWorkspace<Exec, T>& workspace, index_t stack)
      : space_(workspace),
        rows_(workspace.ex.template product<T>(2 * trials, 2 * workspace.ld, workspace.n, workspace.ld,
                                               2 * workspace.ld, 2 * workspace.ld, false)) {
    Exec& ex = space_.ex;
    const index_t ld = space_.ld;
    phases_ = {ex.template scratch<T>(stack * 2 * trials * ld), 2 * trials * ld};
    coupled_ = {ex.template scratch<T>(stack * 4 * trials * ld), 4 * trials * ld};
    columns_ = ex.template scratch<T>(stack * ld);
    sums_ = ex.template scratch<T>(stack * trials);
    scalars_ = ex.template scratch<T>(stack * 2);
    if (stack > 1) matrices_ = ex.template scratch<T>(stack * matrices * ld * ld);
  }

  /// The starts of `count` pencils, each of four matrices Re U, Im U, Re X, Im X, r x ld with ld rows; `special`: with
  /// det = +1. Returns which of them are orthogonal to rounding: the polar iteration may meet a singular matrix.
  KINDRED_CALL Members run(const T* left, const T* right, const T* b, index_t count, std::uint64_t key, bool special) {
    place(count);
    const Members all = Members::first(count);
    phases(all, left, right, key);
    assemble(all, left, right);
    const Members good = PavfPolar<Exec, T>(space_, real_, more_work_, imaginary_, transposed_, sums_).run(all);
    if (special) make_rotations(good);
    residuals(good, b);
    return good;
  }

  /// What the last run found: a start, and its energy 1/2 ||A - C B C^T||^2.
  KINDRED_FN const T* start(index_t k) const { return real_[k]; }
  KINDRED_FN T energy(index_t k) const { return T(0.5) * sums_[k]; }

 private:
  static constexpr int matrices = 5;

  /// Matrices for `count` members, padding zero; for a single one those of the workspace.
  KINDRED_FN void place(index_t count) {
    const index_t step = space_.ld * space_.ld, next = matrices * step;
    Stack<T>* const stacks[matrices] = {&work_, &more_work_, &real_, &imaginary_, &transposed_};
    T* const single[matrices] = {space_.work, space_.more_work, space_.c, space_.product, space_.transposed};
    T* all = matrices_;
    for (int m = 0; m < matrices; ++m) *stacks[m] = {count == 1 ? single[m] : all + m * step, next};
    if (count == 1) return;
    space_.ex.for_each(count * next, [=](index_t i) { all[i] = 0; });
    space_.ex.sync();
  }

  /// The generalised power method on all trials of all members; moves the phases of each member's best trial to its
  /// first.
  KINDRED_FN void phases(const Members& all, const T* left, const T* right, std::uint64_t key) {
    couple(all, left, right);
    draw(all, key);
    space_.ex.sync();
    for (index_t it = 0; it < power_steps + phase_steps; ++it) {
      space_.ex.multiply(all, rows_, phases_, work_, coupled_);
      space_.ex.sync();
      advance(all, it >= power_steps, it + 1 >= power_steps);
      space_.ex.sync();
    }
    space_.ex.multiply(all, rows_, phases_, work_, coupled_);
    space_.ex.sync();
    choose(all);
    const index_t both = 2 * space_.ld * space_.ld;
    const Stack<T> w = work_;
    space_.ex.for_each(all, both, [=](index_t k) {  // two matrices again, whose padding is zero
      T* x = w[k];
      return [=](index_t i) { x[i] = 0; };
    });
    space_.ex.sync();
  }

  /// work = [Re W, Im W], n x 2 ld, with a diagonal of zeros; shifts = 0.3 ||W||_1, where |Re| + |Im| stands for the
  /// absolute value. For normal operators W is zero up to rounding, and the square of rounding may be zero exactly: the
  /// shift is at least 1e-13, so that a W below that leaves the phases as they are.
  KINDRED_FN void couple(const Members& all, const T* left, const T* right) {
    const index_t n = space_.n, ld = space_.ld, step = ld * ld, wide = 2 * ld;
    const T floor = T(1e-13);
    const Stack<T> w = work_;
    T *columns = columns_, *shifts = scalars_;
    space_.ex.for_each(all, n, ld, [=](index_t k) {
      const T *ar = left + (4 * k + 2) * step, *br = right + (4 * k + 2) * step, *ai = ar + step, *bi = br + step;
      T* x = w[k];
      return [=](index_t i, index_t j) {
        const index_t at = i * ld + j;
        x[i * wide + j] = ar[at] * br[at] + ai[at] * bi[at];
        x[i * wide + ld + j] = ar[at] * bi[at] - ai[at] * br[at];
      };
    });
    space_.ex.sync();
    space_.ex.for_each(all, n, [=](index_t k) {
      T* x = w[k];
      return [=](index_t i) { x[i * (wide + 1)] = x[i * (wide + 1) + ld] = 0; };
    });
    space_.ex.sync();
    space_.ex.for_each(all, ld, [=](index_t k) {
      const T* x = w[k];
      T* out = columns + k * ld;
      return [=](index_t j) {
        T sum = 0;
        for (index_t i = 0; i < n; ++i) sum += std::abs(x[i * wide + j]) + std::abs(x[i * wide + ld + j]);
        out[j] = sum;
      };
    });
    space_.ex.sync();
    space_.ex.for_each(all, 1, [=](index_t k) {
      const T* x = columns + k * ld;
      return [=](index_t) {
        T largest = 0;
        for (index_t j = 0; j < n; ++j) largest = x[j] > largest ? x[j] : largest;
        shifts[k] = T(0.3) * largest > floor ? T(0.3) * largest : floor;
      };
    });
  }

  /// Random points of the unit circle, each from 16 random bits: u = tan(angle / 2), and a sign.
  KINDRED_FN void draw(const Members& all, std::uint64_t key) {
    const index_t n = space_.n, ld = space_.ld, half = trials * ld;
    const Stack<T> d = phases_;
    space_.ex.for_each(all, ld, [=](index_t k) {
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

  /// d <- d W + shift d. `phase`: the entries of d have absolute value 1, and a quarter of the shift is enough. `unit`:
  /// makes their absolute values 1; otherwise d is divided by 4 shifts, which keeps it bounded.
  KINDRED_FN void advance(const Members& all, bool phase, bool unit) {
    const index_t ld = space_.ld, half = trials * ld, wide = 2 * ld;
    const Stack<T> d = phases_, dw = coupled_;
    const T* shifts = scalars_;
    space_.ex.for_each(all, trials, ld, [=](index_t k) {
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
    const index_t n = space_.n, ld = space_.ld, half = trials * ld, wide = 2 * ld;
    const Stack<T> d = phases_, dw = coupled_;
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
    space_.ex.template sum<trials>(all, n, value, values);
    space_.ex.for_each(all, n, [=](index_t k) {
      index_t best = 0;
      for (index_t t = 1; t < trials; ++t) best = values[k * trials + t] > values[k * trials + best] ? t : best;
      T* x = d[k];
      return [=](index_t j) {
        x[j] = x[best * ld + j];
        x[half + j] = x[half + best * ld + j];
      };
    });
  }

  /// real = Re (e^{i psi} F U_B^H), F = U_A diag(d); psi makes its norm as large as possible.
  KINDRED_FN void assemble(const Members& all, const T* left, const T* right) {
    const index_t n = space_.n, ld = space_.ld, step = ld * ld, size = space_.size, half = trials * ld;
    const Stack<T> fr = work_, fi = more_work_, ut = transposed_, x = real_, y = imaginary_, d = phases_;
    const Stack<const T> ur{right, 4 * step}, ui{right + step, 4 * step};
    T *sums = sums_, *turn = scalars_;
    space_.ex.for_each(all, n, n, [=](index_t k) {
      const T *re = left + 4 * k * step, *im = re + step, *dr = d[k], *di = dr + half;
      T *fre = fr[k], *fim = fi[k];
      return [=](index_t i, index_t j) {
        const index_t at = i * ld + j;
        fre[at] = re[at] * dr[j] - im[at] * di[j];
        fim[at] = re[at] * di[j] + im[at] * dr[j];
      };
    });
    space_.ex.transpose(all, n, n, ur, ld, ut, ld);
    space_.ex.sync();
    space_.multiply(all, fr, ut, x);
    space_.multiply(all, fi, ut, y);
    space_.ex.sync();
    space_.ex.transpose(all, n, n, ui, ld, ut, ld);
    space_.ex.for_each(all, size, [=](index_t k) {
      T* f = fr[k];
      return [=](index_t i) { f[i] = -f[i]; };
    });
    space_.ex.sync();
    space_.multiply_add(all, fi, ut, x);
    space_.multiply_add(all, fr, ut, y);
    space_.ex.sync();
    const auto square = [=](index_t k) {
      const T *re = x[k], *im = y[k];
      return [=](index_t i) { return Sums<T, 2>{{re[i] * re[i] - im[i] * im[i], 2 * re[i] * im[i]}}; };
    };
    space_.ex.template sum<2>(all, size, square, sums);
    space_.ex.for_each(all, 1, [=](index_t k) {
      return [=](index_t) {
        const T psi = T(-0.5) * std::atan2(sums[2 * k + 1], sums[2 * k]);
        turn[2 * k] = std::cos(psi);
        turn[2 * k + 1] = std::sin(psi);
      };
    });
    space_.ex.sync();
    space_.ex.for_each(all, size, [=](index_t k) {
      const T co = turn[2 * k], si = turn[2 * k + 1], *im = y[k];
      T* re = x[k];
      return [=](index_t i) { re[i] = co * re[i] - si * im[i]; };
    });
    space_.ex.sync();
  }

  /// Negates the first row where det < 0, found by elimination with partial pivoting.
  KINDRED_FN void make_rotations(const Members& members) {
    const index_t n = space_.n, ld = space_.ld;
    const Stack<T> x = real_, y = imaginary_;
    T* signs = scalars_;
    space_.ex.for_each(members, space_.size, [=](index_t k) {
      const T* from = x[k];
      T* to = y[k];
      return [=](index_t i) { to[i] = from[i]; };
    });
    space_.ex.sync();
    space_.ex.for_each(members, 1,
                       [=](index_t k) { return [=](index_t) { signs[k] = determinant_sign(y[k], n, ld); }; });
    space_.ex.sync();
    space_.ex.for_each(members, n, [=](index_t k) {
      const T sign = signs[k];
      T* xk = x[k];
      return [=](index_t j) { xk[j] *= sign; };
    });
    space_.ex.sync();
  }

  /// Sign of det x, by one thread; destroys x.
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

  /// sums = ||A - C B C^T||^2 of every start.
  KINDRED_FN void residuals(const Members& members, const T* b) {
    const Stack<T> x = real_, xb = imaginary_, xt = transposed_, m = work_;
    const T* a = space_.a;
    space_.multiply(members, x, Stack<const T>{b, 0}, xb);
    space_.ex.transpose(members, space_.n, space_.n, x, space_.ld, xt, space_.ld);
    space_.ex.sync();
    space_.multiply(members, xb, xt, m);
    space_.ex.sync();
    const auto square = [=](index_t k) {
      const T* mk = m[k];
      return [=](index_t i) {
        const T d = a[i] - mk[i];
        return Sums<T, 1>{{d * d}};
      };
    };
    space_.ex.template sum<1>(members, space_.size, square, sums_);
  }

  PavfWorkspace<Exec, T>& space_;
  const Product<T> rows_;
  Stack<T> phases_, coupled_;      // d and d [Re W, Im W]: a member's trials, their real and then their imaginary parts
  T *columns_, *sums_, *scalars_;  // sums of columns; sums of the current phase; what follows from them
  T* matrices_ = nullptr;          // of a stack of more than one
  Stack<T> work_, more_work_, transposed_;
  Stack<T> real_, imaginary_;  // of the matrix whose real part becomes the start
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
