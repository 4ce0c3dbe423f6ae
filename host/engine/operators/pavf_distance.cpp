#include "host/engine/operators/pavf_distance.hpp"

#include "host/base/index.hpp"
#include "host/engine/pairs/pair_result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

/// One operator of a pair on the pair's common scale: A = mean I + norm A0.
struct Scaled {
  double mean, norm;
};

Scaled scaled(const PavfSystem& s, index_t r, bool unit_norm, double common) {
  const double unit = unit_norm ? std::sqrt(static_cast<double>(r) * s.mean * s.mean + s.norm * s.norm)
                                : (common > 0 ? common / s.scale : 1.0);
  return {s.mean / unit, s.norm / unit};
}

/// Both operators of a pair on a common scale, and what a distance on it is worth.
struct ScaledPair {
  ScaledPair(const PavfSystem& left, const PavfSystem& right, index_t size, const Dsa& config) : r(size) {
    const double common = std::max(left.scale, right.scale);
    a = scaled(left, r, config.unit_norm, common);
    b = scaled(right, r, config.unit_norm, common);
    unit = config.unit_norm ? 1.0 : common;
  }

  /// ||A - C B C^T||^2 = r (a - b)^2 + (|A0| - |B0|)^2 + |A0| |B0| x,   x = ||A0 / |A0| - C (B0 / |B0|) C^T||^2.
  [[nodiscard]] double distance(double x) const {
    const double mean = a.mean - b.mean, norm = a.norm - b.norm;
    return std::sqrt(static_cast<double>(r) * mean * mean + norm * norm + a.norm * b.norm * x);
  }

  index_t r;
  Scaled a{}, b{};
  double unit = 1;
};

/// Lower bound of x, the largest of those that the invariants give: the distance of sorted eigenvalues (Hoffman and
/// Wielandt). They are those of matrices of unit norm, good to a few r eps.
double spectral_bound(const PavfSystem& a, const PavfSystem& b, index_t r) {
  double largest = 0;
  const auto kind = at(2 * r);
  for (std::size_t first = 0; first < a.invariants.size(); first += kind) {
    double sum = 0;
    for (std::size_t k = first; k < first + kind; ++k) {
      const double d = a.invariants[k] - b.invariants[k];
      sum += d * d;
    }
    largest = std::max(largest, sum);
  }
  const double margin = 32 * static_cast<double>(r) * std::numeric_limits<double>::epsilon();
  const double bound = std::max(0.0, std::sqrt(largest) - margin);
  return bound * bound;
}

/// Lower bound of x: the better of the spectral one and of that which the program proved.
double proven(const PavfSystem& a, const PavfSystem& b, index_t r, const kernels::PavfOutcome& outcome) {
  const double spectral = spectral_bound(a, b, r);
  return outcome.gap >= 0 ? std::max(spectral, 2 * (outcome.energy - outcome.gap)) : spectral;
}

}  // namespace

double pavf_score(double distance, DsaScore score) {
  return score == DsaScore::angular ? 2 * std::asin(std::min(1.0, distance / 2)) : distance;
}

bool pavf_identical(const PavfSystem& a, const PavfSystem& b) {
  return a.key == b.key && a.scale == b.scale && a.mean == b.mean && a.norm == b.norm && a.op == b.op;
}

bool pavf_needs_alignment(const PavfSystem& a, const PavfSystem& b) {
  return a.finite && b.finite && !a.scalar && !b.scalar && !pavf_identical(a, b);
}

PairResult pavf_result_of(const PavfSystem& a, const PavfSystem& b, index_t r, const Dsa& config,
                          const kernels::PavfOutcome* outcome) {
  const auto zero = [](const PavfSystem& s) { return !(s.scale > 0); };
  if (!a.finite || !b.finite || (config.unit_norm && (zero(a) || zero(b)))) return failed();
  if (pavf_identical(a, b)) return same();
  PairResult out;
  const ScaledPair pair(a, b, r, config);
  if (outcome == nullptr) {
    out.distance = out.lower_bound = pair.distance(0.0);
  } else {
    out.distance = pair.distance(2 * outcome->energy);
    out.lower_bound = std::min(out.distance, pair.distance(proven(a, b, r, *outcome)));
    out.refinements = outcome->refinements;
    out.status = outcome->converged != 0 ? PairStatus::converged : PairStatus::iteration_limit;
    if (outcome->gap >= 0 && out.distance - out.lower_bound <= pavf_proof_tolerance) {
      out.status = PairStatus::certified;
    }
  }
  out.distance = pavf_score(out.distance, config.score) * pair.unit;
  out.lower_bound = pavf_score(out.lower_bound, config.score) * pair.unit;
  out.gap = out.distance - out.lower_bound;
  return out;
}

double pavf_proven_bound(const PavfSystem& a, const PavfSystem& b, index_t r, const Dsa& config,
                         const kernels::PavfOutcome& outcome) {
  const ScaledPair pair(a, b, r, config);
  return pavf_score(pair.distance(proven(a, b, r, outcome)), config.score) * pair.unit;
}

}  // namespace kindred::host
