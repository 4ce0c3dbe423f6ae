#include "host/base/progress.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/recordings.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/representations/factor.hpp"
#include "host/engine/representations/orthogonal.hpp"
#include "host/engine/representations/pair_values.hpp"

#include <kindred/error.hpp>
#include <kindred/shape_mean.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace kindred {
namespace {

using host::at;
using host::dense_product;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double squared_norm(const Values& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return sum;
}

void scale(Values& v, double by) {
  for (double& x : v) x *= by;
}

/// The systems' shapes as they are turned towards the mean.
class Shapes {
 public:
  Shapes(host::Backend& backend, std::span<const TrajectorySet> systems, const ShapeMeanOptions& options,
         const Progress& progress)
      : backend_(backend),
        options_(options),
        factors_(host::survey(systems, static_cast<int>(backend.parallelism()), progress, options.centre)) {
    host::require_equal_rows(factors_, {});
    m_ = factors_.front().rows;
    int largest = 0;
    for (const host::Factor& f : factors_) {
      c_ = std::max(c_, f.survey.channels);
      if (f.usable) largest = any_ ? std::max(largest, f.survey.exponent) : f.survey.exponent;
      any_ = any_ || f.usable;
    }
    unit_ = options.unit_norm ? 0 : largest;
    turned_.resize(factors_.size());
    host::for_each_on_host(backend, count(), [&](index_t i) { turned_[at(i)] = padded(factors_[at(i)]); });
  }

  [[nodiscard]] index_t count() const { return std::ssize(factors_); }
  [[nodiscard]] bool has(index_t i) const { return factors_[at(i)].usable || !options_.unit_norm; }

  ShapeMean found(const Progress& progress) {
    if (!any_ && options_.unit_norm) {
      throw Error(ErrorCode::invalid_data, "no system has a shape: all of their channels are constant");
    }
    ShapeMean out;
    out.samples = m_;
    out.channels = c_;
    out.mean = turned_[at(largest())];
    for (; out.iterations < options_.iterations && !out.converged; ++out.iterations) {
      host::tell_progress(progress, "mean", out.iterations, options_.iterations);
      turn(out.mean);
      Values next(at(m_ * c_), 0.0);
      index_t counted = 0;
      for (index_t i = 0; i < count(); ++i) {
        if (!has(i)) continue;
        ++counted;
        for (std::size_t k = 0; k < next.size(); ++k) next[k] += turned_[at(i)][k];
      }
      const double length = std::sqrt(squared_norm(next));
      if (length > 0) scale(next, options_.unit_norm ? 1 / length : 1 / static_cast<double>(counted));
      double change = 0;
      for (std::size_t k = 0; k < next.size(); ++k) change += std::pow(next[k] - out.mean[k], 2);
      out.converged = std::sqrt(change) <= options_.tolerance * std::sqrt(squared_norm(next));
      out.mean = std::move(next);
    }
    onto_axes(out.mean);
    turn(out.mean);
    measure(out);
    return out;
  }

 private:
  /// Centred, in units of 2^unit or of norm 1, with the channels of the widest.
  [[nodiscard]] Values padded(const host::Factor& f) const {
    const Values rows = host::dense_rows(*f.survey.system);
    Values out(at(m_ * c_), 0.0);
    const index_t channels = f.survey.channels;
    if (!f.usable) return out;
    for (index_t i = 0; i < m_; ++i) {
      for (index_t j = 0; j < channels; ++j) {
        out[at(i * c_ + j)] = (rows[at(i * channels + j)] - f.survey.mean[at(j)]) * f.survey.scale();
      }
    }
    scale(out, options_.unit_norm ? 1 / std::sqrt(squared_norm(out)) : std::ldexp(1.0, f.survey.exponent - unit_));
    return out;
  }

  /// The system of the largest norm; of equal ones that of the larger hash, so that their order does not matter.
  [[nodiscard]] index_t largest() const {
    const auto before = [&](index_t a, index_t b) {
      const double p = squared_norm(turned_[at(a)]), q = squared_norm(turned_[at(b)]);
      return p != q ? p < q : factors_[at(a)].survey.content < factors_[at(b)].survey.content;
    };
    index_t out = 0;
    for (index_t i = 1; i < count(); ++i) {
      if (before(out, i)) out = i;
    }
    return out;
  }

  /// Each system by the orthogonal matrix that brings it nearest to the mean; it stays as it is where none is found.
  void turn(const Values& mean) {
    host::for_each_on_host(backend_, count(), [&](index_t i) {
      Values across(at(c_ * c_)), out(at(m_ * c_));
      dense_product(true, false, c_, c_, m_, 1, turned_[at(i)].data(), mean.data(), across.data());
      const Values q = host::polar(std::move(across), c_);
      if (std::isnan(q.front())) return;
      dense_product(false, false, m_, c_, c_, 1, turned_[at(i)].data(), q.data(), out.data());
      turned_[at(i)] = std::move(out);
    });
  }

