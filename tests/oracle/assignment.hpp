#pragma once
/// Minimum-cost assignment, in long double, by two independent ways.
#include <algorithm>
#include <complex>
#include <limits>
#include <numeric>
#include <vector>

namespace kindred::oracle {

using Spectrum = std::vector<std::complex<long double>>;

inline std::vector<std::vector<long double>> squared_distances(const Spectrum& a, const Spectrum& b) {
  std::vector<std::vector<long double>> cost;
  for (const auto& x : a) {
    cost.emplace_back();
    for (const auto& y : b) cost.back().push_back(std::norm(x - y));
  }
  return cost;
}

/// The least cost over all permutations.
inline long double least_by_permutations(const std::vector<std::vector<long double>>& cost) {
  std::vector<std::size_t> pi(cost.size());
  std::iota(pi.begin(), pi.end(), std::size_t{0});
  long double best = std::numeric_limits<long double>::infinity();
  do {
    long double sum = 0;
    for (std::size_t i = 0; i < pi.size(); ++i) sum += cost[i][pi[i]];
    best = std::min(best, sum);
  } while (std::next_permutation(pi.begin(), pi.end()));
  return pi.empty() ? 0 : best;
}

/// The least cost by the Hungarian method: rows enter one at a time along shortest augmenting paths. O(n^3).
inline long double least_by_hungarian(const std::vector<std::vector<long double>>& cost) {
  const std::size_t n = cost.size();
  constexpr long double infinite = std::numeric_limits<long double>::infinity();
  // 1-based; row_of[0] is the row that enters.
  std::vector<long double> u(n + 1, 0), v(n + 1, 0);
  std::vector<std::size_t> row_of(n + 1, 0), way(n + 1, 0);
  for (std::size_t i = 1; i <= n; ++i) {
    row_of[0] = i;
    std::vector<long double> least(n + 1, infinite);
    std::vector<bool> used(n + 1, false);
    std::size_t j = 0;
    do {
      used[j] = true;
      std::size_t next = 0;
      long double delta = infinite;
      for (std::size_t k = 1; k <= n; ++k) {
        if (used[k]) continue;
        const long double c = cost[row_of[j] - 1][k - 1] - u[row_of[j]] - v[k];
        if (c < least[k]) {
          least[k] = c;
          way[k] = j;
        }
        if (least[k] < delta) {
          delta = least[k];
          next = k;
        }
      }
      for (std::size_t k = 0; k <= n; ++k) {
        if (used[k]) {
          u[row_of[k]] += delta;
          v[k] -= delta;
        } else {
          least[k] -= delta;
        }
      }
      j = next;
    } while (row_of[j] != 0);
    for (; j != 0; j = way[j]) row_of[j] = row_of[way[j]];
  }
  long double sum = 0;
  for (std::size_t k = 1; k <= n; ++k) sum += cost[row_of[k] - 1][k - 1];
  return sum;
}

}  // namespace kindred::oracle
