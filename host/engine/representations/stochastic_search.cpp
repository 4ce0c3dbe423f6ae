#include "host/engine/representations/stochastic_search.hpp"

#include "host/engine/representations/orthogonal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

namespace kindred::host {
namespace {

using Values = std::vector<double>;

Values singular_values(Values m, index_t rows, index_t columns) {
  Values s(at(std::min(rows, columns)));
  const auto n = static_cast<lapack_int>(columns);
  if (LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'N', static_cast<lapack_int>(rows), n, m.data(), n, s.data(), nullptr, 1,
                     nullptr, n) != 0) {
    std::fill(s.begin(), s.end(), std::numeric_limits<double>::infinity());  // a bound that says nothing
  }
  return s;
}

double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

/// Principal axes by columns, C x C, of all second moments; an axis points to where the means are skewed.
Values axes_of(const Responses& r) {
  const index_t c = r.channels;
  Values moments(at(c * c), 0.0), values;
  for (const Values* rows : {&r.means, &r.spread, &r.samples}) {
    const index_t count = std::ssize(*rows) / c;
    if (count > 0) dense_product(true, false, c, c, count, 1, rows->data(), rows->data(), moments.data(), true);
  }
  if (!eigenvectors(moments, c, values)) return {};
  Values along(at(r.conditions * c));
  dense_product(false, false, r.conditions, c, c, 1, r.means.data(), moments.data(), along.data());
  for (index_t j = 0; j < c; ++j) {
    double skew = 0;
    for (index_t i = 0; i < r.conditions; ++i) skew += std::pow(along[at(i * c + j)], 3);
    for (index_t i = 0; skew < 0 && i < c; ++i) moments[at(i * c + j)] *= -1;
  }
  return moments;
}

/// The search for one pair: x against T x'.
class Search {
 public:
  Search(const Responses& x, const Responses& y, const StochasticShape& metric)
      : x_(x), y_(y), metric_(metric), c_(x.channels), n_(x.conditions) {}

