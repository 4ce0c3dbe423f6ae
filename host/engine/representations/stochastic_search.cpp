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

double distance(const double* a, const double* b, index_t channels) {
  double sum = 0;
  for (index_t j = 0; j < channels; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return std::sqrt(sum);
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
      : x_(x), y_(y), metric_(metric), c_(x.channels), n_(x.conditions), means_product_(product_of_means(1)) {
    if (!energy()) pull_of_means_ = product_of_means(metric.alpha);
  }

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
  [[nodiscard]] double within() const { return (x_.within + y_.within) / 2; }

 private:
  static constexpr double none = std::numeric_limits<double>::infinity();
  /// T, and the sum that it has.
  struct Alignment {
    Values t;
    double sum = none;
  };

  [[nodiscard]] bool energy() const { return metric_.form == StochasticForm::energy; }

  /// by sum_i m_i m'_i^T.
  [[nodiscard]] Values product_of_means(double by) const {
    Values out(at(c_ * c_));
    dense_product(true, false, c_, c_, n_, by, x_.means.data(), y_.means.data(), out.data());
    return out;
  }

  /// Whether both systems have their axes.
  [[nodiscard]] bool axes() const { return !x_.axes.empty() && !y_.axes.empty(); }

  [[nodiscard]] Values start(index_t k) {
    if (k == 0) return polar(means_product_, c_);
    if (!axes()) return {};
    Values inner(at(c_ * c_), 0.0), half(at(c_ * c_)), out(at(c_ * c_));
    if (k == 1) {  // signs that suit the means
      dense_product(true, false, c_, c_, c_, 1, x_.axes.data(), means_product_.data(), half.data());
      dense_product(false, false, c_, c_, c_, 1, half.data(), y_.axes.data(), out.data());
      for (index_t i = 0; i < c_; ++i) inner[at(i * c_ + i)] = out[at(i * c_ + i)] < 0 ? -1 : 1;
    } else {
      std::mt19937_64 random(metric_.seed * 1000003 + static_cast<std::uint64_t>(k));
      std::normal_distribution<double> normal;
      for (double& v : inner) v = normal(random);
      inner = polar(std::move(inner), c_);
    }
    dense_product(false, false, c_, c_, c_, 1, x_.axes.data(), inner.data(), half.data());
    dense_product(false, true, c_, c_, c_, 1, half.data(), y_.axes.data(), out.data());
    return out;
  }

  /// Changes of T: of several the one that is best after a few iterations is followed, as far as it may become better
  /// than T.
  void improve(Alignment& best, std::size_t number, int first) {
    constexpr int changes_a_start = 2, tried = 4, few = 4;
    if (c_ < 2 || !axes()) return;
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
        along_u += t[at(row * c_ + k)] * y_.axes[at(k * c_ + i)];
        along_v += t[at(row * c_ + k)] * y_.axes[at(k * c_ + j)];
      }
      for (index_t k = 0; k < c_; ++k) {
        const double u = y_.axes[at(k * c_ + i)], v = y_.axes[at(k * c_ + j)];
        out[at(row * c_ + k)] -= along_u * (u - p * v) + along_v * (v - q * u);
      }
    }
    return out;
  }

  /// Improves T by at most `most` iterations; the sum at its end. Stops where the sum would stay above `bar` if every
  /// iteration left gained as much as the last.
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
      if (std::isnan(sum)) return last;  // a polar factor was not found
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
    next = pull_of_means_;
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
          const double d = distance(x + a * c_, &turned[at(b * c_)], c_);
          sum += d / pairs;
          weights[at(a * k + b)] = 1 / std::max(d, smallest);
        }
      }
      dense_product(false, false, k, c_, k, 1, weights.data(), y, weighted.data());
      dense_product(true, false, c_, c_, k, 1, x, weighted.data(), next.data(), true);
    }
    return sum;
  }

  [[nodiscard]] double gaussian_bound() const {
    const double alpha = metric_.alpha, beta = 2 - alpha;
    const Values means = singular_values(means_product_, c_, c_);
    double sum = alpha * (dot(x_.means, x_.means) + dot(y_.means, y_.means));
    for (const double s : means) sum -= 2 * alpha * s;
    for (std::size_t k = 0; k < x_.sigma.size(); ++k) {
      const double d = x_.sigma[k] - y_.sigma[k];
      sum += beta * d * d;
    }
    return std::isfinite(sum) ? std::max(0.0, sum) : 0;
  }

  [[nodiscard]] double energy_bound() const {
    const index_t k = x_.trials;
    double sum = 0;
    for (index_t row = 0; row < n_ * k; ++row) {
      const index_t first = row - row % k;  // of its condition
      for (index_t b = 0; b < k; ++b) sum += std::abs(x_.lengths[at(row)] - y_.lengths[at(first + b)]);
    }
    return std::max(0.0, sum / static_cast<double>(k * k) - within());
  }

  static constexpr double smallest =
      1e-14;  ///< residual that counts, in units in which the larger recording's norm is near 1

  const Responses &x_, &y_;
  StochasticShape metric_;
  index_t c_, n_;
  Values means_product_, pull_of_means_;  ///< of all steps of a pair: the second times alpha
};

}  // namespace

