#include "host/engine/fit/estimators/spectrum.hpp"

#include "host/base/index.hpp"
#include "host/base/parallel.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace kindred {
namespace {

using host::at;

/// Eigenvalues as LAPACK gives them: of a pair, two neighbours, the positive imaginary part first.
struct Eigenvalues {
  std::vector<double> re, im;
  std::vector<double> right;  ///< eigenvectors of A^T by columns, column-major; of a pair: real part, imaginary part
};

/// Of A^T, A row-major. False if they do not converge.
bool decompose(std::vector<double> a, index_t r, bool vectors, Eigenvalues& out) {
  const auto n = static_cast<lapack_int>(r);
  out.re.resize(at(r));
  out.im = out.re;
  out.right.resize(vectors ? at(r * r) : 0);
  bool converged = false;
  host::serially([&] {
    converged = LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', vectors ? 'V' : 'N', n, a.data(), n, out.re.data(), out.im.data(),
                              nullptr, n, vectors ? out.right.data() : nullptr, n) == 0;
  });
  return converged;
}

/// Places by descending modulus; those of a pair stay neighbours.
std::vector<std::size_t> by_modulus(const Eigenvalues& values) {
  std::vector<std::size_t> order(values.re.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return std::hypot(values.re[x], values.im[x]) > std::hypot(values.re[y], values.im[y]);
  });
  return order;
}

/// a^T M b of two columns of a matrix and the image of one of them.
double dot(const host::DenseMatrix& a, index_t i, const host::DenseMatrix& b, index_t j) {
  double sum = 0;
  for (index_t k = 0; k < a.rows(); ++k) sum += a(k, i) * b(k, j);
  return sum;
}

}  // namespace

std::vector<Eigenvalue> eigenvalues(const Operator& a) {
  Eigenvalues values;
  const bool finite = std::all_of(a.values.begin(), a.values.end(), [](double v) { return std::isfinite(v); });
  if (!finite || a.size == 0 || !decompose(a.values, a.size, false, values)) return {};
  std::vector<Eigenvalue> out;
  for (const std::size_t k : by_modulus(values)) out.push_back({{values.re[k], values.im[k]}});
  return out;
}

OperatorFigures figures_of(const Operator& a) {
  const auto spectrum = eigenvalues(a);
  if (spectrum.empty()) return {};
  host::DenseMatrix m(a.size, a.size);
  std::copy(a.values.begin(), a.values.end(), m.data());
  host::DenseMatrix left, right;
  std::vector<double> sigma(at(a.size));
  bool converged = false;
  host::serially([&] {
    left = host::product(m, m, /*transpose_a=*/true);
    right = host::product(m, host::transposed(m));
    const auto n = static_cast<lapack_int>(a.size);
    converged = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', n, n, m.data(), n, sigma.data(), nullptr, n, nullptr, n) == 0;
  });
  double squares = 0;
  for (index_t i = 0; i < a.size * a.size; ++i) {
    const double d = left.data()[i] - right.data()[i];
    squares += d * d;
  }
  OperatorFigures out;
  out.spectral_radius = std::abs(spectrum.front().value);
  out.non_normality = std::sqrt(squares);
  if (converged) out.transient_growth = sigma.front();
  return out;
}

namespace host {

namespace {

/// Eigenvalues, and v by columns: of a pair its real part, then its imaginary part. Nothing if they do not converge.
DenseMatrix coefficients(const Estimate& estimate, Eigenvalues& values) {
  const auto r = static_cast<index_t>(std::lround(std::sqrt(static_cast<double>(estimate.values.size()))));
  if (r == 0 || !decompose(estimate.values, r, true, values)) return {};
  DenseMatrix v(r, r);  // columns: g
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) v(i, j) = values.right[at(j * r + i)];
  }
  return estimate.lead.rows() > 0 ? product(estimate.lead, v, /*transpose_a=*/true) : v;
}

}  // namespace

Eigenvectors eigenvectors_of(const Estimate& estimate) {
  Eigenvalues values;
  const DenseMatrix v = coefficients(estimate, values);
  Eigenvectors out{DenseMatrix(v.rows(), v.columns()), DenseMatrix(v.rows(), v.columns())};
  if (v.rows() == 0) return out;
  index_t column = 0;
  for (const std::size_t k : by_modulus(values)) {
    const double im = values.im[k];
    const auto a = static_cast<index_t>(im < 0 ? k - 1 : k);
    for (index_t i = 0; i < v.rows(); ++i) {
      out.re(i, column) = v(i, a);
      if (im != 0) out.im(i, column) = im > 0 ? v(i, a + 1) : -v(i, a + 1);
    }
    ++column;
  }
  return out;
}

std::vector<Eigenvalue> spectrum_of(const Whitened& w, const Estimate& estimate) {
  Eigenvalues values;
  const DenseMatrix v = coefficients(estimate, values);
  if (v.rows() == 0) return {};
  const DenseMatrix now = product(w.now_now, v), across = product(w.now_next, v), next = product(w.next_next, v);
  std::vector<Eigenvalue> out;
  for (const std::size_t k : by_modulus(values)) {
    // The parts of the eigenvector, a + i b, are columns of v: its own and its partner's.
    const double re = values.re[k], im = values.im[k];
    const auto a = static_cast<index_t>(im < 0 ? k - 1 : k);
    const index_t b = im == 0 ? -1 : a + 1;
    double length = dot(v, a, now, a), image = dot(v, a, next, a), cross_re = dot(v, a, across, a), cross_im = 0;
    if (b >= 0) {
      length += dot(v, b, now, b);
      image += dot(v, b, next, b);
      cross_re += dot(v, b, across, b);
      cross_im = dot(v, a, across, b) - dot(v, b, across, a);
    }
    // Of the conjugate vector, for mu with im < 0, the imaginary part of v^* C v changes its sign too.
    const double error = image - 2 * (re * cross_re + std::abs(im) * cross_im) + (re * re + im * im) * length;
    Eigenvalue& one = out.emplace_back(Eigenvalue{{re, im}});
    if (length > 0) one.residual = std::sqrt(std::max(error, 0.0) / length);
  }
  return out;
}

void to_generator(std::vector<Eigenvalue>& spectrum, double time) {
  for (Eigenvalue& one : spectrum) one.value = std::log(one.value) / time;
}

}  // namespace host
}  // namespace kindred
