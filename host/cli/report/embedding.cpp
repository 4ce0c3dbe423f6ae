#include "host/cli/report/embedding.hpp"

#include <kindred/error.hpp>

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::report {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

/// -J D^2 J / 2.
std::vector<double> centred_squares(const Distances& d) {
  const index_t n = d.n;
  std::vector<double> b(at(n * n));
  std::vector<double> mean(at(n));
  double total = 0;
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) mean[at(i)] += d(i, j) * d(i, j) / static_cast<double>(n);
    total += mean[at(i)] / static_cast<double>(n);
  }
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) b[at(i * n + j)] = -0.5 * (d(i, j) * d(i, j) - mean[at(i)] - mean[at(j)] + total);
  }
  return b;
}

/// sqrt(max(w, 0)) v, turned so that its largest coordinate is positive.
std::vector<double> axis(const std::vector<double>& vectors, index_t n, index_t k, index_t column, double w) {
  std::vector<double> out(at(n));
  for (index_t i = 0; i < n; ++i) out[at(i)] = std::sqrt(std::max(w, 0.0)) * vectors[at(i * k + column)];
  const auto largest =
      std::max_element(out.begin(), out.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (*largest < 0) {
    for (double& v : out) v = -v;
  }
  return out;
}

double stress(const Distances& d, const Embedding& e) {
  double error = 0, size = 0;
  for (index_t i = 0; i < d.n; ++i) {
    for (index_t j = 0; j < i; ++j) {
      const double shown = std::hypot(e.x[at(i)] - e.x[at(j)], e.y[at(i)] - e.y[at(j)]);
      error += (d(i, j) - shown) * (d(i, j) - shown);
      size += d(i, j) * d(i, j);
    }
  }
  return size > 0 ? std::sqrt(error / size) : 0.0;
}

/// Systems with a distance to at least one other; the only system, if there is one.
std::vector<index_t> connected(const Distances& d) {
  std::vector<index_t> out;
  for (index_t i = 0; i < d.n; ++i) {
    bool any = d.n == 1;
    for (index_t j = 0; j < d.n; ++j) any = any || (j != i && std::isfinite(d(i, j)));
    if (any) out.push_back(i);
  }
  return out;
}

Distances part(const Distances& d, const std::vector<index_t>& systems) {
  Distances out{{}, static_cast<index_t>(systems.size())};
  for (const index_t i : systems) {
    for (const index_t j : systems) out.values.push_back(d(i, j));
  }
  return out;
}

Embedding embed(const Distances& complete) {
  const index_t n = complete.n;
  Embedding result{std::vector<double>(at(n)), std::vector<double>(at(n)), 0};
  if (n < 2) return result;
  std::vector<double> b = centred_squares(complete);
  constexpr index_t k = 2;
  std::vector<double> w(at(n)), vectors(at(n * k));
  std::vector<lapack_int> support(2 * k);
  lapack_int found = 0;
  const auto order = static_cast<lapack_int>(n);
  const lapack_int info = LAPACKE_dsyevr(LAPACK_ROW_MAJOR, 'V', 'I', 'U', order, b.data(), order, 0, 0, order - 1,
                                         order, 0, &found, w.data(), vectors.data(), k, support.data());
  if (info != 0 || found != k) throw Error(ErrorCode::invalid_data, "the 2-D embedding of the distances failed");
  result.x = axis(vectors, n, k, 1, w[1]);
  result.y = axis(vectors, n, k, 0, w[0]);
  result.stress = stress(complete, result);
  return result;
}

}  // namespace

Embedding classical_mds(const Distances& distances) {
  Embedding result{std::vector<double>(at(distances.n), undefined), std::vector<double>(at(distances.n), undefined), 0};
  const std::vector<index_t> shown = connected(distances);
  const Embedding plane = embed(without_gaps(part(distances, shown)));
  for (std::size_t k = 0; k < shown.size(); ++k) {
    result.x[at(shown[k])] = plane.x[k];
    result.y[at(shown[k])] = plane.y[k];
  }
  result.stress = plane.stress;
  return result;
}

}  // namespace kindred::report
