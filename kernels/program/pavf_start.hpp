#pragma once
/// Analytic starts from the Hermitian pencils of the two operators.
#include "kernels/prim/random.hpp"
#include "kernels/program/pavf_block.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// For an angle phi, S = sym A, K = skew A: H = cos(phi) S + i sin(phi) K and H' = -sin(phi) S + i cos(phi) K are
/// Hermitian. With H = U Lambda U^H, eigenvalues sorted, and X = U^H H' U of both operators, a change of basis that
/// aligns both pencils is U_A diag(d) U_B^H with |d_i| = 1 maximising Re sum_ij W_ij d_i conj(d_j),
/// W = conj(X_A) o X_B. The start is the polar factor of the real part of that matrix, turned to be as real as it can.
/// Solves B = Q A Q^T exactly where the eigenvalues of H are simple.
template <class Exec, class T>
class PavfStart {
 public:
  static constexpr index_t trials = 4;  ///< random initial phase vectors, iterated side by side
  static constexpr index_t power_steps = 10, phase_steps = 20;

  static Scratch scratch(index_t r) {
    Scratch s;
    for (int k = 0; k < 3; ++k) s.add<T>(2 * trials * pavf_padded(r));
    return s;
  }

  KINDRED_FN explicit PavfStart(PavfBlock<Exec, T>& block) : b_(block) {
    d_ = b_.ex.template scratch<T>(2 * trials * b_.ld);
    p_ = b_.ex.template scratch<T>(2 * trials * b_.ld);
    q_ = b_.ex.template scratch<T>(2 * trials * b_.ld);
    rows_ = b_.ex.template product<T>(2 * trials, b_.ld, b_.n, b_.ld, b_.ld, b_.ld, false);
  }

  /// Pencils: Re U, Im U, Re X, Im X, each r x ld with ld rows apart. Leaves the start in b.c; false if it is not
  /// orthogonal to rounding (the polar iteration met a singular matrix).
  KINDRED_CALL bool run(const T* left, const T* right, std::uint64_t key) {
    const index_t step = b_.ld * b_.ld;
    const index_t best = phases(left + 2 * step, right + 2 * step, key);
    assemble(left, right, best);
    return polar(b_.c);
  }

  /// X <- its orthogonal polar factor, by scaled Newton-Schulz iterations of degree 5.
  KINDRED_FN bool polar(T* x) {
    const T eps = sizeof(T) == sizeof(float) ? T(3e-7) : T(1e-15);
    const index_t size = b_.size, n = b_.n, stride = b_.ld + 1;
    T *e = b_.w, *p = b_.tmp, *out = b_.next;
    constexpr int growth_steps = 6;
    constexpr double growth[growth_steps][3] = {{8.28721201814563, -23.595886519098837, 17.300387312530933},
                                                {4.107059111542203, -2.9478499167379106, 0.5448431082926601},
                                                {3.9486908534822946, -2.908902115962949, 0.5518191394370137},
                                                {3.3184196573706015, -2.488488024314874, 0.51004894012372},
                                                {2.300652019954817, -1.6689039845747493, 0.4188073119525673},
                                                {1.891301407787398, -1.2679958271945868, 0.37680408948524835}};
    for (int it = 0; it < 20; ++it) {
      b_.ex.transpose(n, n, x, b_.ld, b_.zt, b_.ld);
      b_.ex.sync();
      b_.multiply_symmetric(b_.zt, x, e);
      b_.ex.sync();
      if (it == 0) {  // ||X||_2 <= ||X^T X||_F^(1/2)
        const T norm = std::sqrt(b_.dot(e, e));
        if (!(norm > T(1e-30))) return false;
        const T s = T(1 / 1.02) / std::sqrt(norm), ss = s * s;
        b_.ex.for_each(size, [=](index_t i) {
          x[i] *= s;
          e[i] *= ss;
        });
        b_.ex.sync();
      }
      b_.ex.for_each(n, [=](index_t i) { e[i * stride] -= 1; });
      b_.ex.sync();
      const T ef = b_.dot(e, e);
      if (!(ef < T(1e30))) return false;
      if (ef < T(64) * eps * eps * T(n)) return true;
      // X (a + b S + c S^2), S = X^T X = I + E: the optimal composite for singular values in [1e-3, 1], then the
      // Newton-Schulz step of degree 5
      const bool grow = it < growth_steps && ef > T(0.5);
      const double ca = grow ? growth[it][0] : 1.875, cb = grow ? growth[it][1] : -1.25,
                   cc = grow ? growth[it][2] : 0.375;
      const T c0 = T(ca + cb + cc), c1 = T(cb + 2 * cc), c2 = T(cc);
      if (ef >= T(1e-4)) {
        b_.multiply_symmetric(e, e, p);
        b_.ex.sync();
        b_.ex.for_each(size, [=](index_t i) { p[i] = c1 * e[i] + c2 * p[i]; });
      } else {
        b_.ex.for_each(size, [=](index_t i) { p[i] = c1 * e[i]; });
      }
      b_.ex.sync();
      b_.ex.for_each(n, [=](index_t i) { p[i * stride] += c0; });
      b_.ex.sync();
      b_.multiply(x, p, out);
      b_.ex.sync();
      b_.ex.for_each(size, [=](index_t i) { x[i] = out[i]; });
      b_.ex.sync();
    }
    return false;
  }

