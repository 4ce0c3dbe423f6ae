#pragma once
/// Proof of optimality of a stationary alignment.
#include "kernels/pavf/workspace.hpp"
#include "kernels/prim/random.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// The certificate's own names for matrices of the workspace whose contents a search no longer needs. A, A^T and M keep
/// theirs, and so do work, more_work, transposed, product and next, which hold nothing between two steps.
template <class Exec>
struct PavfCertificateMatrices {
  PavfWorkspace<Exec, double>& space;

  KINDRED_FN double* p1() const { return space.diagonal_part; }  ///< multipliers
  KINDRED_FN double* p2() const { return space.partner_part; }
  KINDRED_FN double* best_p1() const { return space.minus_a_transposed; }  ///< of the best split so far
  KINDRED_FN double* m_transposed() const { return space.previous_direction; }
  KINDRED_FN double* vector() const { return space.direction; }  ///< of Lanczos: q, the one before, the next
  KINDRED_FN double* previous_vector() const { return space.step; }
  KINDRED_FN double* next_vector() const { return space.previous_gradient; }
  KINDRED_FN double* first_vector() const { return space.best; }
  KINDRED_FN double* ritz_vector() const { return space.gradient; }  ///< Z
};

/// For C, M = C B C^T, and any symmetric P1 + P2 = P = sym(A M^T + A^T M) the operator
///     T(Z) = P1 Z + Z P2 - A Z M^T - A^T Z M
/// on r x r matrices gives f(Q C) = f(C) - <Q, T(Q)> / 2 for every orthogonal Q (<Q, P1 Q> + <Q, Q P2> = tr P), so that
/// no C is better by more than (r / 2) max(0, -lambda_min(T)). P1 and P2 are the multipliers of Q Q^T = I and
/// Q^T Q = I. With
///     P1, P2 = P / 2 +- D,  D = (A A^T + A^T A - M M^T - M^T M) / 4,  E = A - M,  N = (E E^T + E^T E) / 4,
///     <Z, T(Z)> = (||A Z - Z M||^2 + ||A^T Z - Z M^T||^2) / 2 - <Z, N Z + Z N>,
/// which is negative to second order in the residual E alone; an even split (D = 0) to first order.
/// Where lambda_min is negative, D takes Polyak's subgradient steps towards a positive one.
/// At a stationary C, T(I) = 0: the identity is split off, and the gradient couples it to the rest.
///
/// lambda_min by Lanczos from a random start b of unit norm, with coefficients alpha_j, beta_j. In its basis q_j an
/// eigenvector v of an eigenvalue x has the components <v, q_j> = p_j(x) <v, b>, p_j the orthonormal polynomials
///     beta_j p_{j+1} = (x - alpha_j) p_j - beta_{j-1} p_{j-1},  p_0 = 1,
/// whose sizes grow as x falls below all Ritz values; the components' squares sum to at most 1. So x is no
/// eigenvalue unless |<v, b>|^2 sum_j p_j(x)^2 <= 1. For b = X / ||X||, X uniform in the cube [-1/2, 1/2]^(r^2), the
/// density of <v, X> is at most sqrt 2 and ||X|| <= r / 2: that has a probability of at most
/// sqrt 2 r / sqrt(sum_j p_j(x)^2). A draw's bound is the largest x for which this is below `doubt`; that of two draws,
/// the lower one, fails with a probability of doubt^2 < 1e-9.
///
/// A subgradient step aims at a level above the best eigenvalue so far. Its Ritz pair starts from the last one, and a
/// residual of 20 % is good enough. If ten steps together do not bring the best eigenvalue a tenth nearer to zero, they
/// are the last.
/// Cost: 6 products of r x r matrices a Lanczos step, of which a draw takes 30 (r = 5) to 150 (r = 20, 50), at most
/// `steps`, and each of at most `rounds` subgradient steps 60 to 140; float64.
/// Source: strong duality of the orthogonal Procrustes relaxation with both constraints, Anstreicher and Wolkowicz
/// 2000, doi 10.1137/S0895479898340299; the step, Polyak 1969, doi 10.1016/0041-5553(69)90061-5; sections of the cube,
/// Ball 1986, doi 10.1090/S0002-9939-1986-0840631-0.
template <class Exec>
class PavfCertificate {
 public:
  static constexpr index_t steps = 640, check = 8;
  static constexpr index_t rounds = 60, round_rows = 1200, span = 10;
  static constexpr double doubt = 3e-5, rounding = 2.3e-16;  // the latter of one operation, rounded up

