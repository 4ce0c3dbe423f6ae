#include "host/statistics/embedding.hpp"

#include <kindred/error.hpp>

#include <lapacke.h>

#include <algorithm>
#include <cmath>

#include "host/base/text.hpp"
#include "host/statistics/distances.hpp"

namespace kindred::statistics {
namespace {

/// -J D^2 J / 2.
std::vector<double> centred_squares(const std::vector<double>& d, index_t n) {
  std::vector<double> b(at(n * n));
  std::vector<double> mean(at(n));
  double total = 0;
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) mean[at(i)] += d[at(i * n + j)] * d[at(i * n + j)] / static_cast<double>(n);
    total += mean[at(i)] / static_cast<double>(n);
  }
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) {
      b[at(i * n + j)] = -0.5 * (d[at(i * n + j)] * d[at(i * n + j)] - mean[at(i)] - mean[at(j)] + total);
    }
  }
  return b;
}

/// Column `axis` of the points becomes sqrt(max(w, 0)) v, turned so that its largest coordinate is positive.
void set_axis(Embedding& e, index_t n, index_t axis, const double* v, index_t stride, double w) {
  std::vector<double> x(at(n));
  for (index_t i = 0; i < n; ++i) x[at(i)] = std::sqrt(std::max(w, 0.0)) * v[at(i * stride)];
  const auto largest =
      std::max_element(x.begin(), x.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const double sign = *largest < 0 ? -1 : 1;
  for (index_t i = 0; i < n; ++i) e.coordinates[at(i * e.dimensions + axis)] = sign * x[at(i)];
}

double stress(const std::vector<double>& d, index_t n, const Embedding& e) {
  double error = 0, size = 0;
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < i; ++j) {
      double square = 0;
      for (index_t k = 0; k < e.dimensions; ++k) {
        const double difference = e.coordinates[at(i * e.dimensions + k)] - e.coordinates[at(j * e.dimensions + k)];
        square += difference * difference;
      }
      const double shown = std::sqrt(square), given = d[at(i * n + j)];
      error += (given - shown) * (given - shown);
      size += given * given;
    }
  }
  return size > 0 ? std::sqrt(error / size) : 0.0;
}

}  // namespace

Embedding embed(const std::vector<double>& d, index_t n, index_t dimensions) {
  Embedding e{.dimensions = dimensions,
              .coordinates = std::vector<double>(at(n * dimensions), 0.0),
              .eigenvalues = std::vector<double>(at(dimensions), 0.0),
              .stress = 0,
              .left_out = {}};
  if (n < 2) return e;
  const index_t k = std::min(dimensions, n);
  std::vector<double> b = centred_squares(d, n), w(at(n)), vectors(at(n * k));
  std::vector<lapack_int> support(at(2 * k));
  lapack_int found = 0;
  const auto order = static_cast<lapack_int>(n), wanted = static_cast<lapack_int>(k);
  const lapack_int info =
      LAPACKE_dsyevr(LAPACK_ROW_MAJOR, 'V', 'I', 'U', order, b.data(), order, 0, 0, order - wanted + 1, order, 0,
                     &found, w.data(), vectors.data(), wanted, support.data());
  if (info != 0 || found != wanted) {
    throw Error(ErrorCode::invalid_data, "the eigenvectors of the embedding of the distances were not found");
  }
  for (index_t axis = 0; axis < k; ++axis) {
    const index_t column = k - 1 - axis;  // eigenvalues rise
    e.eigenvalues[at(axis)] = w[at(column)];
    set_axis(e, n, axis, vectors.data() + column, k, w[at(column)]);
  }
  e.stress = stress(d, n, e);
  return e;
}

Embedding classical_mds(const Distances& distances, index_t dimensions) {
  const index_t n = checked_size(distances);
  const Distances* const one[] = {&distances};
  const Complete kept = complete(one, std::vector<bool>(at(n), true));
  const auto m = static_cast<index_t>(kept.systems.size());
  if (dimensions < 1 || dimensions > m) {
    host::fail(ErrorCode::invalid_argument, host::printable(distances.name), ": ", dimensions,
               " dimensions are asked for, expected from 1 to ", m, ", the number of systems that count");
  }
  Embedding e = embed(part(distances, n, kept.systems), m, dimensions);
  std::vector<double> all(at(n * dimensions), std::numeric_limits<double>::quiet_NaN());
  for (index_t i = 0; i < m; ++i) {
    std::copy_n(e.coordinates.begin() + i * dimensions, dimensions, all.begin() + kept.systems[at(i)] * dimensions);
  }
  e.coordinates = std::move(all);
  e.left_out = kept.left_out;
  return e;
}

}  // namespace kindred::statistics
