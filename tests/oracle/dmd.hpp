#pragma once
/// The DMD operator by the book, in long double: explicit Hankel matrix, one-sided Jacobi SVD, normal equations of the
/// left singular vectors by Gaussian elimination. Slow, and shares nothing with the engine.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace kindred::oracle {

using real = long double;

/// Row-major.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<real> values;
  Matrix() = default;
  Matrix(std::size_t m, std::size_t n) : rows(m), columns(n), values(m * n, 0) {}
  real& operator()(std::size_t i, std::size_t j) { return values[i * columns + j]; }
  real operator()(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// One trial: x[t][c].
using Trial = std::vector<std::vector<double>>;

struct Dmd {
  std::vector<real> sigma;  ///< all singular values of H, descending
  Matrix a;                 ///< r x r
  real residual = 0;
  std::size_t rows = 0, columns = 0;
};

inline Matrix hankel(const std::vector<Trial>& trials, std::size_t delays, std::size_t interval) {
  const std::size_t channels = trials.front().front().size();
  std::size_t rows = 0;
  for (const auto& trial : trials) rows += trial.size() - (delays - 1) * interval;
  Matrix h(rows, delays * channels);
  std::size_t row = 0;
  for (const auto& trial : trials) {
    for (std::size_t s = 0; s + (delays - 1) * interval < trial.size(); ++s, ++row) {
      for (std::size_t j = 0; j < delays; ++j) {
        for (std::size_t c = 0; c < channels; ++c) h(row, j * channels + c) = trial[s + (delays - 1 - j) * interval][c];
      }
    }
  }
  return h;
}

/// One-sided Jacobi on the columns of a copy of H (Hestenes): sigma descending and left singular vectors, m x n.
inline std::pair<std::vector<real>, Matrix> left_svd(Matrix h) {
  const std::size_t m = h.rows, n = h.columns;
  // Columns contiguous.
  std::vector<std::vector<real>> column(n, std::vector<real>(m));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) column[j][i] = h(i, j);
  }
  const auto dot = [&](const std::vector<real>& x, const std::vector<real>& y) {
    real s = 0;
    for (std::size_t i = 0; i < m; ++i) s += x[i] * y[i];
    return s;
  };
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool rotated = false;
    for (std::size_t p = 0; p + 1 < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        const real a = dot(column[p], column[p]), b = dot(column[q], column[q]), c = dot(column[p], column[q]);
        if (std::abs(c) <= 1e-18L * std::sqrt(a * b) || c == 0) continue;
        rotated = true;
        const real z = (b - a) / (2 * c);
        const real t = (z >= 0 ? 1 : -1) / (std::abs(z) + std::sqrt(1 + z * z));
        const real cs = 1 / std::sqrt(1 + t * t), sn = cs * t;
        for (std::size_t i = 0; i < m; ++i) {
          const real x = column[p][i], y = column[q][i];
          column[p][i] = cs * x - sn * y;
          column[q][i] = sn * x + cs * y;
        }
      }
    }
    if (!rotated) break;
  }
  std::vector<real> norm(n);
  for (std::size_t j = 0; j < n; ++j) norm[j] = std::sqrt(dot(column[j], column[j]));
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return norm[i] > norm[j]; });
  std::vector<real> sigma;
  Matrix u(m, n);
  for (std::size_t j = 0; j < n; ++j) {
    sigma.push_back(norm[order[j]]);
    for (std::size_t i = 0; i < m; ++i) u(i, j) = norm[order[j]] > 0 ? column[order[j]][i] / norm[order[j]] : 0;
  }
  return {sigma, u};
}

/// Solves G X = B by Gaussian elimination with partial pivoting; returns X.
inline Matrix solve(Matrix g, Matrix b) {
  const std::size_t n = g.rows;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(g(i, k)) > std::abs(g(pivot, k))) pivot = i;
    }
    for (std::size_t j = 0; j < n; ++j) std::swap(g(k, j), g(pivot, j));
    for (std::size_t j = 0; j < b.columns; ++j) std::swap(b(k, j), b(pivot, j));
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const real f = g(i, k) / g(k, k);
      for (std::size_t j = k; j < n; ++j) g(i, j) -= f * g(k, j);
      for (std::size_t j = 0; j < b.columns; ++j) b(i, j) -= f * b(k, j);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < b.columns; ++j) b(i, j) /= g(i, i);
  }
  return b;
}

