#include "host/base/index.hpp"
#include "host/engine/operators/operator_bounds.hpp"
#include "host/engine/operators/pavf_distance.hpp"
#include "host/engine/operators/pavf_operators.hpp"
#include "host/engine/operators/spectral_scorer.hpp"

#include <kindred/error.hpp>

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace kindred::host {
namespace {

double unchanged(double x) { return x; }

constexpr double radians(double degrees) { return degrees * std::numbers::pi / 180; }

/// How a metric scales an operator: x / largest / norm. No norm: it cannot compare this one.
struct Scale {
  double largest = 1, norm = 1;
};

Scale scale_of(const Operator& op, bool unit_norm) {
  double largest = 0;
  for (const double x : op.values) {
    if (!std::isfinite(x)) return {1, 0};
    largest = std::max(largest, std::abs(x));
  }
  if (!unit_norm) return {};
  if (!(largest > 0)) return {1, 0};
  double sum = 0;
  for (const double x : op.values) sum += (x / largest) * (x / largest);
  return {largest, std::sqrt(sum)};
}

/// Eigenvalues of cos phi S + i sin phi K, S and K the symmetric and the skew part of the scaled operator, and zeros up
/// to r values, ascending. False where the iteration did not converge.
bool pencil_eigenvalues(const Operator& op, const Scale& scale, double phi, index_t r, double* out) {
  const index_t n = op.size;
  const double cosine = std::cos(phi), sine = std::sin(phi);
  std::vector<std::complex<double>> h(at(n * n));
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j <= i; ++j) {
      const double x = op(i, j) / scale.largest / scale.norm, y = op(j, i) / scale.largest / scale.norm;
      h[at(i * n + j)] = {cosine * (0.5 * x + 0.5 * y), sine * (0.5 * x - 0.5 * y)};
    }
  }
  if (LAPACKE_zheevd(LAPACK_ROW_MAJOR, 'N', 'L', static_cast<lapack_int>(n),
                     reinterpret_cast<lapack_complex_double*>(h.data()), static_cast<lapack_int>(n), out) != 0) {
    return false;
  }
  std::fill(out + n, out + r, 0.0);
  std::sort(out, out + r);
  return true;
}

/// The lines that a spectrum is projected onto, each with the one at a right angle to it.
constexpr double lines[] = {0, 30, 60};

bool is_closed(const Operator& op) { return !has_spectrum_alone(op) || folded_spectrum(op).closed; }

/// Eigenvalues, each as often as it occurs, and zeros up to r of them; projected and sorted.
void projections(const FoldedSpectrum& spectrum, double angle, index_t r, double* out) {
  std::vector<double> values;
  for (std::size_t k = 0; k < spectrum.re.size(); ++k) {
    const double x = spectrum.re[k] * std::cos(angle) + spectrum.im[k] * std::sin(angle);
    values.insert(values.end(), at(spectrum.supply[k]), x);
  }
  values.resize(at(r), 0.0);
  std::sort(values.begin(), values.end());
  const double weight = 1 / std::sqrt(static_cast<double>(r));
  std::transform(values.begin(), values.end(), out, [weight](double x) { return x * weight; });
}

}  // namespace

BoundRule bound_rule(const Dsa& config, std::span<const Operator> rows, std::span<const Operator> columns) {
  std::vector<const Operator*> operators;
  for (const auto& list : {rows, columns}) {
    for (const Operator& o : list) operators.push_back(&o);
  }
  check_comparable(operators, config);
  // Half of a vector belongs to phi, the other to 90 - phi: at 45 degrees they are the same.
  static constexpr double angles[] = {0, 15, 30, 45};
  const auto vectors = [unit_norm = config.unit_norm](const Operator& op, index_t r, double* out) {
    const Scale scale = scale_of(op, unit_norm);
    if (!(scale.norm > 0)) return false;
    for (const double angle : angles) {
      for (const double phi : {angle, 90 - angle}) {
        if (!pencil_eigenvalues(op, scale, radians(phi), r, out)) return false;
        out += r;
      }
    }
    return true;
  };
  if (config.score == DsaScore::angular) {
    return {std::ssize(angles), vectors, [](double d) { return pavf_score(d, DsaScore::angular); },
            [](double s) { return 2 * std::sin(std::min(s, std::numbers::pi) / 2); }};
  }
  return {std::ssize(angles), vectors, unchanged, unchanged};
}

BoundRule bound_rule(const Spectral& config, std::span<const Operator> rows, std::span<const Operator> columns) {
  if (!is_padded_w2(config)) {
    throw Error(ErrorCode::invalid_argument,
                "neighbours by eigenvalues have bounds for Spectral::measure = transport, Spectral::mass = pad, "
                "Spectral::weights = uniform and Spectral::order = 2 only");
  }
  // Folded, distances are those of the plane; a spectrum that is not closed compares with others as they are.
  const bool closed =
      std::all_of(rows.begin(), rows.end(), is_closed) && std::all_of(columns.begin(), columns.end(), is_closed);
  const auto vectors = [closed](const Operator& op, index_t r, double* out) {
    const FoldedSpectrum spectrum = closed ? folded_spectrum(op) : unfolded(folded_spectrum(op));
    if (!spectrum.usable) return false;
    for (const double line : lines) {
      for (const double angle : {line, line + 90}) {
        projections(spectrum, radians(angle), r, out);
        out += r;
      }
    }
    return true;
  };
  if (config.score == SpectralScore::root) return {std::ssize(lines), vectors, unchanged, unchanged};
  return {std::ssize(lines), vectors, [](double d) { return d * d; }, [](double s) { return std::sqrt(s); }};
}

}  // namespace kindred::host
