#pragma once
/// Naive, independent oracles for comparisons of representations, in long double: matrices as vectors of rows, sums in
/// the order of the formulas, singular values by one-sided Jacobi.
#include "tests/oracle/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace kindred::oracle {

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

/// Unbiased HSIC of two Gram matrices (Song et al. 2012, equation 5), times n (n - 3).
inline Real unbiased_hsic(const Rows& x, const Rows& y) {
  const std::size_t n = x.size();
  const auto gram = [n](const Rows& a) {
    Rows k(n, std::vector<Real>(n, 0));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (i == j) continue;
        for (std::size_t c = 0; c < a[0].size(); ++c) k[i][j] += a[i][c] * a[j][c];
      }
    }
    return k;
  };
  const Rows k = gram(x), l = gram(y);
  Real trace = 0, sum_k = 0, sum_l = 0, product = 0;
  for (std::size_t i = 0; i < n; ++i) {
    Real row_k = 0, row_l = 0;
    for (std::size_t j = 0; j < n; ++j) {
      trace += k[i][j] * l[j][i];
      row_k += k[i][j];
      row_l += l[i][j];
    }
    sum_k += row_k;
    sum_l += row_l;
    product += row_k * row_l;
  }
  const Real m = static_cast<Real>(n);
  return trace + sum_k * sum_l / ((m - 1) * (m - 2)) - 2 * product / (m - 2);
}

inline Real cka_song(const Rows& x, const Rows& y) {
  return unbiased_hsic(x, y) / std::sqrt(unbiased_hsic(x, x) * unbiased_hsic(y, y));
}

/// Orthonormal basis of the columns, by Gram-Schmidt twice (full rank).
inline Rows orthonormal(Rows x) {
  for (std::size_t j = 0; j < x[0].size(); ++j) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t l = 0; l < j; ++l) {
        Real dot = 0;
        for (const auto& row : x) dot += row[l] * row[j];
        for (auto& row : x) row[j] -= dot * row[l];
      }
    }
    Real norm = 0;
    for (const auto& row : x) norm += row[j] * row[j];
    for (auto& row : x) row[j] /= std::sqrt(norm);
  }
  return x;
}

/// Mean canonical correlation (full rank).
inline Real mean_cca(const Rows& x, const Rows& y) {
  const Rows a = orthonormal(centred(x)), b = orthonormal(centred(y));
  return nuclear_norm(cross(a, b)) / static_cast<Real>(std::min(a[0].size(), b[0].size()));
}

/// Share of Y's variance that X predicts.
inline Real r_squared(const Rows& x, const Rows& y) {
  const Rows b = centred(y);
  return squared_norm(cross(orthonormal(centred(x)), b)) / squared_norm(b);
}

/// Coefficients of the least squares X B = Y (full rank): normal equations, by elimination.
inline Rows least_squares(const Rows& x, const Rows& y) {
  Rows g = cross(x, x), b = cross(x, y);
  const std::size_t n = g.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Real d = g[i][i];
    for (Real& v : g[i]) v /= d;
    for (Real& v : b[i]) v /= d;
    for (std::size_t r = 0; r < n; ++r) {
      if (r == i) continue;
      const Real f = g[r][i];
      for (std::size_t j = 0; j < n; ++j) g[r][j] -= f * g[i][j];
      for (std::size_t j = 0; j < b[i].size(); ++j) b[r][j] -= f * b[i][j];
    }
  }
  return b;
}

/// Share of Y's variance that X predicts in folds starting at the samples `starts`.
inline Real cross_validated_r_squared(const Rows& x, const Rows& y, std::vector<std::size_t> starts) {
  starts.push_back(x.size());
  Real error = 0;
  for (std::size_t v = 0; v + 1 < starts.size(); ++v) {
    Rows train_x, train_y;
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (k >= starts[v] && k < starts[v + 1]) continue;
      train_x.push_back(x[k]);
      train_y.push_back(y[k]);
    }
    const auto mean = [](const Rows& a, std::size_t j) {
      Real sum = 0;
      for (const auto& row : a) sum += row[j];
      return sum / static_cast<Real>(a.size());
    };
    const Rows b = least_squares(centred(train_x), centred(train_y));
    for (std::size_t k = starts[v]; k < starts[v + 1]; ++k) {
      for (std::size_t j = 0; j < y[0].size(); ++j) {
        Real predicted = mean(train_y, j);
        for (std::size_t i = 0; i < x[0].size(); ++i) predicted += (x[k][i] - mean(train_x, i)) * b[i][j];
        error += (y[k][j] - predicted) * (y[k][j] - predicted);
      }
    }
  }
  return 1 - error / squared_norm(centred(y));
}

/// X (alpha I + (1 - alpha) (X^T X)^(-1/2)) for centred X of full rank: the second term is the limit of the Newton
/// iteration Z <- (Z + Z^-T) / 2 of the polar factor, taken in the orthonormal basis of X.
inline Rows partially_whitened(const Rows& x, Real alpha) {
  const Rows a = centred(x), q = orthonormal(a);
  Rows z = cross(q, a);  // C x C
  const std::size_t n = z.size();
  for (int step = 0; step < 100; ++step) {
    const Rows w = transposed(inverse(z));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) z[i][j] = (z[i][j] + w[i][j]) / 2;
    }
  }
  Rows out = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      Real polar = 0;
      for (std::size_t l = 0; l < n; ++l) polar += q[i][l] * z[l][j];
      out[i][j] = alpha * a[i][j] + (1 - alpha) * polar;
    }
  }
  return out;
}

inline Real pearson(std::vector<Real> a, std::vector<Real> b, bool centre = true) {
  Real ma = 0, mb = 0;
  for (std::size_t i = 0; i < a.size() && centre; ++i) {
    ma += a[i] / static_cast<Real>(a.size());
    mb += b[i] / static_cast<Real>(a.size());
  }
  Real ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

/// Dissimilarities of all pairs of rows.
inline std::vector<Real> rdm(const Rows& x, bool correlation) {
  std::vector<Real> d;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      if (correlation) {
        d.push_back(1 - pearson(x[i], x[j]));
      } else {
        Real sum = 0;
        for (std::size_t c = 0; c < x[0].size(); ++c) sum += (x[i][c] - x[j][c]) * (x[i][c] - x[j][c]);
        d.push_back(sum);
      }
    }
  }
  return d;
}

/// Number of smaller values plus half the number of other equal ones: the mean rank up to a constant.
inline std::vector<Real> ranks(const std::vector<Real>& v) {
  std::vector<Real> r(v.size(), 0);
  for (std::size_t i = 0; i < v.size(); ++i) {
    for (const Real w : v) r[i] += w < v[i] ? 1 : w == v[i] ? Real(0.5) : 0;
  }
  return r;
}

}  // namespace kindred::oracle
