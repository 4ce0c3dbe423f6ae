#pragma once
/// The regressions of Dmd::regression by the book, in long double: explicit rows of U and W, singular vectors of
/// explicit matrices, Gaussian elimination, the square root by Newton's method on an explicit r^2 x r^2 system.
#include "tests/oracle/dmd.hpp"

namespace kindred::oracle {

inline Matrix multiply(const Matrix& a, const Matrix& b) {
  Matrix out(a.rows, b.columns);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t k = 0; k < a.columns; ++k) {
      for (std::size_t j = 0; j < b.columns; ++j) out(i, j) += a(i, k) * b(k, j);
    }
  }
  return out;
}

inline Matrix transpose(const Matrix& a) {
  Matrix out(a.columns, a.rows);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < a.columns; ++j) out(j, i) = a(i, j);
  }
  return out;
}

/// The first `count` columns.
inline Matrix columns_of(const Matrix& a, std::size_t count) {
  Matrix out(a.rows, count);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < count; ++j) out(i, j) = a(i, j);
  }
  return out;
}

/// Rows of U that have a successor, and the successors; the singular values of H.
struct Steps {
  std::vector<real> sigma;
  Matrix now, next;
};

inline Steps steps_of(const std::vector<Trial>& trials, std::size_t delays, std::size_t interval, std::size_t count,
                      std::size_t ahead) {
  auto [sigma, u] = left_svd(hankel(trials, delays, interval));
  std::vector<std::size_t> rows;
  std::size_t row = 0;
  for (const auto& trial : trials) {
    const std::size_t length = trial.size() - (delays - 1) * interval;
    for (std::size_t s = 0; s + ahead < length; ++s) rows.push_back(row + s);
    row += length;
  }
  Steps out{sigma, Matrix(rows.size(), count), Matrix(rows.size(), count)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      out.now(i, j) = u(rows[i], j);
      out.next(i, j) = u(rows[i] + ahead, j);
    }
  }
  return out;
}

/// (X^T X + ridge I)^-1 X^T Y.
inline Matrix regress(const Matrix& x, const Matrix& y, real ridge) {
  Matrix g = multiply(transpose(x), x);
  for (std::size_t i = 0; i < g.rows; ++i) g(i, i) += ridge;
  return solve(g, multiply(transpose(x), y));
}

inline Matrix reduced_rank(const Steps& s, std::size_t rank, real ridge) {
  const Matrix b = regress(s.now, s.next, ridge);
  // Of a symmetric matrix without negative eigenvalues, left singular vectors are eigenvectors.
  const Matrix w = columns_of(left_svd(multiply(transpose(multiply(transpose(s.now), s.next)), b)).second, rank);
  return transpose(multiply(transpose(w), multiply(b, w)));
}

/// In coordinates U, from [W-, W+] itself: of its singular value decomposition the r leading terms, regressed on each
/// other; without a ridge from the right singular vectors alone.
inline Matrix total_least_squares(const Steps& s, real ridge = 0) {
  const std::size_t r = s.now.columns, m = s.now.rows;
  Matrix both(m, 2 * r);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < r; ++j) {
      both(i, j) = s.now(i, j) * s.sigma[j];
      both(i, r + j) = s.next(i, j) * s.sigma[j];
    }
  }
  const auto [values, left] = left_svd(both);
  Matrix v = multiply(transpose(both), left);  // right singular vectors times the singular values
  Matrix q1(r, r), q2(r, r);
  for (std::size_t i = 0; i < r; ++i) {
    for (std::size_t j = 0; j < r; ++j) {
      q1(i, j) = v(i, j) / values[j] / s.sigma[i];
      q2(i, j) = v(r + i, j) / values[j] / s.sigma[i];
    }
  }
  if (ridge == 0) return transpose(solve(transpose(q1), transpose(q2)));
  Matrix weighted(m, r);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < r; ++j) weighted(i, j) = left(i, j) * values[j];
  }
  return transpose(regress(multiply(weighted, transpose(q1)), multiply(weighted, transpose(q2)), ridge));
}

/// The square root of s that Newton's method finds from x.
inline Matrix root_next_to(const Matrix& s, Matrix x) {
  const std::size_t r = x.rows;
  for (int step = 0; step < 30; ++step) {
    const Matrix square = multiply(x, x);
    Matrix system(r * r, r * r), right(r * r, 1);
    for (std::size_t i = 0; i < r; ++i) {
      for (std::size_t j = 0; j < r; ++j) {
        right(i * r + j, 0) = s(i, j) - square(i, j);
        for (std::size_t k = 0; k < r; ++k) {
          system(i * r + j, k * r + j) += x(i, k);
          system(i * r + j, i * r + k) += x(k, j);
        }
      }
    }
    const Matrix change = solve(system, right);
    for (std::size_t i = 0; i < r * r; ++i) x.values[i] += change.values[i];
  }
  return x;
}

inline Matrix forward_backward(const Steps& s, real ridge) {
  const Matrix f = transpose(regress(s.now, s.next, ridge)), b = transpose(regress(s.next, s.now, ridge));
  Matrix identity(f.rows, f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) identity(i, i) = 1;
  return root_next_to(multiply(f, solve(b, identity)), f);
}

/// exp(A) by its series, of A / 2^10, squared ten times.
inline Matrix exponential(Matrix a) {
  const std::size_t n = a.rows;
  for (real& v : a.values) v /= 1024;
  Matrix sum(n, n), term(n, n);
  for (std::size_t i = 0; i < n; ++i) sum(i, i) = term(i, i) = 1;
  for (int k = 1; k < 30; ++k) {
    term = multiply(term, a);
    for (std::size_t i = 0; i < n * n; ++i) sum.values[i] += (term.values[i] /= k);
  }
  for (int k = 0; k < 10; ++k) sum = multiply(sum, sum);
  return sum;
}

}  // namespace kindred::oracle
