#include <kindred/error.hpp>
#include <kindred/simulate.hpp>

#include <cmath>

#include "host/simulate/integrate.hpp"

namespace kindred::simulate {
namespace {

/// P diag(s) Q, s from 1 to `condition` in equal steps.
std::vector<double> random_basis(index_t n, double condition, Random& random) {
  const auto p = random_orthonormal(n, n, random);
  const auto q = random_orthonormal(n, n, random);
  std::vector<double> out(static_cast<std::size_t>(n * n), 0.0);
  for (index_t l = 0; l < n; ++l) {
    const double s = 1 + (condition - 1) * (n > 1 ? static_cast<double>(l) / static_cast<double>(n - 1) : 0.0);
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = 0; j < n; ++j) {
        out[i * n + j] += p[i * n + l] * s * q[l * n + j];
      }
    }
  }
  return out;
}

}  // namespace

Recording linear(const Linear& p) {
  if (p.modes.empty() || !(p.condition >= 1)) {
    throw Error(ErrorCode::invalid_argument, "a linear system needs at least one mode and a condition of 1 or more");
  }
  const auto n = static_cast<index_t>(2 * p.modes.size());
  Recording modal(p.trials, p.steps, n);
  Random random(p.seed, p.stream);
  const auto basis = random_basis(n, p.condition, random);
  for (index_t k = 0; k < p.trials; ++k) {
    for (index_t c = 0; c < n; ++c) modal.at(k, 0)[c] = random.normal();
    for (index_t t = 1; t < p.steps; ++t) {
      const double* const z = modal.at(k, t - 1);
      double* const next = modal.at(k, t);
      for (std::size_t m = 0; m < p.modes.size(); ++m) {
        const auto [a, b] = p.modes[m];
        next[2 * m] = a * z[2 * m] - b * z[2 * m + 1];
        next[2 * m + 1] = b * z[2 * m] + a * z[2 * m + 1];
      }
    }
  }
  require_finite(modal, "a linear system");
  return observe(modal, basis, n);
}

}  // namespace kindred::simulate
