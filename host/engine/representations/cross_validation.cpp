#include "host/engine/representations/cross_validation.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/engine/representations/folds.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/partial_least_squares.hpp"
#include "host/engine/representations/principal.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace kindred::host {
namespace {

/// ||Y - T M||^2 - ||Y||^2 = <M, S M - 2 P> with S = T^T T (r x r) and P = T^T Y (r x q).
double change_of_error(const std::vector<double>& s, std::span<const double> m, std::span<const double> p, index_t r,
                       index_t q) {
  std::vector<double> sm(m.size());
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(r), static_cast<int>(q), static_cast<int>(r),
              1.0, s.data(), static_cast<int>(r), m.data(), static_cast<int>(q), 0.0, sm.data(), static_cast<int>(q));
  double sum = 0;
  for (std::size_t k = 0; k < m.size(); ++k) sum += m[k] * (sm[k] - 2 * p[k]);
  return sum;
}

/// Adds the squared errors of one fold.
void add_errors(Backend& backend, std::span<const Factor> rows, std::span<const Factor> columns,
                const SampleRange& fold, const LinearRegression& metric, const std::function<void()>& pause,
                std::vector<double>& error) {
  FoldSide x(backend, rows, fold), y(backend, columns, fold);
  for (Factor& f : x.train) {
    if (!f.usable || metric.pls_components > 0) continue;
    const Principal p = principal_directions(backend, f, range_tolerance(f));
    std::vector<double> weight;
    const double lambda = metric.penalty * f.survey.scale() * f.survey.scale();
    // Coefficients are V F / S U^T Y with F = S^2 / (S^2 + lambda): half of F in each of the two products of the basis.
    for (const double sigma : p.sigma) weight.push_back(1 / std::sqrt(sigma * sigma + lambda));
    f.usable = !p.sigma.empty();
    if (f.usable) set_basis(f, p, weight);
  }
  x.make_tests(fold);
  y.make_tests(fold);
  std::vector<std::vector<double>> s(rows.size()), fitted(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (x.test[i].usable) s[i] = moments(backend, x.test[i]);
    if (metric.pls_components > 0 && x.train[i].usable) fitted[i] = moments(backend, x.train[i]);
  }
  const std::vector<double> about_mean = squared_norms(backend, y.test);
  for (std::size_t k = 0; k < error.size(); ++k) error[k] += about_mean[k % columns.size()];

  const auto take = [&]<class T>(index_t i, index_t j, bool, const std::vector<std::vector<T>>& blocks) {
    const std::vector<double> p(blocks[1].begin(), blocks[1].end());
    std::vector<double> m(blocks[0].begin(), blocks[0].end());
    const index_t r = x.train[at(i)].columns, q = y.train[at(j)].columns;
    if (metric.pls_components > 0) m = partial_least_squares(fitted[at(i)], std::move(m), r, q, metric);
    error[at(i) * columns.size() + at(j)] += change_of_error(s[at(i)], m, p, r, q);
  };
  // Products of the fitted samples, and of the judged ones.
  for_all_blocks_on_host(backend, fold_products(x, y, false), metric.precision, false, pause, take);
}

}  // namespace

std::vector<double> cross_validated_r2(Backend& backend, std::span<const Factor> rows, std::span<const Factor> columns,
                                       const LinearRegression& metric, const Progress& progress) {
  std::vector<double> out(rows.size() * columns.size(), 0.0);
  if (out.empty()) return out;
  index_t done = 0;
  for (const SampleRange& fold : folds_of(rows, columns, folding_of(metric))) {
    const auto pause = [&] { tell_progress(progress, "folds", done, metric.folds); };
    add_errors(backend, rows, columns, fold, metric, pause, out);
    ++done;
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    const Factor &x = rows[k / columns.size()], &y = columns[k % columns.size()];
    const bool usable = x.usable && y.usable;
    out[k] = usable ? std::min(1.0, 1 - out[k] / y.squared_norm) : std::numeric_limits<double>::quiet_NaN();
  }
  return out;
}

}  // namespace kindred::host