  static Scratch scratch() {
    Scratch s;
    for (int k = 0; k < 5; ++k) s.add<double>(steps);
    return s.add<double>(3);
  }

  KINDRED_FN PavfCertificate(PavfWorkspace<Exec, double>& workspace, std::uint64_t key)
      : space_(workspace), matrices_{workspace}, key_(key) {
    alpha_ = space_.ex.template scratch<double>(steps);
    beta_ = space_.ex.template scratch<double>(steps);
    x_ = space_.ex.template scratch<double>(steps);
    d_ = space_.ex.template scratch<double>(steps);
    l_ = space_.ex.template scratch<double>(steps);
    result_ = space_.ex.template scratch<double>(3);
  }

  /// Upper bound of f(any C) - f(C) for the C, and M = C B C^T, that are in the workspace.
  KINDRED_CALL double gap() {
    const double gradient = prepare(), n = static_cast<double>(space_.n);
    double low = lower_bound();
    if (!(low > 0)) low = raise(low);
    // T >= [[0, -c], [-c, mu]] in the splitting (identity, rest), c = ||T(I)|| / ||I||
    const double c = gradient / std::sqrt(n), mu = low;
    const double root = std::sqrt(mu * mu + 4 * c * c), lowest = mu > 0 ? -2 * c * c / (mu + root) : 0.5 * (mu - root);
    return 0.5 * n * (-lowest + 16 * rounding);
  }

  /// Sets P1, P2 and M^T; returns ||G||, G = skew(A M^T + A^T M).
  KINDRED_FN double prepare() {
    const index_t n = space_.n, ld = space_.ld;
    space_.multiply(space_.a_transposed, space_.m, space_.work);
    space_.multiply(space_.m, space_.a_transposed, space_.more_work);  // (A M^T)^T
    space_.ex.sync();
    space_.ex.transpose(n, n, space_.more_work, ld, space_.transposed, ld);
    space_.ex.transpose(n, n, space_.m, ld, matrices_.m_transposed(), ld);
    space_.ex.sync();
    double *z = space_.work, *w = space_.more_work, *p1 = matrices_.p1(), *p2 = matrices_.p2();
    const double *zt = space_.transposed, *zz = space_.more_work;
    space_.ex.for_each(space_.size, [=](index_t i) { z[i] += zt[i]; });
    space_.multiply(space_.a, space_.a_transposed, space_.product);
    space_.multiply(space_.m, matrices_.m_transposed(), space_.next);
    space_.ex.sync();
    space_.ex.transpose(n, n, space_.work, ld, w, ld);
    space_.multiply_add(space_.a_transposed, space_.a, space_.product);
    space_.multiply_add(matrices_.m_transposed(), space_.m, space_.next);
    space_.ex.sync();
    const double *aa = space_.product, *mm = space_.next;
    return std::sqrt(space_.ex.template sum<1>(space_.size, [=](index_t i) {
      const double half = 0.25 * (z[i] + zz[i]), d = 0.25 * (aa[i] - mm[i]), g = 0.5 * (z[i] - zz[i]);
      p1[i] = half + d;
      p2[i] = half - d;
      return Sums<double, 1>{{g * g}};
    })[0]);
  }

  /// Lower bound of the least eigenvalue of T on the complement of I.
  KINDRED_CALL double lower_bound() {
    double low = HUGE_VAL;
    for (int k = 0; k < 2; ++k) {
      draw(matrices_.vector());
      lanczos(true);
      low = result_[bound] < low ? result_[bound] : low;
    }
    return low;
  }

