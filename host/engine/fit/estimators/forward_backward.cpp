#include "host/base/index.hpp"
#include "host/engine/fit/estimators/regressions.hpp"

#include <lapacke.h>

#include <cmath>
#include <limits>
#include <vector>

namespace kindred::host {
namespace {

double norm(const DenseMatrix& m) {
  double sum = 0;
  for (index_t i = 0; i < m.rows() * m.columns(); ++i) sum += m.data()[i] * m.data()[i];
  return std::sqrt(sum);
}

/// Y from X Y + Y X = right, by the real Schur form of X (Bartels and Stewart 1972). False: it cannot be told.
bool solve_sylvester(const DenseMatrix& x, DenseMatrix& right) {
  const auto n = static_cast<lapack_int>(x.rows());
  DenseMatrix t = x, z(x.rows(), x.rows());
  std::vector<double> re(at(n)), im = re;
  lapack_int selected = 0;
  if (LAPACKE_dgees(LAPACK_ROW_MAJOR, 'V', 'N', nullptr, n, t.data(), n, &selected, re.data(), im.data(), z.data(),
                    n) != 0) {
    return false;
  }
  DenseMatrix y = product(product(z, right, true), z);
  double scale = 1;
  if (LAPACKE_dtrsyl(LAPACK_ROW_MAJOR, 'N', 'N', 1, n, n, t.data(), n, t.data(), n, y.data(), n, &scale) != 0) {
    return false;
  }
  right = product(z, product(y, transposed(z)));
  for (index_t i = 0; i < x.rows() * x.rows(); ++i) right.data()[i] /= scale;
  return true;
}

/// Turns x into the root of s next to it: X + Y with X Y + Y X = S - X^2, repeated (Higham 2008, section 6.2).
bool take_root(const DenseMatrix& s, DenseMatrix& x) {
  constexpr int most_steps = 40;
  const double rounding = 16 * static_cast<double>(x.rows()) * std::numeric_limits<double>::epsilon();
  double before = std::numeric_limits<double>::infinity();
  for (int step = 0; step < most_steps; ++step) {
    DenseMatrix change = product(x, x);
    for (index_t i = 0; i < x.rows() * x.rows(); ++i) change.data()[i] = s.data()[i] - change.data()[i];
    if (!solve_sylvester(x, change)) return false;
    for (index_t i = 0; i < x.rows() * x.rows(); ++i) x.data()[i] += change.data()[i];
    const double size = norm(change) / norm(x);
    if (!std::isfinite(size)) return false;
    // Convergence is quadratic: once small, a step that is no smaller than the last is rounding.
    if (size <= rounding || (before <= 1e-10 && size >= before / 2)) return true;
    before = size;
  }
  return false;
}

}  // namespace

Estimate forward_backward(const Whitened& w, double ridge) {
  const index_t r = w.rank();
  const auto n = static_cast<lapack_int>(r);
  DenseMatrix forward = w.now_next, backward = transposed(w.now_next);
  if (!regress(w, w.now_now, ridge, forward) || !regress(w, w.next_next, ridge, backward)) {
    return {.failure = singular_equations};
  }
  for (index_t i = 0; i < r; ++i) {
    if (!w.is_kept(i)) {
      return {.failure = "the data have fewer than " + std::to_string(r) +
                         " directions, which forward-backward regression needs; lower Dmd::rank"};
    }
  }
  DenseMatrix square = forward;  // transposed: (F B^-1)^T = B^-T F^T
  std::vector<lapack_int> pivots(at(r));
  if (LAPACKE_dgesv(LAPACK_ROW_MAJOR, n, n, backward.data(), n, pivots.data(), square.data(), n) != 0) {
    return {.failure = "its operator back in time is singular; lower Dmd::rank"};
  }
  if (!take_root(square, forward)) {
    return {.failure =
                "the forward operator over the backward one has no real square root next to the forward one (two "
                "eigenvalues nearly opposite, or noise above the signal); lower Dmd::rank or use another "
                "Dmd::regression"};
  }
  return finish(forward, w.now_now, w.now_next, w.next_next);
}

}  // namespace kindred::host
