#pragma once
/// Products, means and eigenvectors in long double.
#include "tests/oracle/representation.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace kindred::oracle {

inline Rows product(const Rows& a, const Rows& b) { return cross(transposed(a), b); }

/// Eigenvectors of a symmetric matrix, as columns, by cyclic Jacobi rotations.
inline std::pair<std::vector<Real>, Rows> eigen(Rows a) {
  const std::size_t n = a.size();
  Rows v(n, std::vector<Real>(n, 0));
  for (std::size_t i = 0; i < n; ++i) v[i][i] = 1;
  for (int sweep = 0; sweep < 60; ++sweep) {
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a[p][q] == 0) continue;
        const Real theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const Real t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(1 + theta * theta));
        const Real c = 1 / std::sqrt(1 + t * t), s = c * t;
        for (std::size_t k = 0; k < n; ++k) {
          const Real x = a[k][p], y = a[k][q];
          a[k][p] = c * x - s * y, a[k][q] = s * x + c * y;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const Real x = a[p][k], y = a[q][k];
          a[p][k] = c * x - s * y, a[q][k] = s * x + c * y;
          const Real u = v[k][p], w = v[k][q];
          v[k][p] = c * u - s * w, v[k][q] = s * u + c * w;
        }
      }
    }
  }
  std::vector<Real> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(a[i][i]);
  return {values, v};
}

inline std::vector<Real> means(const Rows& x) {
  std::vector<Real> out(x[0].size(), 0);
  for (const auto& row : x) {
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += row[c] / static_cast<Real>(x.size());
  }
  return out;
}

}  // namespace kindred::oracle
