#pragma once
/// Linear systems by Gauss-Jordan elimination with pivots, of any type of number.
#include <cmath>
#include <complex>
#include <cstddef>
#include <utility>
#include <vector>

namespace kindred::oracle {

/// X of A X = B, n x n and n x m by rows.
template <class T>
std::vector<std::vector<T>> solve(std::vector<std::vector<T>> a, std::vector<std::vector<T>> b) {
  const std::size_t n = a.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const T f = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= f * a[k][j];
      for (std::size_t j = 0; j < b[i].size(); ++j) b[i][j] -= f * b[k][j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (T& x : b[i]) x /= a[i][i];
  }
  return b;
}

template <class T>
std::vector<std::vector<T>> inverse(const std::vector<std::vector<T>>& a) {
  std::vector<std::vector<T>> identity(a.size(), std::vector<T>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i) identity[i][i] = 1;
  return solve(a, identity);
}

}  // namespace kindred::oracle