 private:
  /// Generalised power method on all trials at once; returns the best trial, its phases in d.
  KINDRED_FN index_t phases(const T* xa, const T* xb, std::uint64_t key) {
    const index_t n = b_.n, ld = b_.ld, step = ld * ld, size = b_.size, all = trials * ld;
    T *wr = b_.z, *wi = b_.w, *d = d_, *p = p_, *q = q_, *row = b_.rho;
    const T *ar = xa, *ai = xa + step, *br = xb, *bi = xb + step;
    b_.ex.for_each(size, [=](index_t i) {
      wr[i] = ar[i] * br[i] + ai[i] * bi[i];
      wi[i] = ar[i] * bi[i] - ai[i] * br[i];
    });
    b_.ex.sync();
    b_.ex.for_each(n, [=](index_t i) {
      wr[i * (ld + 1)] = 0;
      wi[i * (ld + 1)] = 0;
    });
    b_.ex.for_each(all, [=](index_t i) {
      // a point of the unit circle: tan(angle / 2) = t and a sign
      const std::uint64_t bits = random_bits(key, static_cast<std::uint64_t>(i));
      const T t = T(static_cast<std::int32_t>(bits >> 32)) * T(0x1p-31), sign = (bits & 1) != 0 ? T(1) : T(-1);
      const T scale = i % ld < n ? sign / (1 + t * t) : T(0);
      d[i] = scale * (1 - t * t);
      d[all + i] = scale * 2 * t;
    });
    b_.ex.sync();
    b_.ex.for_each(n, [=](index_t i) {
      T sum = 0;
      for (index_t j = 0; j < n; ++j) sum += std::abs(wr[i * ld + j]) + std::abs(wi[i * ld + j]);
      row[i] = sum;
    });
    b_.ex.sync();
    T shift = T(0.3) * b_.ex.reduce(n, T(0), Max{}, [=](index_t i) { return row[i]; });
    if (!(shift > 0)) shift = 1;
    for (index_t it = 0; it <= power_steps + phase_steps; ++it) {
      b_.ex.multiply(rows_, d, wr, p);
      b_.ex.multiply(rows_, d, wi, q);
      b_.ex.sync();
      if (it == power_steps + phase_steps) break;
      const bool unit = it >= power_steps;
      const T keep = unit ? T(0.25) * shift : shift, scale = 1 / (4 * shift);
      b_.ex.for_each(all, [=](index_t i) {
        const T x = keep * d[i] + p[i] - q[all + i], y = keep * d[all + i] + p[all + i] + q[i];
        const T mm = x * x + y * y;
        const T f = unit || it + 1 == power_steps ? 1 / std::sqrt(mm > T(1e-30) ? mm : T(1e-30)) : scale;
        d[i] = x * f;
        d[all + i] = y * f;
      });
      b_.ex.sync();
    }
    index_t best = 0;
    T value = 0;
    for (index_t k = 0; k < trials; ++k) {
      const T* at = d + k * ld;
      const T *pk = p + k * ld, *qk = q + k * ld;
      const T sum = b_.ex.reduce(n, T(0), Plus{}, [=](index_t j) {
        return (pk[j] - qk[all + j]) * at[j] + (pk[all + j] + qk[j]) * at[all + j];
      });
      if (k == 0 || sum > value) {
        value = sum;
        best = k;
      }
    }
    return best;
  }

  /// c = Re (e^{i psi} U_A diag(d) U_B^H), psi making its norm largest.
  KINDRED_FN void assemble(const T* left, const T* right, index_t trial) {
    const index_t ld = b_.ld, n = b_.n, step = ld * ld, size = b_.size;
    const T *dr = d_ + trial * ld, *di = d_ + (trials + trial) * ld;
    const T *ur = left, *ui = left + step;
    T *fr = b_.z, *fi = b_.w, *x = b_.c, *y1 = b_.tmp, *y2 = b_.next;
    b_.ex.for_each(n, n, [=](index_t i, index_t j) {
      fr[i * ld + j] = ur[i * ld + j] * dr[j] - ui[i * ld + j] * di[j];
      fi[i * ld + j] = ur[i * ld + j] * di[j] + ui[i * ld + j] * dr[j];
    });
    b_.ex.transpose(n, n, right, ld, b_.zt, ld);
    b_.ex.sync();
    b_.multiply(fr, b_.zt, x);
    b_.multiply(fi, b_.zt, y1);
    b_.ex.sync();
    b_.ex.transpose(n, n, right + step, ld, b_.zt, ld);
    b_.ex.sync();
    b_.multiply_add(fi, b_.zt, x);
    b_.multiply(fr, b_.zt, y2);
    b_.ex.sync();
    const Sums<T, 2> s = b_.ex.template sum<2>(size, [=](index_t i) {
      const T im = y1[i] - y2[i];
      return Sums<T, 2>{{x[i] * x[i] - im * im, 2 * x[i] * im}};
    });
    const T psi = T(-0.5) * std::atan2(s[1], s[0]), co = std::cos(psi), si = std::sin(psi);
    b_.ex.for_each(size, [=](index_t i) { x[i] = co * x[i] - si * (y1[i] - y2[i]); });
    b_.ex.sync();
  }

  PavfBlock<Exec, T>& b_;
  Product<T> rows_;
  T *d_, *p_, *q_;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
