#pragma once
/// What the products of an executor must be, whichever executor it is.
#include "kernels/program/pavf_block.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace kindred::test {

/// `run(r, ld, accumulate, a, b, c)` leaves A B or C + A B in c; matrices are r x ld, the columns beyond r padding that
/// the product takes along.
template <class T, class Run>
void check_products(Run&& run) {
  std::mt19937_64 engine(1);
  std::normal_distribution<T> normal;
  for (const index_t r : {1, 3, 4, 8, 17, 33}) {
    for (const index_t ld : {kernels::pavf_padded(r), r}) {
      const auto draw = [&] {
        std::vector<T> x(static_cast<std::size_t>(r * ld));
        for (T& v : x) v = normal(engine);
        return x;
      };
      const std::vector<T> a = draw(), b = draw(), start = draw();
      for (const bool accumulate : {false, true}) {
        std::vector<T> c = start;
        run(r, ld, accumulate, a, b, c);
        for (index_t i = 0; i < r; ++i) {
          for (index_t j = 0; j < ld; ++j) {
            const auto at = static_cast<std::size_t>(i * ld + j);
            long double sum = accumulate ? start[at] : T(0), scale = 1;
            for (index_t l = 0; l < r; ++l) {
              const long double x = a[static_cast<std::size_t>(i * ld + l)],
                                y = b[static_cast<std::size_t>(l * ld + j)];
              sum += x * y;
              scale += std::abs(x * y);
            }
            if (accumulate) scale += std::abs(start[at]);
            // r + 1 roundings by half an eps, each of a partial sum below `scale`
            const long double bound =
                0.51L * static_cast<long double>(r + 1) * std::numeric_limits<T>::epsilon() * scale;
            CAPTURE(r, ld, accumulate, i, j);
            REQUIRE(std::abs(c[at] - sum) <= bound);
          }
        }
      }
    }
  }
}

/// `run(r, ld, sign, a, b, c)` leaves A B in c, which is symmetric or, for sign -1, skew.
template <class Run>
void check_symmetric_products(index_t largest, Run&& run) {
  for (const index_t r : {3, 24, 25, 48, 50, 201}) {  // one strip; two and more, ends of all lengths; more rows a strip
    if (r > largest) continue;
    const index_t ld = kernels::pavf_padded(r);
    const auto at = [ld](index_t i, index_t j) { return static_cast<std::size_t>(i * ld + j); };
    std::vector<double> s(static_cast<std::size_t>(ld * ld), 0.0), z = s, out = s;
    std::mt19937 engine(4);
    std::uniform_int_distribution<int> small(-3, 3);  // whole numbers: no product below rounds
    for (index_t i = 0; i < r; ++i) {
      for (index_t j = 0; j < i; ++j) {
        s[at(i, j)] = small(engine);
        s[at(j, i)] = -s[at(i, j)];
      }
    }
    const auto check = [&](const std::vector<double>& x, const std::vector<double>& y) {
      for (index_t i = 0; i < ld; ++i) {
        for (index_t j = 0; j < ld; ++j) {
          double sum = 0;
          for (index_t l = 0; l < r; ++l) sum += x[at(i, l)] * y[at(l, j)];
          REQUIRE(out[at(i, j)] == sum);  // padding too: zero
        }
      }
    };
    INFO("r = " << r);
    run(r, ld, 1.0, s, s, out);
    check(s, s);
    z = out;
    run(r, ld, -1.0, s, z, out);
    check(s, z);
  }
}

}  // namespace kindred::test