  /// d^2 before it is divided by the conditions, of the best T found; `converged` tells whether its iterations ended.
  double best(bool& converged) {
    constexpr int first = 20, most = 2000;
    constexpr std::size_t improved = 3;
    std::vector<Alignment> found;
    for (index_t k = 0; k < metric_.starts; ++k) {
      Alignment a{start(k), none};
      if (a.t.empty()) continue;
      a.sum = follow(a.t, first, none, converged);
      found.push_back(std::move(a));
    }
    if (found.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto lower = [](const Alignment& a, const Alignment& b) { return a.sum < b.sum; };
    std::stable_sort(found.begin(), found.end(), lower);
    found.resize(std::min(improved, found.size()));
    for (std::size_t k = 0; k < found.size(); ++k) improve(found[k], k, first);
    Alignment& best = *std::min_element(found.begin(), found.end(), lower);
    return std::min(best.sum, follow(best.t, most, none, converged));
  }

  [[nodiscard]] double bound() const { return energy() ? energy_bound() : gaussian_bound(); }
  /// What energy takes off: half the mean distances within each system's conditions, summed.
  [[nodiscard]] double within() const { return energy() ? (within(x_) + within(y_)) / 2 : 0; }

 private:
  static constexpr double none = std::numeric_limits<double>::infinity();
  /// T, and the sum that it has.
  struct Alignment {
    Values t;
    double sum = none;
  };

  [[nodiscard]] bool energy() const { return metric_.form == StochasticForm::energy; }

  /// sum_i m_i m'_i^T.
  [[nodiscard]] Values means_product() const {
    Values out(at(c_ * c_));
    dense_product(true, false, c_, c_, n_, 1, x_.means.data(), y_.means.data(), out.data());
    return out;
  }

  bool find_axes() {
    if (axes_x_.empty()) axes_x_ = axes_of(x_), axes_y_ = axes_of(y_);
    return !axes_x_.empty() && !axes_y_.empty();
  }

  [[nodiscard]] Values start(index_t k) {
    if (k == 0) return polar(means_product(), c_);
    if (!find_axes()) return {};
    Values inner(at(c_ * c_), 0.0), half(at(c_ * c_)), out(at(c_ * c_));
    if (k == 1) {  // signs that suit the means
      dense_product(true, false, c_, c_, c_, 1, axes_x_.data(), means_product().data(), half.data());
      dense_product(false, false, c_, c_, c_, 1, half.data(), axes_y_.data(), out.data());
      for (index_t i = 0; i < c_; ++i) inner[at(i * c_ + i)] = out[at(i * c_ + i)] < 0 ? -1 : 1;
    } else {
      std::mt19937_64 random(metric_.seed * 1000003 + static_cast<std::uint64_t>(k));
      std::normal_distribution<double> normal;
      for (double& v : inner) v = normal(random);
      inner = polar(std::move(inner), c_);
    }
    dense_product(false, false, c_, c_, c_, 1, axes_x_.data(), inner.data(), half.data());
    dense_product(false, true, c_, c_, c_, 1, half.data(), axes_y_.data(), out.data());
    return out;
  }

  /// Changes of T: of several the one that is best after a few iterations is followed, as far as it may become better than T.
  void improve(Alignment& best, std::size_t number, int first) {
    constexpr int changes_a_start = 2, tried = 4, few = 4;
    if (c_ < 2 || !find_axes()) return;
    std::mt19937_64 random(metric_.seed * 1000003 + static_cast<std::uint64_t>(metric_.starts) + 1009 * number);
    bool ended = false;
    for (index_t k = 0; k < changes_a_start * metric_.starts; ++k) {
      Alignment chosen;
      for (int attempt = 0; attempt < tried; ++attempt) {
        Alignment a{exchanged(best.t, random), none};
        a.sum = follow(a.t, few, none, ended);
        if (a.sum < chosen.sum) chosen = std::move(a);
      }
      if (chosen.t.empty()) continue;
      chosen.sum = follow(chosen.t, first, best.sum, ended);
      if (chosen.sum < best.sum) best = std::move(chosen);
    }
  }

  /// T after an exchange of two principal axes of y, with signs of their own.
  [[nodiscard]] Values exchanged(const Values& t, std::mt19937_64& random) const {
    const auto among = [&random](index_t n) { return static_cast<index_t>(random() % static_cast<std::uint64_t>(n)); };
    const index_t i = among(c_), j = (i + 1 + among(c_ - 1)) % c_;
    const double p = among(2) == 0 ? 1 : -1, q = among(2) == 0 ? 1 : -1;
    // T R^T with R the exchange in the plane of the axes u and v: T - (T u)(u - p v)^T - (T v)(v - q u)^T.
    Values out = t;
    for (index_t row = 0; row < c_; ++row) {
      double along_u = 0, along_v = 0;
      for (index_t k = 0; k < c_; ++k) {
        along_u += t[at(row * c_ + k)] * axes_y_[at(k * c_ + i)];
        along_v += t[at(row * c_ + k)] * axes_y_[at(k * c_ + j)];
      }
      for (index_t k = 0; k < c_; ++k) {
        const double u = axes_y_[at(k * c_ + i)], v = axes_y_[at(k * c_ + j)];
        out[at(row * c_ + k)] -= along_u * (u - p * v) + along_v * (v - q * u);
      }
    }
    return out;
  }

  /// Improves T by at most `most` iterations; the sum at its end. Stops where the sum would stay above `bar` if every iteration left gained as much as the
  /// last.
  double follow(Values& t, int most, double bar, bool& converged) {
    constexpr double farther = 0.4;
    double last = none, longer = farther;
    Values next(t.size()), plain;
    const auto step = [&] { return energy() ? energy_step(t, next) : gaussian_step(t, next); };
    converged = false;
    for (int k = 0;; ++k) {
      double sum = step();
      if (longer > 0 && sum > last) {  // too far
        longer = 0;
        t = small_polar(plain, c_);
        sum = step();
      } else if (k > 0) {
        longer = std::min(farther, longer + farther / 4);
      }
      converged = !(last - sum > 1e-13 * sum);
      if (converged || k == most) return std::min(sum, last);
      if (k >= 2 && sum - (last - sum) * (most - k) > bar) return sum;
      last = sum;
      plain = next;
      const double shift = longer * dot(next, t) / static_cast<double>(c_);
      for (std::size_t i = 0; i < next.size(); ++i) next[i] -= shift * t[i];
      t = small_polar(next, c_);
    }
  }

  /// The sum at T, and the matrix whose polar factor is the next T.
  double gaussian_step(const Values& t, Values& next) {
    const double alpha = metric_.alpha, beta = 2 - alpha;
    const index_t w = x_.width;
    Values turned(at(std::max(n_, w) * c_)), p(at(w * w)), matched(at(w * c_));
    dense_product(false, true, n_, c_, c_, 1, y_.means.data(), t.data(), turned.data());  // rows T m'
    double sum = 0;
    for (std::size_t k = 0; k < x_.means.size(); ++k) sum += alpha * std::pow(x_.means[k] - turned[k], 2);
    dense_product(true, false, c_, c_, n_, alpha, x_.means.data(), y_.means.data(), next.data());
    for (index_t i = 0; i < n_ && beta > 0; ++i) {
      const double *z = &x_.spread[at(i * w * c_)], *z2 = &y_.spread[at(i * w * c_)];
      dense_product(false, true, w, c_, c_, 1, z2, t.data(), turned.data());  // (T Z')^T
      dense_product(false, true, w, w, c_, 1, z, turned.data(), p.data());    // Z^T T Z'
      p = small_polar(std::move(p), w);
      dense_product(false, false, w, c_, w, 1, p.data(), turned.data(), matched.data());  // (T Z' P^T)^T
      for (index_t k = 0; k < w * c_; ++k) sum += beta * std::pow(z[k] - matched[at(k)], 2);
      dense_product(false, false, w, c_, w, 1, p.data(), z2, matched.data());  // (Z' P^T)^T
      dense_product(true, false, c_, c_, w, beta, z, matched.data(), next.data(), true);
    }
    return sum;
  }

  double energy_step(const Values& t, Values& next) {
    const index_t k = x_.trials;
    const double pairs = static_cast<double>(k * k);
    Values turned(at(k * c_)), weights(at(k * k)), weighted(at(k * c_));
    std::fill(next.begin(), next.end(), 0.0);
    double sum = 0;
    for (index_t i = 0; i < n_; ++i) {
      const double *x = &x_.samples[at(i * k * c_)], *y = &y_.samples[at(i * k * c_)];
      dense_product(false, true, k, c_, c_, 1, y, t.data(), turned.data());
      for (index_t a = 0; a < k; ++a) {
        for (index_t b = 0; b < k; ++b) {
          const double d = distance(x + a * c_, &turned[at(b * c_)]);
          sum += d / pairs;
          weights[at(a * k + b)] = 1 / std::max(d, smallest);
        }
      }
      dense_product(false, false, k, c_, k, 1, weights.data(), y, weighted.data());
      dense_product(true, false, c_, c_, k, 1, x, weighted.data(), next.data(), true);
    }
    return sum;
  }

  [[nodiscard]] double distance(const double* a, const double* b) const {
    double sum = 0;
    for (index_t j = 0; j < c_; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return std::sqrt(sum);
  }

  [[nodiscard]] double within(const Responses& r) const {
    const index_t k = r.trials;
    double sum = 0;
    for (index_t i = 0; i < n_; ++i) {
      const double* x = &r.samples[at(i * k * c_)];
      for (index_t a = 0; a < k; ++a) {
        for (index_t b = a + 1; b < k; ++b) sum += distance(x + a * c_, x + b * c_);
      }
    }
    return sum / (static_cast<double>(k * (k - 1)) / 2);
  }

  [[nodiscard]] double gaussian_bound() const {
    const double alpha = metric_.alpha, beta = 2 - alpha;
    const Values means = singular_values(means_product(), c_, c_);
    double sum = alpha * (dot(x_.means, x_.means) + dot(y_.means, y_.means));
    for (const double s : means) sum -= 2 * alpha * s;
    const index_t w = x_.width, block = w * c_;
    for (index_t i = 0; i < n_ && beta > 0; ++i) {
      const auto values = [&](const Values& v) {
        return singular_values({v.begin() + i * block, v.begin() + (i + 1) * block}, w, c_);
      };
      const Values a = values(x_.spread), b = values(y_.spread);
      for (std::size_t k = 0; k < a.size(); ++k) sum += beta * (a[k] - b[k]) * (a[k] - b[k]);
    }
    return std::isfinite(sum) ? std::max(0.0, sum) : 0;
  }

  [[nodiscard]] double energy_bound() const {
    const index_t k = x_.trials;
    const Values origin(at(c_), 0.0);
    double sum = 0;
    for (index_t i = 0; i < n_; ++i) {
      for (index_t a = 0; a < k; ++a) {
        const double length = distance(&x_.samples[at((i * k + a) * c_)], origin.data());
        for (index_t b = 0; b < k; ++b) {
          sum += std::abs(length - distance(&y_.samples[at((i * k + b) * c_)], origin.data()));
        }
      }
    }
    return std::max(0.0, sum / static_cast<double>(k * k) - within());
  }

  static constexpr double smallest =
      1e-14;  ///< residual that counts, in units in which the larger recording's norm is near 1

  const Responses &x_, &y_;
  StochasticShape metric_;
  index_t c_, n_;
  Values axes_x_, axes_y_;
};

}  // namespace

Responses embedded(const Responses& r, index_t channels, index_t width, int unit) {
  Responses out = r;
  const double by = std::ldexp(1.0, r.unit - unit);
  out.channels = channels, out.width = width, out.unit = unit;
  const auto spread_out = [&](const Values& from, index_t rows,
                              index_t wanted) {  // blocks of `rows` become blocks of `wanted`
    Values to(rows == 0 ? 0 : from.size() / at(rows * r.channels) * at(wanted * channels), 0.0);
    for (std::size_t k = 0; k < from.size(); ++k) {
      const auto row = static_cast<index_t>(k) / r.channels, column = static_cast<index_t>(k) % r.channels;
      to[at((row / rows * wanted + row % rows) * channels + column)] = from[k] * by;
    }
    return to;
  };
  out.means = spread_out(r.means, 1, 1);
  out.spread = spread_out(r.spread, r.width, width);
  out.samples = spread_out(r.samples, 1, 1);
  return out;
}

StochasticMinimum stochastic_minimum(const Responses& x, const Responses& y, const StochasticShape& metric) {
  Search search(x, y, metric);
  StochasticMinimum out;
  out.squared = search.best(out.converged) - search.within();
  if (!std::isnan(out.squared)) out.squared = std::max(0.0, out.squared);
  out.bound = std::min(out.squared, search.bound());
  return out;
}

}  // namespace kindred::host
