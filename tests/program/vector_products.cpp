#include "tests/program/vector_products.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace kindred;

namespace {

index_t padded(index_t n) { return (n + 7) / 8 * 8; }

/// rows x padded(columns) entries in [-1, 1), padding zero.
template <class T>
std::vector<T> uniform(index_t rows, index_t columns, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<T> unit(-1, 1);
  std::vector<T> x(static_cast<std::size_t>(rows * padded(columns)));
  for (index_t i = 0; i < rows; ++i) {
    for (index_t j = 0; j < columns; ++j) x[static_cast<std::size_t>(i * padded(columns) + j)] = unit(engine);
  }
  return x;
}

/// Largest excess of |C - (A B + start)| over (k + 1) u (|A| |B| + |start|), u the unit roundoff of T: the bound of k + 1
/// roundings in any order. Negative: all within.
template <class T>
double excess(index_t m, index_t n, index_t k, const std::vector<T>& a, const std::vector<T>& b,
              const std::vector<T>& start, const std::vector<T>& c) {
  const long double u = std::numeric_limits<T>::epsilon() / 2;
  long double worst = -1;
  const index_t lda = padded(k), ld = padded(n);
  for (index_t i = 0; i < m; ++i) {
    for (index_t j = 0; j < ld; ++j) {
      const auto at = static_cast<std::size_t>(i * ld + j);
      long double sum = start[at], scale = std::abs(sum);
      for (index_t l = 0; l < k; ++l) {
        const long double x =
            static_cast<long double>(a[static_cast<std::size_t>(i * lda + l)]) * b[static_cast<std::size_t>(l * ld + j)];
        sum += x;
        scale += std::abs(x);
      }
      const long double error = std::abs(c[at] - sum);
      worst = std::max(worst, error <= (k + 1) * u * scale ? -1 : error);
    }
  }
  return static_cast<double>(worst);
}

template <class T>
void check_products() {
  // no edge; edges of 1 to 5 columns of float64 and float32, alone and beyond several vectors; rows of all remainders
  for (const index_t n : {8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 33, 36, 50, 66, 100, 150}) {
    for (const index_t m : {n, index_t{1}, index_t{7}, index_t{12}}) {
      for (const index_t k : {n, index_t{3}, index_t{257}}) {
        const auto a = uniform<T>(m, k, 1), b = uniform<T>(k, n, 2), start = uniform<T>(m, n, 3);
        for (const bool accumulate : {false, true}) {
          INFO(m << " x " << n << ", " << k << " terms, accumulate " << accumulate);
          auto c = accumulate ? start : std::vector<T>(start.size());
          const auto from = c;
          test::avx512_multiply<T>(m, n, k, a.data(), padded(k), b.data(), padded(n), accumulate, c.data(), padded(n));
          REQUIRE(excess(m, n, k, a, b, from, c) < 0);
        }
      }
    }
  }
}

/// s of whole numbers, skew: s s is symmetric, s s s skew, and no product rounds.
template <class T>
void check_halves() {
  for (const index_t n : {3, 24, 25, 32, 36, 48, 50, 66, 100, 150, 201}) {
    INFO("n = " << n);
    const index_t ld = padded(n);
    const auto at = [ld](index_t i, index_t j) { return static_cast<std::size_t>(i * ld + j); };
    std::vector<T> s(static_cast<std::size_t>(ld * ld)), z = s, out = s;
    std::mt19937 engine(4);
    std::uniform_int_distribution<int> small(-3, 3);
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = 0; j < i; ++j) {
        s[at(i, j)] = static_cast<T>(small(engine));
        s[at(j, i)] = -s[at(i, j)];
      }
    }
    const auto check = [&](const std::vector<T>& x, const std::vector<T>& y) {
      for (index_t i = 0; i < ld; ++i) {
        for (index_t j = 0; j < ld; ++j) {
          T sum = 0;
          for (index_t l = 0; l < n; ++l) sum += x[at(i, l)] * y[at(l, j)];
          REQUIRE(out[at(i, j)] == sum);  // padding too: zero
        }
      }
    };
    test::avx512_multiply_symmetric<T>(n, s.data(), s.data(), out.data(), ld, 1);
    check(s, s);
    z = out;
    test::avx512_multiply_symmetric<T>(n, s.data(), z.data(), out.data(), ld, -1);
    check(s, z);
  }
}

}  // namespace

TEST_CASE("products in vectors of 512 bits are the products", "[pavf][products]") {
  if (!test::avx512_products()) {
    WARN("skipped: no AVX-512 here");
    return;
  }
  check_products<float>();
  check_products<double>();
}

TEST_CASE("halves in vectors of 512 bits are the products", "[pavf][products]") {
  if (!test::avx512_products()) {
    WARN("skipped: no AVX-512 here");
    return;
  }
  check_halves<float>();
  check_halves<double>();
}
