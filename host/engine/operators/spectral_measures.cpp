/// Measures between spectra other than the default (kindred/metrics.hpp, Spectral), a pair at a time on the processor:
/// transports of any masses, and Hausdorff distances. Weights and distances do not change under conjugation; of two
/// spectra that are closed under it, folded onto the upper half plane, where |x - y| <= |x - conj(y)|, each minimum is
/// therefore the same.
#include "host/base/index.hpp"
#include "host/base/transport.hpp"
#include "host/engine/operators/listed_operators.hpp"
#include "host/engine/operators/spectral_scorer.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// Points with masses.
struct Cloud {
  std::vector<double> re, im;
  std::vector<std::int64_t> mass;

  void add(double x, double y, std::int64_t units) {
    if (units == 0) return;
    re.push_back(x);
    im.push_back(y);
    mass.push_back(units);
  }
};

/// Each eigenvalue with `units`, and `padding` more at 0.
Cloud uniform(const FoldedSpectrum& s, std::int64_t units, std::int64_t padding) {
  Cloud out;
  for (std::size_t k = 0; k < s.re.size(); ++k) out.add(s.re[k], s.im[k], s.supply[k] * units);
  out.add(0, 0, padding);
  return out;
}

/// Eigenvalues with masses in proportion to weights, in whole units of 2^-52 of all: to eps of it each. All 0: one
/// point.
Cloud by_weights(const FoldedSpectrum& s, const std::vector<double>& weights) {
  constexpr double all = 4503599627370496.0;
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  Cloud out;
  auto left = static_cast<std::int64_t>(all);
  const auto largest = at(std::max_element(weights.begin(), weights.end()) - weights.begin());
  if (!(sum > 0)) {
    out.add(0, 0, left);
    return out;
  }
  std::vector<std::int64_t> units;
  for (const double v : weights) left -= units.emplace_back(static_cast<std::int64_t>(v / sum * all));
  units[largest] += left;  // what rounding down has left
  for (std::size_t k = 0; k < units.size(); ++k) out.add(s.re[k], s.im[k], units[k]);
  return out;
}

Cloud by_modulus(const FoldedSpectrum& s) {
  std::vector<double> modulus;
  for (std::size_t k = 0; k < s.re.size(); ++k) modulus.push_back(s.supply[k] * std::hypot(s.re[k], s.im[k]));
  return by_weights(s, modulus);
}

/// Masses in proportion to 1 / residual. Makes `s` unusable where no eigenvalue has a residual.
Cloud by_residual(FoldedSpectrum& s) {
  constexpr double least = 1e-8;  // below, residuals are rounding
  std::vector<double> weights;
  for (std::size_t k = 0; k < s.re.size(); ++k) weights.push_back(s.supply[k] / std::max(s.residual[k], least));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  s.usable = sum > 0 && std::isfinite(sum);
  return s.usable ? by_weights(s, weights) : Cloud{};
}

/// The spectrum that a fit tells, with its residuals.
FoldedSpectrum told_spectrum(const Operator& op) {
  return has_residuals(op) ? folded(op.facts.spectrum) : FoldedSpectrum{};
}

/// Throws Error{invalid_data} for an operator with eigenvalues, but without residuals.
void require_residuals(const std::vector<const Operator*>& operators) {
  for (const Operator* op : operators) {
    if (has_residuals(*op) || !folded_spectrum(*op).usable) continue;
    throw Error(
        ErrorCode::invalid_data,
        "system '" + op->name +
            "' has no residuals of its eigenvalues, by which Spectral::weights = inverse-residual weighs them; pass "
            "recordings, or fit with EngineOptions::spectra");
  }
}

/// W_p^p, p = 1 or 2.
double transport(const Cloud& a, const Cloud& b, index_t order) {
  std::vector<double> cost;
  for (std::size_t i = 0; i < a.re.size(); ++i) {
    for (std::size_t j = 0; j < b.re.size(); ++j) {
      const double x = a.re[i] - b.re[j], y = a.im[i] - b.im[j];
      cost.push_back(order == 1 ? std::hypot(x, y) : x * x + y * y);
    }
  }
  const std::vector<std::int64_t> flow = transport_plan(cost, a.mass, b.mass);
  double sum = 0, mass = 0;
  for (std::size_t k = 0; k < cost.size(); ++k) sum += static_cast<double>(flow[k]) * cost[k];
  for (const std::int64_t units : a.mass) mass += static_cast<double>(units);
  return sum / mass;
}

/// max_i min_j |lambda_i - mu_j|.
double directed_hausdorff(const FoldedSpectrum& a, const FoldedSpectrum& b) {
  double farthest = 0;
  for (std::size_t i = 0; i < a.re.size(); ++i) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < b.re.size(); ++j) {
      nearest = std::min(nearest, std::hypot(a.re[i] - b.re[j], a.im[i] - b.im[j]));
    }
    farthest = std::max(farthest, nearest);
  }
  return farthest;
}

