#include "host/engine/representations/near_pair.hpp"

#include "host/base/index.hpp"
#include "host/engine/representations/orthogonal.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

/// Row-major, on the host.
struct Dense {
  Dense(index_t m, index_t n) : rows(m), columns(n), values(host::at(m * n)) {}

  index_t rows, columns;
  std::vector<double> values;
};

/// The factor's matrix times `scale`, with zero columns up to `width`.
Dense dense(Backend& backend, const Factor& f, double scale, index_t width) {
  const Buffer<double> buffer(backend, f.rows * f.columns);
  write_factor(backend, f, kernels::Panels<double>{buffer.data(), f.rows, f.columns}, 0);
  Dense values(f.rows, f.columns), out(f.rows, width);
  buffer.download(values.values);
  for (index_t i = 0; i < f.rows; ++i) {
    std::transform(&values.values[at(i * f.columns)], &values.values[at(i * f.columns)] + f.columns,
                   &out.values[at(i * width)], [=](double x) { return scale * x; });
  }
  return out;
}

/// C = op(A) B through the seam.
Dense product(Backend& backend, Op op, const Dense& a, const Dense& b) {
  const Buffer<double> x(backend, std::span<const double>(a.values)), y(backend, std::span<const double>(b.values));
  Dense c(op == Op::none ? a.rows : a.columns, b.columns);
  const Buffer<double> z(backend, c.rows * c.columns);
  backend.gemm({.op_a = op,
                .m = c.rows,
                .n = c.columns,
                .k = b.rows,
                .a = x.data(),
                .lda = a.columns,
                .b = y.data(),
                .ldb = b.columns,
                .c = z.data(),
                .ldc = c.columns});
  z.download(c.values);
  return c;
}

/// a X and b Y Q.
std::pair<Dense, Dense> aligned(Backend& backend, const Factor& x, double a, const Factor& y, double b) {
  const index_t n = std::max(x.columns, y.columns);
  Dense left = dense(backend, x, a, n);
  const Dense right = dense(backend, y, b, n);
  Dense q = product(backend, Op::transpose, right, left);
  q.values = polar(std::move(q.values), n);
  return {std::move(left), product(backend, Op::none, right, q)};
}

}  // namespace

double procrustes_residual(Backend& backend, const Factor& x, double a, const Factor& y, double b) {
  if (precedes(y, x)) return procrustes_residual(backend, y, b, x, a);
  const auto [left, right] = aligned(backend, x, a, y, b);
  double sum = 0;
  for (std::size_t i = 0; i < left.values.size(); ++i) {
    const double d = left.values[i] - right.values[i];
    sum += d * d;
  }
  return std::sqrt(sum);
}

double gram_residual(Backend& backend, const Factor& x, double x_norm, const Factor& y, double y_norm) {
  if (precedes(y, x)) return gram_residual(backend, y, y_norm, x, x_norm);
  auto [d, s] = aligned(backend, x, 1 / std::sqrt(x_norm), y, 1 / std::sqrt(y_norm));
  for (std::size_t i = 0; i < d.values.size(); ++i) {
    const double left = d.values[i], right = s.values[i];
    d.values[i] = left - right;
    s.values[i] = left + right;
  }
  const Dense dd = product(backend, Op::transpose, d, d), ss = product(backend, Op::transpose, s, s),
              ds = product(backend, Op::transpose, d, s);
  const index_t n = d.columns;
  double sum = 0;
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) {
      sum += dd.values[at(i * n + j)] * ss.values[at(i * n + j)] + ds.values[at(i * n + j)] * ds.values[at(j * n + i)];
    }
  }
  return std::sqrt(std::max(0.0, sum / 2));
}

}  // namespace kindred::host