  void onto_axes(Values& mean) const {
    Values moments(at(c_ * c_)), out(at(m_ * c_));
    dense_product(true, false, c_, c_, m_, 1, mean.data(), mean.data(), moments.data());
    Values values;
    if (!host::eigenvectors(moments, c_, values)) return;
    for (index_t i = 0; i < c_; ++i) std::reverse(moments.begin() + i * c_, moments.begin() + (i + 1) * c_);
    dense_product(false, false, m_, c_, c_, 1, mean.data(), moments.data(), out.data());
    for (index_t j = 0; j < c_; ++j) {
      double skew = 0;
      for (index_t i = 0; i < m_; ++i) skew += std::pow(out[at(i * c_ + j)], 3);
      for (index_t i = 0; skew < 0 && i < m_; ++i) out[at(i * c_ + j)] *= -1;
    }
    mean = std::move(out);
  }

  /// Distances, tangent vectors in the place of the shapes, and their principal coordinates.
  void measure(ShapeMean& out) {
    const double unit = std::ldexp(1.0, unit_);
    double squares = 0;
    std::vector<index_t> members;
    out.distances.assign(at(count()), nan);
    for (index_t i = 0; i < count(); ++i) {
      if (!has(i)) continue;
      Values& x = turned_[at(i)];
      double chord = 0;
      for (std::size_t k = 0; k < x.size(); ++k) chord += std::pow(x[k] - out.mean[k], 2);
      chord = std::sqrt(chord);
      const double angle = host::angle_of_chord(chord), cosine = 1 - chord * chord / 2;
      const double by = options_.unit_norm && chord > 0 ? angle / std::sin(angle) : 1;
      for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] =
            options_.unit_norm ? by * (x[k] - out.mean[k] + (1 - cosine) * out.mean[k]) : unit * (x[k] - out.mean[k]);
      }
      out.distances[at(i)] = options_.unit_norm ? angle : unit * chord;
      squares += out.distances[at(i)] * out.distances[at(i)];
      members.push_back(i);
    }
    scale(out.mean, unit);
    const index_t n = std::ssize(members);
    out.variance = squares / static_cast<double>(n);
    place(members, out);
  }

  void place(const std::vector<index_t>& members, ShapeMean& out) const {
    const index_t n = std::ssize(members), d = out.dimensions = options_.dimensions;
    out.coordinates.assign(at(count() * d), nan);
    Values gram(at(n * n));
    host::for_each_on_host(backend_, n, [&](index_t i) {
      const Values& x = turned_[at(members[at(i)])];
      for (index_t j = 0; j < n; ++j) {
        const Values& y = turned_[at(members[at(j)])];
        double sum = 0;
        for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
        gram[at(i * n + j)] = sum;
      }
    });
    Values means(at(n), 0.0), values;
    double mean = 0, trace = 0;
    for (index_t i = 0; i < n * n; ++i) means[at(i / n)] += gram[at(i)] / static_cast<double>(n);
    for (const double v : means) mean += v / static_cast<double>(n);
    for (index_t i = 0; i < n * n; ++i) gram[at(i)] += mean - means[at(i / n)] - means[at(i % n)];
    for (index_t i = 0; i < n; ++i) trace += gram[at(i * n + i)];
    const bool known = host::eigenvectors(gram, n, values);
    for (index_t k = 0; k < d; ++k) {
      const index_t column = n - 1 - k;  // eigenvalues ascend
      const double value = known && k < n ? std::max(0.0, values[at(column)]) : 0;
      out.shares.push_back(trace > 0 ? value / trace : nan);
      double most = 0;
      for (index_t i = 0; value > 0 && i < n; ++i) {
        const double v = gram[at(i * n + column)];
        if (std::abs(v) > std::abs(most) * (1 + 1e-9)) most = v;
      }
      for (index_t i = 0; i < n; ++i) {
        out.coordinates[at(members[at(i)] * d + k)] =
            value > 0 ? std::copysign(std::sqrt(value), most) * gram[at(i * n + column)] : 0;
      }
    }
  }

  host::Backend& backend_;
  ShapeMeanOptions options_;
  std::vector<host::Factor> factors_;
  std::vector<Values> turned_;  ///< m x C; later the tangent vectors
  index_t m_ = 0, c_ = 1;
  int unit_ = 0;
  bool any_ = false;
};

}  // namespace

ShapeMean shape_mean(std::span<const TrajectorySet> systems, const ShapeMeanOptions& options,
                     const Progress& progress) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::invalid_argument, what); };
  if (systems.empty()) throw Error(ErrorCode::invalid_data, "no systems, of which a mean is wanted");
  if (options.dimensions < 1 || options.dimensions > std::ssize(systems)) {
    refuse("ShapeMeanOptions::dimensions is " + std::to_string(options.dimensions) + ", expected 1 .. " +
           std::to_string(systems.size()) + ", the number of systems");
  }
  if (options.iterations < 1) {
    refuse("ShapeMeanOptions::iterations is " + std::to_string(options.iterations) + ", expected 1 or more");
  }
  if (!(options.tolerance >= 0)) {
    refuse("ShapeMeanOptions::tolerance is " + std::to_string(options.tolerance) + ", expected 0 or more");
  }
  host::check_prepared(systems);
  host::check_matched(systems);
  const auto backend = host::make_cpu_backend(options.threads, 0);
  host::Recordings recordings(*backend, systems);
  return Shapes(*backend, recordings.host(), options, progress).found(progress);
}

}  // namespace kindred