void measure(Responses& r, const StochasticShape& metric) {
  const index_t c = r.channels, k = r.trials, block = r.width * c;
  r.axes = axes_of(r);
  if (metric.form == StochasticForm::gaussian) {
    for (index_t i = 0; i < r.conditions && metric.alpha < 2; ++i) {
      const auto z = r.spread.begin() + i * block;
      const Values s = singular_values({z, z + block}, r.width, c);
      r.sigma.insert(r.sigma.end(), s.begin(), s.end());
    }
    return;
  }
  const Values origin(at(c), 0.0);
  double sum = 0;
  for (index_t row = 0; row < r.conditions * k; ++row) {
    const double* x = &r.samples[at(row * c)];
    r.lengths.push_back(distance(x, origin.data(), c));
    for (index_t b = row + 1; b % k != 0; ++b) sum += distance(x, &r.samples[at(b * c)], c);
  }
  r.within = sum / (static_cast<double>(k * (k - 1)) / 2);
}

Responses embedded(const Responses& r, index_t channels, index_t width, int unit) {
  Responses out = r;
  const double by = std::ldexp(1.0, r.unit - unit);
  out.channels = channels, out.width = width, out.unit = unit;
  // Blocks of `rows` x `columns` become blocks of `more_rows` x `more_columns`, filled from the first corner.
  const auto padded = [by](const Values& from, index_t rows, index_t columns, index_t more_rows, index_t more_columns) {
    const index_t blocks = from.empty() ? 0 : std::ssize(from) / (rows * columns);
    Values to(at(blocks * more_rows * more_columns), 0.0);
    for (index_t row = 0; row < blocks * rows; ++row) {
      const index_t place = row / rows * more_rows + row % rows;
      for (index_t j = 0; j < columns; ++j) to[at(place * more_columns + j)] = by * from[at(row * columns + j)];
    }
    return to;
  };
  out.means = padded(r.means, 1, r.channels, 1, channels);
  out.spread = padded(r.spread, r.width, r.channels, width, channels);
  out.samples = padded(r.samples, 1, r.channels, 1, channels);
  out.sigma = padded(r.sigma, 1, r.width, 1, width);
  out.lengths = padded(r.lengths, 1, 1, 1, 1);
  out.within *= by;
  if (r.axes.empty()) return out;
  // The new directions come first, as the axes with no variance.
  const index_t more = channels - r.channels;
  out.axes.assign(at(channels * channels), 0.0);
  for (index_t i = 0; i < r.channels; ++i) {
    const auto from = r.axes.begin() + i * r.channels;
    std::copy(from, from + r.channels, out.axes.begin() + i * channels + more);
  }
  for (index_t i = 0; i < more; ++i) out.axes[at((r.channels + i) * channels + i)] = 1;
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