 private:
  /// Subgradient steps on D until T > 0 is proven; returns the best bound. P1 and P2 are those of the last step.
  KINDRED_FN double raise(double low) {
    double target = 2e-4 / static_cast<double>(space_.n);
    double *p1 = matrices_.p1(), *p2 = matrices_.p2(), *kept = matrices_.best_p1(), *ritz = matrices_.ritz_vector();
    double best = result_[least] - result_[residual], reach = 1, before = 0;
    keep(p1, kept);
    for (index_t round = 0; round < rounds && round * space_.n < round_rows; ++round) {
      if (round % span == 0) {
        if (round > 0 && !(best > 0.9 * before)) break;
        before = best;
      }
      const double found = result_[least];
      const double slope = split_slope();
      if (!(slope > 1e-4)) break;  // a normal Z: no split changes <Z, T(Z)>
      const double s = (best + reach * (target - best) - found) / slope;
      const double *zz = space_.more_work, *ztz = space_.work;
      space_.ex.for_each(space_.size, [=](index_t i) {
        p1[i] += s * (zz[i] - ztz[i]);
        p2[i] -= s * (zz[i] - ztz[i]);
      });
      space_.ex.sync();
      continue_from(ritz);
      lanczos(false);
      if (result_[least] > 0) {
        const double now = lower_bound();
        if (now > 0) return now;
        target *= 2;  // positive, but too close to zero to be told from it
      }
      const double now = result_[least] - result_[residual];
      if (now > best) {
        best = now;
        keep(p1, kept);
      } else {
        reach *= 0.9;
      }
    }
    space_.ex.for_each(space_.size, [=](index_t i) {
      p2[i] += p1[i] - kept[i];
      p1[i] = kept[i];
    });
    space_.ex.sync();
    const double now = lower_bound();
    return now > low ? now : low;
  }

  KINDRED_FN void keep(const double* from, double* to) {
    space_.ex.for_each(space_.size, [=](index_t i) { to[i] = from[i]; });
    space_.ex.sync();
  }

  /// Lanczos from the unit vector q until the least Ritz pair has settled and, if `bounded`, eigenvalues not much below
  /// it are excluded. Leaves the Ritz value, its residual and the bound.
  KINDRED_CALL void lanczos(bool bounded) {
    double *q = matrices_.vector(), *old = matrices_.previous_vector(), *w = matrices_.next_vector();
    space_.ex.for_each(space_.size, [=](index_t i) { old[i] = 0; });
    space_.ex.sync();
    double beta = 0;
    for (steps_ = 0; steps_ < steps;) {
      double *al = alpha_, *be = beta_;
      const index_t k = steps_;
      const Sums<double, 2> next = step(q, old, w, beta);
      space_.ex.once([=] {
        al[k] = next[0];
        be[k] = next[1];
      });
      space_.ex.sync();
      beta = next[1];
      ++steps_;
      const bool last = steps_ == steps || !(beta > 1e-13);
      if (steps_ % check == 0 || last) {
        space_.ex.once([this, last, bounded] { assess(bounded, last); });
        space_.ex.sync();
        if (last || (bounded ? result_[bound] > -HUGE_VAL : result_[residual] < near(result_[least]))) break;
      }
      advance(q, old, w, beta);
    }
  }

  KINDRED_FN static double near(double theta) { return 1e-12 + 0.2 * std::abs(theta); }

  /// The least Ritz pair of the steps so far; the bound as soon as it is close to the Ritz value, or after the last
  /// step.
  KINDRED_FN void assess(bool bounded, bool last) {
    smallest(steps_);
    result_[bound] = -HUGE_VAL;
    const double theta = result_[least];
    double low = theta > 0 ? 0.0 : 1.05 * theta - 1e-9;
    if (!bounded || (!last && !excluded(low))) return;
    double high = theta;
    while (!excluded(low)) {
      high = low;
      low = theta - 2 * (theta - low) - 1e-9;
    }
    for (int it = 0; it < 20; ++it) {
      const double mid = 0.5 * (low + high);
      (excluded(mid) ? low : high) = mid;
    }
    result_[bound] = low;
  }

