#pragma once
/// Naive, independent oracles for comparisons of representations, in long double: matrices as vectors of rows, sums in
/// the order of the formulas, singular values by one-sided Jacobi.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace oracle {

using Real = long double;
using Rows = std::vector<std::vector<Real>>;

template <class T>
Rows rows_of(const T* data, std::size_t m, std::size_t n) {
  Rows x(m, std::vector<Real>(n));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) x[i][j] = data[i * n + j];
  }
  return x;
}

inline Rows centred(Rows x) {
  for (std::size_t j = 0; j < x[0].size(); ++j) {
    Real sum = 0;
    for (const auto& row : x) sum += row[j];
    const Real mean = sum / static_cast<Real>(x.size());
    for (auto& row : x) row[j] -= mean;
  }
  return x;
}

/// X^T Y.
inline Rows cross(const Rows& x, const Rows& y) {
  Rows c(x[0].size(), std::vector<Real>(y[0].size(), 0));
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t i = 0; i < c.size(); ++i) {
      for (std::size_t j = 0; j < c[0].size(); ++j) c[i][j] += x[k][i] * y[k][j];
    }
  }
  return c;
}

inline Rows transposed(const Rows& x) {
  Rows t(x[0].size(), std::vector<Real>(x.size()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x[0].size(); ++j) t[j][i] = x[i][j];
  }
  return t;
}

inline Real squared_norm(const Rows& x) {
  Real sum = 0;
  for (const auto& row : x) {
    for (const Real v : row) sum += v * v;
  }
  return sum;
}

/// Singular values, descending, by rotating columns until they are orthogonal.
inline std::vector<Real> singular_values(Rows a) {
  if (a.size() < a[0].size()) a = transposed(a);
  const std::size_t n = a[0].size();
  const Real eps = std::numeric_limits<Real>::epsilon();
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool rotated = false;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        Real alpha = 0, beta = 0, gamma = 0;
        for (const auto& row : a) {
          alpha += row[p] * row[p];
          beta += row[q] * row[q];
          gamma += row[p] * row[q];
        }
        if (std::abs(gamma) <= eps * std::sqrt(alpha * beta)) continue;
        rotated = true;
        const Real zeta = (beta - alpha) / (2 * gamma);
        const Real t = (zeta >= 0 ? 1 : -1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        const Real c = 1 / std::sqrt(1 + t * t), s = c * t;
        for (auto& row : a) {
          const Real x = row[p], y = row[q];
          row[p] = c * x - s * y;
          row[q] = s * x + c * y;
        }
      }
    }
    if (!rotated) break;
  }
  std::vector<Real> sigma;
  for (std::size_t j = 0; j < n; ++j) {
    Real sum = 0;
    for (const auto& row : a) sum += row[j] * row[j];
    sigma.push_back(std::sqrt(sum));
  }
  std::sort(sigma.rbegin(), sigma.rend());
  return sigma;
}

inline Real nuclear_norm(const Rows& a) {
  Real sum = 0;
  for (const Real s : singular_values(a)) sum += s;
  return sum;
}

/// Linear CKA, biased: ||Y^T X||^2 / (||X^T X|| ||Y^T Y||).
inline Real cka(const Rows& x, const Rows& y) {
  const Rows a = centred(x), b = centred(y);
  return squared_norm(cross(b, a)) / std::sqrt(squared_norm(cross(a, a)) * squared_norm(cross(b, b)));
}

/// Cosine of the Procrustes angle.
inline Real procrustes(const Rows& x, const Rows& y) {
  const Rows a = centred(x), b = centred(y);
  return nuclear_norm(cross(a, b)) / std::sqrt(squared_norm(a) * squared_norm(b));
}

/// Squared Procrustes distance.
inline Real procrustes_squared(const Rows& x, const Rows& y) {
  const Rows a = centred(x), b = centred(y);
  return squared_norm(a) + squared_norm(b) - 2 * nuclear_norm(cross(a, b));
}

}  // namespace oracle