inline Dmd dmd(const std::vector<Trial>& trials, std::size_t delays, std::size_t interval, std::size_t rank,
               std::size_t ahead = 1, real ridge = 1e-8L) {
  Dmd out;
  const Matrix h = hankel(trials, delays, interval);
  out.rows = h.rows;
  out.columns = h.columns;
  auto [sigma, u] = left_svd(h);
  out.sigma = sigma;
  Matrix g(rank, rank), b(rank, rank);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::size_t row = 0;
  for (const auto& trial : trials) {
    const std::size_t length = trial.size() - (delays - 1) * interval;
    for (std::size_t s = 0; s + ahead < length; ++s) pairs.emplace_back(row + s, row + s + ahead);
    row += length;
  }
  for (std::size_t i = 0; i < rank; ++i) {
    for (std::size_t j = 0; j < rank; ++j) {
      for (const auto& [now, next] : pairs) {
        g(i, j) += u(now, i) * u(now, j);
        b(i, j) += u(now, i) * u(next, j);
      }
    }
    g(i, i) += ridge;
  }
  const Matrix x = solve(g, b);
  out.a = Matrix(rank, rank);
  for (std::size_t i = 0; i < rank; ++i) {
    for (std::size_t j = 0; j < rank; ++j) out.a(i, j) = x(j, i);
  }
  real error = 0, total = 0;
  for (const auto& [now, next] : pairs) {
    for (std::size_t i = 0; i < rank; ++i) {
      real predicted = 0;
      for (std::size_t j = 0; j < rank; ++j) predicted += out.a(i, j) * u(now, j);
      error += (u(next, i) - predicted) * (u(next, i) - predicted);
      total += u(next, i) * u(next, i);
    }
  }
  out.residual = std::sqrt(error / total);
  return out;
}

/// Coefficients of det(z I - A) (Faddeev-LeVerrier), descending powers: invariants of A that need no eigensolver.
inline std::vector<real> characteristic_polynomial(const Matrix& a) {
  const std::size_t n = a.rows;
  std::vector<real> c{1};
  Matrix m(n, n);
  for (std::size_t k = 1; k <= n; ++k) {
    for (std::size_t i = 0; i < n; ++i) m(i, i) += c.back();
    Matrix next(n, n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t l = 0; l < n; ++l) next(i, j) += a(i, l) * m(l, j);
      }
    }
    real trace = 0;
    for (std::size_t i = 0; i < n; ++i) trace += next(i, i);
    c.push_back(-trace / static_cast<real>(k));
    m = next;
  }
  return c;
}

/// An r x r matrix of row-major values.
inline Matrix square(std::ptrdiff_t r, const std::vector<double>& values) {
  const auto n = static_cast<std::size_t>(r);
  Matrix m(n, n);
  for (std::size_t i = 0; i < n * n; ++i) m.values[i] = values.at(i);
  return m;
}

/// Largest relative difference of the characteristic polynomials' coefficients (invariant to the signs of U) and of the
/// singular values.
inline double difference(const Matrix& a, const Matrix& b) {
  real worst = 0;
  const auto p = characteristic_polynomial(a), q = characteristic_polynomial(b);
  real scale = 0;
  for (const auto c : q) scale = std::max(scale, std::abs(c));
  for (std::size_t i = 0; i < p.size(); ++i) worst = std::max(worst, std::abs(p[i] - q[i]) / scale);
  const auto s = left_svd(a).first, t = left_svd(b).first;
  for (std::size_t i = 0; i < s.size(); ++i) worst = std::max(worst, std::abs(s[i] - t[i]) / t.front());
  return static_cast<double>(worst);
}

}  // namespace kindred::oracle