  /// No eigenvalue is at most x, except with probability `doubt`; x below all Ritz values.
  KINDRED_FN bool excluded(double x) const {
    const double enough = 1.4143 * static_cast<double>(space_.n) / doubt;
    double p = 1, sum = 1, d = 1;
    for (index_t i = 0; i < steps_; ++i) {
      d = alpha_[i] - x - (i > 0 ? beta_[i - 1] * beta_[i - 1] / d : 0.0);
      if (!(d > 0)) return false;
      p *= d / beta_[i];
      sum += p * p;
      if (sum > enough * enough) return true;
    }
    return false;
  }

  /// w = T(q) - a q - beta old without identity part; returns a = <q, T(q)> and ||w||.
  KINDRED_FN Sums<double, 2> step(const double* q, const double* old, double* w, double beta) {
    apply(q, w);
    const double a = space_.dot(q, w);
    space_.ex.for_each(space_.size, [=](index_t i) { w[i] -= a * q[i] + beta * old[i]; });
    space_.ex.sync();
    split_identity(w);
    return {{a, std::sqrt(space_.dot(w, w))}};
  }

  KINDRED_FN void advance(double* q, double* old, const double* w, double beta) {
    space_.ex.for_each(space_.size, [=](index_t i) {
      const double v = w[i] / beta;
      old[i] = q[i];
      q[i] = v;
    });
    space_.ex.sync();
  }

  /// The Ritz vector Z, by the same steps again from the same first vector; more_work = Z Z^T, work = Z^T Z. Returns
  /// ||Z Z^T - Z^T Z||^2: the slope of <Z, T(Z)> along D <- D + (Z Z^T - Z^T Z). That is a subgradient of the least
  /// eigenvalue, which is concave in D.
  KINDRED_FN double split_slope() {
    double *q = matrices_.vector(), *old = matrices_.previous_vector(), *w = matrices_.next_vector(),
           *ritz = matrices_.ritz_vector();
    const double* first = matrices_.first_vector();
    space_.ex.for_each(space_.size, [=](index_t i) {
      ritz[i] = 0;
      q[i] = first[i];
      old[i] = 0;
    });
    space_.ex.sync();
    double beta = 0;
    for (index_t k = 0; k < steps_; ++k) {
      const double x = x_[k];
      space_.ex.for_each(space_.size, [=](index_t i) { ritz[i] += x * q[i]; });
      space_.ex.sync();
      if (k + 1 == steps_) break;
      beta = step(q, old, w, beta)[1];
      advance(q, old, w, beta);
    }
    space_.ex.transpose(space_.n, space_.n, ritz, space_.ld, space_.transposed, space_.ld);
    space_.ex.sync();
    space_.multiply(ritz, space_.transposed, space_.more_work);
    space_.multiply(space_.transposed, ritz, space_.work);
    space_.ex.sync();
    const double *zz = space_.more_work, *ztz = space_.work;
    return space_.ex.template sum<1>(space_.size, [=](index_t i) {
      const double d = zz[i] - ztz[i];
      return Sums<double, 1>{{d * d}};
    })[0];
  }

  /// q = X, without identity part, scaled to unit norm, X uniform in the unit cube.
  KINDRED_FN void draw(double* q) {
    const index_t ld = space_.ld;
    const std::uint64_t key = mix(key_ + ++draws_);
    space_.ex.for_each(space_.n, space_.n, [=](index_t i, index_t j) {
      q[i * ld + j] = random_unit(key, static_cast<std::uint64_t>(i * ld + j)) - 0.5;
    });
    space_.ex.sync();
    begin(q);
  }

  /// The first vector of the next round: the Ritz vector, and a little of every other direction, Z + 0.3 b.
  KINDRED_FN void continue_from(const double* ritz) {
    double* q = matrices_.vector();
    draw(q);
    space_.ex.for_each(space_.size, [=](index_t i) { q[i] = ritz[i] + 0.3 * q[i]; });
    space_.ex.sync();
    begin(q);
  }

  /// q without identity part and of unit norm; also the first vector, which a second pass starts from again.
  KINDRED_FN void begin(double* q) {
    split_identity(q);
    double* first = matrices_.first_vector();
    const double scale = 1 / std::sqrt(space_.dot(q, q));
    space_.ex.for_each(space_.size, [=](index_t i) {
      q[i] *= scale;
      first[i] = q[i];
    });
    space_.ex.sync();
  }

