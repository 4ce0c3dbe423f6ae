#include "host/base/index.hpp"
#include "host/engine/fit/estimators/regressions.hpp"

#include <lapacke.h>

#include <vector>

namespace kindred::host {

Estimate reduced_rank(const Whitened& w, index_t rank, double ridge) {
  const index_t p = w.rank();
  DenseMatrix b = w.now_next;
  if (!regress(w, w.now_now, ridge, b)) return {.failure = singular_equations};
  DenseMatrix m = product(w.now_next, b, true);  // symmetric but for rounding
  for (index_t i = 0; i < p; ++i) {
    for (index_t j = 0; j < i; ++j) m(i, j) = m(j, i) = 0.5 * (m(i, j) + m(j, i));
  }
  std::vector<double> values(at(p));
  const auto n = static_cast<lapack_int>(p);
  // Column-major: the rows of m become the eigenvectors, ascending.
  if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, m.data(), n, values.data()) != 0) {
    return {.failure = "the eigenvectors of its reduced-rank regression did not converge"};
  }
  DenseMatrix basis(p, rank);
  for (index_t j = 0; j < rank; ++j) {
    for (index_t i = 0; i < p; ++i) basis(i, j) = m(p - 1 - j, i);
  }
  const auto within = [&](const DenseMatrix& a) { return product(basis, product(a, basis), true); };
  Estimate out = finish(within(b), within(w.now_now), within(w.now_next), within(w.next_next));
  out.lead = transposed(product(b, basis));
  out.coordinates = std::move(basis);
  return out;
}

}  // namespace kindred::host
