#include "host/base/index.hpp"
#include "host/engine/fit/estimators/regressions.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>

namespace kindred::host {
namespace {

/// T^T M for M with one column an input.
DenseMatrix in_basis(const DenseMatrix& t, const DenseMatrix& m) {
  DenseMatrix top(t.rows(), m.columns());
  for (index_t i = 0; i < t.rows(); ++i) std::copy_n(m.row(i), m.columns(), top.row(i));
  return product(t, top, /*transpose_a=*/true);
}

}  // namespace

Estimate with_inputs(const Whitened& w, const Moments& moments, double ridge) {
  const index_t r = w.rank(), m = moments.input_input.rows(), n = r + m;
  const DenseMatrix now_input = in_basis(w.t, moments.now_input), next_input = in_basis(w.t, moments.next_input);
  DenseMatrix square(n, n), right(n, r);
  for (index_t i = 0; i < r; ++i) {
    std::copy_n(w.now_now.row(i), r, square.row(i));
    std::copy_n(w.now_next.row(i), r, right.row(i));
    for (index_t j = 0; j < m; ++j) {
      square(i, r + j) = square(r + j, i) = now_input(i, j);
      right(r + j, i) = next_input(i, j);
    }
  }
  for (index_t i = 0; i < m; ++i) std::copy_n(moments.input_input.row(i), m, square.row(r + i) + r);
  DenseMatrix factor = square, x = right;
  for (index_t i = 0; i < n; ++i) {
    const bool kept = i < r ? w.is_kept(i) : square(i, i) > 0;
    factor(i, i) += kept ? ridge : 1.0;
  }
  if (LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', static_cast<int>(n), static_cast<int>(r), factor.data(), static_cast<int>(n),
                    x.data(), static_cast<int>(r)) != 0) {
    return {.failure = singular_equations};
  }
  // ||U+ - [U- C] X||^2 = tr(U+^T U+) - 2 <X, right> + <X, square X>
  const DenseMatrix image = product(square, x);
  double total = 0;
  for (index_t i = 0; i < r; ++i) total += w.next_next(i, i);
  double error = total;
  for (index_t i = 0; i < n * r; ++i) error += x.data()[i] * (image.data()[i] - 2 * right.data()[i]);
  Estimate out;
  out.residual = total > 0 ? std::sqrt(std::max(error, 0.0) / total) : 0;
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) out.values.push_back(x(j, i));
    for (index_t j = 0; j < m; ++j) out.input_matrix.push_back(x(r + j, i));
  }
  const auto finite = [](const std::vector<double>& v) {
    return std::all_of(v.begin(), v.end(), [](double a) { return std::isfinite(a); });
  };
  if (!finite(out.values) || !finite(out.input_matrix)) out.failure = singular_equations;
  return out;
}

Whitened without_inputs(const Whitened& w, const Moments& moments, const Estimate& found) {
  const index_t r = w.rank(), m = moments.input_input.rows();
  DenseMatrix b(m, r);  // B^T
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < m; ++j) b(j, i) = found.input_matrix[at(i * m + j)];
  }
  const DenseMatrix now = product(in_basis(w.t, moments.now_input), b);
  const DenseMatrix next = product(in_basis(w.t, moments.next_input), b);
  const DenseMatrix both = product(b, product(moments.input_input, b), /*transpose_a=*/true);
  Whitened out = w;
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) {
      out.now_next(i, j) -= now(i, j);
      out.next_next(i, j) += both(i, j) - next(i, j) - next(j, i);
    }
  }
  return out;
}

}  // namespace kindred::host
