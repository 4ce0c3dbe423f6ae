#pragma once
/// What the products of an executor must be, whichever executor it is.
#include "kernels/pavf/workspace.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace kindred::test {

/// `run(m, n, k, accumulate, a, b, c)` leaves A B or C + A B in c; rows of n and k entries are padded to multiples of 8
/// by zeros. Sizes up to `largest`.
template <class T, class Run>
void check_products(index_t largest, Run&& run) {
  using kernels::pavf_padded;
  std::mt19937_64 engine(1);
  std::normal_distribution<T> normal;
  const auto draw = [&](index_t rows, index_t columns) {
    std::vector<T> x(static_cast<std::size_t>(rows * pavf_padded(columns)));
    for (index_t i = 0; i < rows; ++i) {
      for (index_t j = 0; j < columns; ++j) x[static_cast<std::size_t>(i * pavf_padded(columns) + j)] = normal(engine);
    }
    return x;
  };
  // columns that end in whole vectors of any width, and 1 to 5 beyond; rows and terms that end in whole tiles or not
  for (const index_t n : {1, 3, 4, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 33, 36, 50, 66, 100, 150}) {
    for (const index_t m : {n, index_t{1}, index_t{7}, index_t{12}}) {
      for (const index_t k : {n, index_t{3}, index_t{257}}) {
        if (n > largest || k > largest) continue;
        const index_t lda = pavf_padded(k), ld = pavf_padded(n);
        const std::vector<T> a = draw(m, k), b = draw(k, n), start = draw(m, n);
        for (const bool accumulate : {false, true}) {
          std::vector<T> c = accumulate ? start : std::vector<T>(start.size());
          run(m, n, k, accumulate, a, b, c);
          CAPTURE(m, n, k, accumulate);
          index_t wrong = 0;
          for (index_t i = 0; i < m; ++i) {
            for (index_t j = 0; j < ld; ++j) {
              const auto at = static_cast<std::size_t>(i * ld + j);
              long double sum = accumulate ? start[at] : T(0), scale = std::abs(sum);
              for (index_t l = 0; l < k; ++l) {
                const long double x = a[static_cast<std::size_t>(i * lda + l)],
                                  y = b[static_cast<std::size_t>(l * ld + j)];
                sum += x * y;
                scale += std::abs(x * y);
              }
              // k + 1 roundings by half an eps, each of a partial sum below `scale`
              const long double bound =
                  0.51L * static_cast<long double>(k + 1) * std::numeric_limits<T>::epsilon() * scale;
              wrong += !(std::abs(c[at] - sum) <= bound);
            }
          }
          REQUIRE(wrong == 0);
        }
      }
    }
  }
}

/// `run(r, ld, sign, a, b, c)` leaves A B in c, which is symmetric or, for sign -1, skew. Sizes up to `largest`.
template <class T, class Run>
void check_symmetric_products(index_t largest, Run&& run) {
  // one strip; two and more, ends of all lengths; more rows a strip
  for (const index_t r : {3, 24, 25, 32, 36, 48, 50, 66, 100, 150, 201}) {
    if (r > largest) continue;
    const index_t ld = kernels::pavf_padded(r);
    const auto at = [ld](index_t i, index_t j) { return static_cast<std::size_t>(i * ld + j); };
    std::vector<T> s(static_cast<std::size_t>(ld * ld)), z = s, out = s;
    std::mt19937 engine(4);
    std::uniform_int_distribution<int> small(-3, 3);  // whole numbers: no product below rounds
    for (index_t i = 0; i < r; ++i) {
      for (index_t j = 0; j < i; ++j) {
        s[at(i, j)] = static_cast<T>(small(engine));
        s[at(j, i)] = -s[at(i, j)];
      }
    }
    const auto check = [&](const std::vector<T>& x, const std::vector<T>& y) {
      index_t wrong = 0;
      for (index_t i = 0; i < ld; ++i) {
        for (index_t j = 0; j < ld; ++j) {
          T sum = 0;
          for (index_t l = 0; l < r; ++l) sum += x[at(i, l)] * y[at(l, j)];
          wrong += out[at(i, j)] != sum;  // padding too: zero
        }
      }
      REQUIRE(wrong == 0);
    };
    INFO("r = " << r);
    run(r, ld, T(1), s, s, out);
    check(s, s);
    z = out;
    run(r, ld, T(-1), s, z, out);
    check(s, z);
  }
}

}  // namespace kindred::test
