#include "host/engine/fit/subspace.hpp"

#include "host/base/index.hpp"
#include "host/engine/fit/estimators/whitened.hpp"
#include "host/engine/recordings/rows.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>

namespace kindred::host {
namespace {

constexpr double smallest = 1e-10;  ///< singular values at or below this share of the largest are noise of rounding

/// Columns of M.
struct WindowShape {
  index_t delays, outputs, inputs;

  [[nodiscard]] index_t future() const { return delays * inputs; }            ///< of U_f
  [[nodiscard]] index_t past() const { return delays * (inputs + outputs); }  ///< of Z
  [[nodiscard]] index_t later() const { return delays * outputs; }            ///< of Y_f
  [[nodiscard]] index_t all() const { return future() + past() + later(); }
  [[nodiscard]] index_t panel() const { return std::max<index_t>(all(), 256); }
};

/// The samples of a system times its scale, and the rows of M.
class Windows {
 public:
  Windows(const TrajectorySet& system, const Embedding& embedding, const FitInputs& inputs, const WindowShape& shape)
      : shape_(shape), trial_rows_(embedding.trial_rows), inputs_(inputs), samples_(dense_rows(system)) {
    for (double& x : samples_) x *= embedding.scale;
    index_t first = 0;
    for (index_t k = 0; k < system.trial_count(); ++k) {
      first_.push_back(first);
      first += system.steps(k);
    }
  }

  [[nodiscard]] const std::vector<index_t>& trial_rows() const { return trial_rows_; }
  [[nodiscard]] const double* input(index_t trial, index_t step) const { return inputs_.at(trial, step); }

  /// Z of a window.
  double* write_past(index_t trial, index_t j, double* out) const {
    if (shape_.inputs > 0) out = std::copy_n(inputs_.at(trial, j), shape_.delays * shape_.inputs, out);
    return std::copy_n(output(trial, j), shape_.later(), out);
  }
  void write(index_t trial, index_t j, double* out) const {
    const index_t middle = j + shape_.delays;
    if (shape_.inputs > 0) out = std::copy_n(inputs_.at(trial, middle), shape_.future(), out);
    out = write_past(trial, j, out);
    std::copy_n(output(trial, middle), shape_.later(), out);
  }

 private:
  [[nodiscard]] const double* output(index_t trial, index_t step) const {
    return samples_.data() + (first_[at(trial)] + step) * shape_.outputs;
  }