/// An order of spectra by their values, so that a distance does not depend on which comes first.
bool precedes(const FoldedSpectrum& a, const FoldedSpectrum& b) {
  if (a.re != b.re) return a.re < b.re;
  if (a.im != b.im) return a.im < b.im;
  return a.supply < b.supply;
}

class SpectralMeasureScorer final : public ListedOperators {
 public:
  SpectralMeasureScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns,
                        const Spectral& metric, const Progress& progress)
      : ListedOperators(backend, rows, columns),
        metric_(metric),
        weighted_by_(metric.measure == SpectralMeasure::transport ? metric.weights : SpectralWeights::uniform) {
    const bool residuals = weighted_by_ == SpectralWeights::inverse_residual;
    if (residuals) require_residuals(operators_);
    spectra_ = folded_spectra(backend, operators_, progress, residuals ? told_spectrum : folded_spectrum);
    if (weighted_by_ == SpectralWeights::uniform) return;
    for (FoldedSpectrum& s : spectra_) {
      weighted_.push_back(!s.usable ? Cloud{} : residuals ? by_residual(s) : by_modulus(s));
    }
  }

  void run(std::span<const PairIndex> pairs, std::span<PairResult> out) override {
    for_each_on_host(backend_, std::ssize(pairs), [&](index_t k) {
      const auto [i, j] = ends(pairs[at(k)]);
      const auto [a, b] = places_in_list({i, j}, spectra_[i].closed && spectra_[j].closed, operators_.size());
      const bool usable = spectra_[a].usable && spectra_[b].usable;
      out[at(k)] = usable ? exact(distance(a, b)) : failed();
    });
  }

  [[nodiscard]] index_t preferred_tile() const override { return 1024 * backend_.parallelism(); }

 private:
  [[nodiscard]] double distance(std::size_t i, std::size_t j) const {
    const FoldedSpectrum &a = spectra_[i], &b = spectra_[j];
    const bool root = metric_.score == SpectralScore::root;
    if (metric_.measure != SpectralMeasure::transport) {
      double d = directed_hausdorff(a, b);
      if (metric_.measure == SpectralMeasure::hausdorff) d = std::max(d, directed_hausdorff(b, a));
      return root ? d : d * d;
    }
    const double power = precedes(b, a) || (!precedes(a, b) && mass_precedes(j, i)) ? transport_distance(j, i)
                                                                                    : transport_distance(i, j);
    return root && metric_.order == 2 ? std::sqrt(power) : power;
  }

  /// Equal eigenvalues may have other residuals.
  [[nodiscard]] bool mass_precedes(std::size_t i, std::size_t j) const {
    return !weighted_.empty() && weighted_[i].mass < weighted_[j].mass;
  }

  [[nodiscard]] double transport_distance(std::size_t i, std::size_t j) const {
    if (!weighted_.empty()) return transport(weighted_[i], weighted_[j], metric_.order);
    const FoldedSpectrum &a = spectra_[i], &b = spectra_[j];
    const index_t p = a.size(), q = b.size(), larger = std::max(p, q);
    if (metric_.mass == SpectralMass::pad) {
      return transport(uniform(a, 1, larger - p), uniform(b, 1, larger - q), metric_.order);
    }
    return transport(uniform(a, equal_masses(p, q).front(), 0), uniform(b, equal_masses(q, p).front(), 0),
                     metric_.order);
  }

  Spectral metric_;
  SpectralWeights weighted_by_;
  std::vector<FoldedSpectrum> spectra_;  ///< of folded_spectra
  std::vector<Cloud> weighted_;          ///< of these, where masses are not uniform
};

}  // namespace

std::unique_ptr<OperatorScorer> make_spectral_measure_scorer(Backend& backend, std::span<const Operator> rows,
                                                             std::span<const Operator> columns, const Spectral& metric,
                                                             const Progress& progress) {
  if (metric.order != 1 && metric.order != 2) {
    throw Error(ErrorCode::invalid_argument,
                "Spectral::order is " + std::to_string(metric.order) + ", expected 1 or 2");
  }
  if (metric.measure == SpectralMeasure::directed_hausdorff && columns.empty()) {
    throw Error(
        ErrorCode::invalid_argument,
        "Spectral::measure = directed-hausdorff is not symmetric, and a collection against itself has one value "
        "for both directions; compare two collections (Engine::cross), or take Spectral::measure = hausdorff");
  }
  return std::make_unique<SpectralMeasureScorer>(backend, rows, columns, metric, progress);
}

}  // namespace kindred::host
