#include "host/engine/representations/partial_least_squares.hpp"

#include "host/base/index.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

double norm(const std::vector<double>& v) { return cblas_dnrm2(static_cast<int>(v.size()), v.data(), 1); }

/// The leading left singular vector of C (p x q), from the eigenvector of the smaller of its Gram matrices. Empty if it
/// does not converge.
std::vector<double> leading_left(const std::vector<double>& c, index_t p, index_t q) {
  const bool by_rows = p <= q;
  const index_t n = std::min(p, q);
  const int size = static_cast<int>(n), columns = static_cast<int>(q);
  std::vector<double> gram(at(n * n)), value(at(n)), vector(at(n));
  cblas_dsyrk(CblasRowMajor, CblasUpper, by_rows ? CblasNoTrans : CblasTrans, size, static_cast<int>(by_rows ? q : p),
              1.0, c.data(), columns, 0.0, gram.data(), size);
  lapack_int found = 0, support[2] = {};
  // Row-major upper is column-major lower.
  if (LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', size, gram.data(), size, 0, 0, size, size, 0, &found,
                     value.data(), vector.data(), size, support) != 0 ||
      found != 1) {
    return {};
  }
  if (by_rows) return vector;
  std::vector<double> w(at(p));
  cblas_dgemv(CblasRowMajor, CblasNoTrans, static_cast<int>(p), columns, 1.0, c.data(), columns, vector.data(), 1, 0.0,
              w.data(), 1);
  const double length = norm(w);
  if (!(length > 0)) return {};
  for (double& x : w) x /= length;
  return w;
}

/// Calls take(v, v^T C, tau) for each component.
template <class Take>
void for_each_component(const std::vector<double>& s, std::vector<double>& c, index_t p, index_t q,
                        const LinearRegression& metric, Take&& take) {
  const int rows = static_cast<int>(p), columns = static_cast<int>(q);
  double trace = 0;
  for (index_t i = 0; i < p; ++i) trace += s[at(i * p + i)];
  const double eps = metric.precision == ProductPrecision::f32 ? std::numeric_limits<float>::epsilon()
                                                               : std::numeric_limits<double>::epsilon();
  const double rounding = static_cast<double>(std::max<index_t>({p, q, 32})) * eps;
  const double least = rounding * norm(c);
  std::vector<std::vector<double>> before, images;  // v and S v / tau
  for (index_t k = 0; k < std::min(metric.pls_components, p); ++k) {
    const double left = norm(c);
    if (!(left > least) || !std::isfinite(left)) return;
    // In units in which the Gram matrix of C neither overflows nor vanishes.
    std::vector<double> scaled = c;
    for (double& x : scaled) x /= left;
    std::vector<double> v = leading_left(scaled, p, q), image(at(p)), onto(at(q));
    if (v.empty()) return;
    // Twice, so that the scores are orthogonal to rounding.
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < before.size(); ++j) {
        cblas_daxpy(rows, -cblas_ddot(rows, images[j].data(), 1, v.data(), 1), before[j].data(), 1, v.data(), 1);
      }
    }
    cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, rows, 1.0, s.data(), rows, v.data(), 1, 0.0, image.data(), 1);
    const double tau = cblas_ddot(rows, v.data(), 1, image.data(), 1), length = norm(v);
    if (!(tau > rounding * trace * length * length)) return;
    cblas_dgemv(CblasRowMajor, CblasTrans, rows, columns, 1.0, c.data(), columns, v.data(), 1, 0.0, onto.data(), 1);
    for (double& x : image) x /= tau;
    cblas_dger(CblasRowMajor, rows, columns, -1.0, image.data(), 1, onto.data(), 1, c.data(), columns);
    take(v, onto, tau);
    before.push_back(std::move(v));
    images.push_back(std::move(image));
  }
}

}  // namespace

std::vector<double> moments(Backend& backend, const Factor& f) {
  const Buffer<double> x(backend, f.rows * f.columns), g(backend, f.columns * f.columns);
  write_factor(backend, f, kernels::Panels<double>{x.data(), f.rows, f.columns}, 0);
  backend.gram(packed(x.data(), f.rows, f.columns), 0.0, packed(g.data(), f.columns, f.columns), 1);
  std::vector<double> out(at(g.size()));
  g.download(out);
  return out;
}

std::vector<double> partial_least_squares(const std::vector<double>& s, std::vector<double> c, index_t p, index_t q,
                                          const LinearRegression& metric) {
  std::vector<double> b(at(p * q), 0.0);
  const auto add = [&](const std::vector<double>& v, const std::vector<double>& onto, double tau) {
    cblas_dger(CblasRowMajor, static_cast<int>(p), static_cast<int>(q), 1 / tau, v.data(), 1, onto.data(), 1, b.data(),
               static_cast<int>(q));
  };
  for_each_component(s, c, p, q, metric, add);
  return b;
}

double explained_by_pls(const std::vector<double>& s, std::vector<double> c, index_t p, index_t q,
                        const LinearRegression& metric) {
  double sum = 0;
  for_each_component(s, c, p, q, metric, [&](const std::vector<double>&, const std::vector<double>& onto, double tau) {
    const double length = norm(onto);
    sum += length * (length / tau);
  });
  return sum;
}

}  // namespace kindred::host