  KINDRED_FN void split_identity(double* q) {
    const index_t n = space_.n, stride = space_.ld + 1;
    const double mean =
        space_.ex.reduce(n, 0.0, Plus{}, [=](index_t i) { return q[i * stride]; }) / static_cast<double>(n);
    space_.ex.for_each(n, [=](index_t i) { q[i * stride] -= mean; });
    space_.ex.sync();
  }

  /// out = T(q).
  KINDRED_FN void apply(const double* q, double* out) {
    space_.multiply(matrices_.p1(), q, space_.product);
    space_.multiply(space_.a, q, space_.more_work);
    space_.multiply(space_.a_transposed, q, space_.work);
    space_.ex.sync();
    space_.multiply_add(q, matrices_.p2(), space_.product);
    space_.multiply(space_.more_work, matrices_.m_transposed(), space_.transposed);
    space_.ex.sync();
    space_.multiply_add(space_.work, space_.m, space_.transposed);
    space_.ex.sync();
    const double *tmp = space_.product, *zt = space_.transposed;
    space_.ex.for_each(space_.size, [=](index_t i) { out[i] = tmp[i] - zt[i]; });
    space_.ex.sync();
  }

  /// Least eigenvalue of the k x k tridiagonal matrix and the residual |beta_k x_k|, x its unit eigenvector: bisection
  /// on Sturm counts to 1 %, three steps of inverse iteration from just below, Rayleigh's quotient.
  KINDRED_FN void smallest(index_t k) {
    double low = alpha_[0], high = alpha_[0], scale = 0;
    for (index_t i = 0; i < k; ++i) {
      const double radius = (i > 0 ? beta_[i - 1] : 0.0) + (i + 1 < k ? beta_[i] : 0.0);
      low = alpha_[i] - radius < low ? alpha_[i] - radius : low;
      high = alpha_[i] < high ? alpha_[i] : high;
      scale = std::abs(alpha_[i]) + radius > scale ? std::abs(alpha_[i]) + radius : scale;
    }
    while (high - low > 0.01 * std::abs(high) + 1e-14 * scale) {
      const double mid = 0.5 * (low + high);
      double d = 1;
      bool below = false;
      for (index_t i = 0; i < k && !below; ++i) {
        d = alpha_[i] - mid - (i > 0 ? beta_[i - 1] * beta_[i - 1] / d : 0.0);
        below = d <= 0;
      }
      (below ? high : low) = mid;
    }
    const double shift = low - 1e-14 * scale;
    for (index_t i = 0; i < k; ++i) {
      x_[i] = 1;
      l_[i] = i > 0 ? beta_[i - 1] / d_[i - 1] : 0.0;
      d_[i] = alpha_[i] - shift - (i > 0 ? l_[i] * beta_[i - 1] : 0.0);
    }
    for (int it = 0; it < 3; ++it) {
      for (index_t i = 1; i < k; ++i) x_[i] -= l_[i] * x_[i - 1];
      for (index_t i = k - 1; i >= 0; --i) x_[i] = x_[i] / d_[i] - (i + 1 < k ? l_[i + 1] * x_[i + 1] : 0.0);
      double norm = 0;
      for (index_t i = 0; i < k; ++i) norm += x_[i] * x_[i];
      norm = 1 / std::sqrt(norm);
      for (index_t i = 0; i < k; ++i) x_[i] *= norm;
    }
    double theta = 0;
    for (index_t i = 0; i < k; ++i) theta += x_[i] * (alpha_[i] * x_[i] + (i > 0 ? 2 * beta_[i - 1] * x_[i - 1] : 0.0));
    result_[least] = theta;
    result_[residual] = std::abs(beta_[k - 1] * x_[k - 1]);
  }

  PavfWorkspace<Exec, double>& space_;
  PavfCertificateMatrices<Exec> matrices_;
  std::uint64_t key_, draws_ = 0;
  index_t steps_ = 0;
  double *alpha_, *beta_;                                   // the tridiagonal matrix
  double *x_, *d_, *l_;                                     // its least eigenvector; its factors L D L^T
  static constexpr int least = 0, residual = 1, bound = 2;  // of the least Ritz pair: value, residual, proven bound
  double* result_;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