  WindowShape shape_;
  const std::vector<index_t>& trial_rows_;
  const FitInputs& inputs_;
  std::vector<double> samples_;
  std::vector<index_t> first_;
};

/// R of M = Q R, a panel of rows at a time under the triangle so far.
DenseMatrix triangle_of(const Windows& windows, const WindowShape& shape) {
  const index_t q = shape.all(), ld = q + shape.panel();
  std::vector<double> a(at(ld * q), 0.0), row(at(q)), tau = row;  // columns
  index_t filled = q;
  const auto reduce = [&] {
    LAPACKE_dgeqrf(LAPACK_COL_MAJOR, static_cast<lapack_int>(filled), static_cast<lapack_int>(q), a.data(),
                   static_cast<lapack_int>(ld), tau.data());
    for (index_t c = 0; c < q; ++c) std::fill(a.begin() + c * ld + c + 1, a.begin() + (c + 1) * ld, 0.0);
    filled = q;
  };
  for (index_t k = 0; k < std::ssize(windows.trial_rows()); ++k) {
    for (index_t j = 0; j < windows.trial_rows()[at(k)]; ++j) {
      windows.write(k, j, row.data());
      for (index_t c = 0; c < q; ++c) a[c * ld + filled] = row[c];
      if (++filled == ld) reduce();
    }
  }
  if (filled > q) reduce();
  DenseMatrix out(q, q);
  for (index_t c = 0; c < q; ++c) {
    for (index_t i = 0; i <= c; ++i) out(i, c) = a[c * ld + i];
  }
  return out;
}

DenseMatrix block(const DenseMatrix& m, index_t row, index_t column, index_t rows, index_t columns) {
  DenseMatrix out(rows, columns);
  for (index_t i = 0; i < rows; ++i) std::copy_n(m.row(row + i) + column, columns, out.row(i));
  return out;
}

/// M = left diag(values) right, values descending; false: they do not converge.
struct Decomposition {
  std::vector<double> values;
  DenseMatrix left, right;
};

bool decompose(DenseMatrix m, Decomposition& out) {
  const index_t k = std::min(m.rows(), m.columns());
  out.values.resize(at(k));
  out.left = DenseMatrix(m.rows(), k);
  out.right = DenseMatrix(k, m.columns());
  return LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'S', static_cast<lapack_int>(m.rows()), static_cast<lapack_int>(m.columns()),
                        m.data(), static_cast<lapack_int>(m.columns()), out.values.data(), out.left.data(),
                        static_cast<lapack_int>(k), out.right.data(), static_cast<lapack_int>(m.columns())) == 0;
}

/// K^T (columns of Z x columns of Y_f), and the small matrix with the singular values and left vectors of O.
bool project(const DenseMatrix& r, const WindowShape& shape, bool oblique, DenseMatrix& k, DenseMatrix& o) {
  const index_t a = shape.future(), b = shape.past(), c = shape.later();
  Decomposition past;  // R_zz = P s W^T
  if (!decompose(block(r, a, a, b, b), past)) return false;
  const DenseMatrix later = product(past.left, block(r, a, a + b, b, c), /*transpose_a=*/true);  // P^T R_zf
  DenseMatrix kept = later, over = later;
  for (index_t i = 0; i < b; ++i) {
    const double s = past.values[at(i)];
    const bool keep = s > smallest * past.values.front();
    for (index_t j = 0; j < c; ++j) {
      if (!keep) kept(i, j) = 0;
      over(i, j) = keep ? over(i, j) / s : 0;
    }
  }
  k = product(past.right, over, /*transpose_a=*/true);
  const DenseMatrix own = transposed(kept);  // K R_zz^T P: of its singular values and left vectors the same
  if (!oblique || a == 0) {
    o = own;
    return true;
  }
  const DenseMatrix early = transposed(product(block(r, 0, a, a, b), k));  // K R_uz^T
  o = DenseMatrix(c, a + b);
  for (index_t i = 0; i < c; ++i) std::copy_n(own.row(i), b, std::copy_n(early.row(i), a, o.row(i)));
  return true;
}

/// Moments of the states Z K^T U, rank by rank columns, a trial at a time.
Moments moments_of(const Windows& windows, const WindowShape& shape, const DenseMatrix& map) {
  Moments out;
  const index_t r = map.columns(), m = shape.inputs;
  out.rank = r;
  const auto add = [](DenseMatrix& sum, const DenseMatrix& more) {
    if (sum.rows() == 0) sum = DenseMatrix(more.rows(), more.columns());
    for (index_t i = 0; i < more.rows() * more.columns(); ++i) sum.data()[i] += more.data()[i];
  };
  for (index_t k = 0; k < std::ssize(windows.trial_rows()); ++k) {
    const index_t rows = windows.trial_rows()[at(k)];
    DenseMatrix z(rows, shape.past());
    for (index_t j = 0; j < rows; ++j) windows.write_past(k, j, z.row(j));
    const DenseMatrix x = product(z, map);
    const DenseMatrix now = block(x, 0, 0, rows - 1, r), next = block(x, 1, 0, rows - 1, r),
                      last = block(x, rows - 1, 0, 1, r);
    add(out.now_now, product(now, now, true));
    add(out.now_next, product(now, next, true));
    add(out.next_next, product(next, next, true));
    add(out.last_last, product(last, last, true));
    if (m == 0) continue;
    DenseMatrix u(rows - 1, m);
    for (index_t j = 0; j < rows - 1; ++j) std::copy_n(windows.input(k, j + shape.delays), m, u.row(j));
    add(out.now_input, product(now, u, true));
    add(out.next_input, product(next, u, true));
    add(out.input_input, product(u, u, true));
  }
  return out;
}

WindowShape window_shape(const TrajectorySet& system, const Dmd& dmd) {
  return {dmd.delays, system.channels(), system.input_count()};
}

}  // namespace

std::size_t subspace_bytes(const TrajectorySet& system, const Embedding& embedding, const Dmd& dmd) {
  const WindowShape s = window_shape(system, dmd);
  const index_t longest = *std::max_element(embedding.trial_rows.begin(), embedding.trial_rows.end());
  const index_t elements = (3 * s.all() + s.panel()) * s.all() + 6 * s.past() * s.past() + longest * s.past() +
                           system.total_steps() * s.outputs;
  return at(elements) * sizeof(double);
}

void fit_subspace(const TrajectorySet& system, const Embedding& embedding, const FitInputs& inputs, const Dmd& dmd,
                  Fitted& out) {
  const WindowShape shape = window_shape(system, dmd);
  const Windows windows(system, embedding, inputs, shape);
  DenseMatrix k, o;
  Decomposition found;
  if (!project(triangle_of(windows, shape), shape, dmd.regression == Regression::n4sid, k, o) ||
      !decompose(std::move(o), found)) {
    return;
  }
  out.sigma = found.values;
  if (!(out.sigma.front() > 0)) return;
  out.numerical_rank = count_above(out.sigma, std::max(smallest, rank_threshold(embedding, system.is_float32())));
  out.rank = rank_by_rule(dmd.rank, out.sigma, embedding, out.numerical_rank);
  const index_t r = std::max<index_t>(out.rank, 1);
  const DenseMatrix u = block(found.left, 0, 0, found.left.rows(), r);
  out.outputs = block(u, 0, 0, shape.outputs, r);
  out.moments = moments_of(windows, shape, product(k, u));
}

}  // namespace kindred::host
