#include "host/base/index.hpp"
#include "host/engine/fit/estimators/regressions.hpp"

#include <lapacke.h>

#include <cmath>
#include <limits>
#include <vector>

namespace kindred::host {

Estimate total_least_squares(const Whitened& w, const Moments& moments, std::span<const double> sigma, double ridge) {
  const index_t r = w.rank();
  // Lengths of H V_r over those of the moments, which have unit length where H has few rows.
  std::vector<double> scale;
  for (index_t i = 0; i < r; ++i) {
    const double length = std::sqrt(moments.now_now(i, i) + moments.last_last(i, i));
    if (!(length > 0) || !w.is_kept(i)) {
      return {.failure = "the data have fewer than " + std::to_string(r) +
                         " directions, which total least squares needs; lower Dmd::rank"};
    }
    scale.push_back(sigma[at(i)] / length);
  }
  DenseMatrix joint(2 * r, 2 * r);
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) {
      const double by = scale[at(i)] * scale[at(j)];
      joint(i, j) = by * moments.now_now(i, j);
      joint(i, r + j) = by * moments.now_next(i, j);
      joint(r + j, i) = joint(i, r + j);
      joint(r + i, r + j) = by * moments.next_next(i, j);
    }
  }
  const auto n = static_cast<lapack_int>(r), both = 2 * n;
  std::vector<double> mu(at(both));
  // Column-major: the rows of the result are the eigenvectors, ascending.
  if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', both, joint.data(), both, mu.data()) != 0) {
    return {.failure = "the eigenvectors of its total least squares did not converge"};
  }
  const double noise = 8 * static_cast<double>(both) * std::numeric_limits<double>::epsilon() * mu.back();
  if (!(mu[at(r)] - mu[at(r - 1)] > noise)) {
    return {.failure = "total least squares has no single solution of rank " + std::to_string(r) +
                       ": its directions cannot be told from rounding; lower Dmd::rank"};
  }
  // Row k of now and next: the halves of eigenvector k times the root of its eigenvalue, in the coordinates U = W T:
  // T^T S^-1 q. Their second moments are those of the rows without what the other eigenvectors hold.
  DenseMatrix now(r, r), next(r, r);
  for (index_t k = 0; k < r; ++k) {
    const double length = std::sqrt(mu[at(r + k)]);
    for (index_t i = 0; i < r; ++i) {
      for (index_t j = 0; j <= i; ++j) {
        const double by = length * w.t(j, i) / scale[at(j)];
        now(k, i) += by * joint(r + k, j);
        next(k, i) += by * joint(r + k, r + j);
      }
    }
  }
  DenseMatrix x = product(now, next, /*transpose_a=*/true);
  if (!regress(w, product(now, now, /*transpose_a=*/true), ridge, x)) {
    return {.failure = "total least squares has no solution of rank " + std::to_string(r) + "; lower Dmd::rank"};
  }
  return finish(x, w.now_now, w.now_next, w.next_next);
}

}  // namespace kindred::host
