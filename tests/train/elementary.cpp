#include "host/train/loops/elementary.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace kindred::train;

namespace {

/// Relative to the exact value, in units of the type's eps; 0 is exact.
template <class T>
double error(T found, long double exact) {
  const long double size = std::max(std::fabs(exact), static_cast<long double>(std::numeric_limits<T>::min()));
  return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) / size /
                             static_cast<long double>(std::numeric_limits<T>::epsilon()));
}

/// Each formula rounds a few times (the reduction of the argument, the last sum or quotient): 4 eps are allowed, and
/// for the exponential one more for every octave that the argument's own rounding makes of log2(e) x, here within 60.
template <class T>
void check_elementary() {
  for (int i = -4000; i <= 4000; ++i) {
    const T x = static_cast<T>(i) / T(200);  // -20 to 20
    const long double l = static_cast<long double>(x);
    CAPTURE(x);
    CHECK(error(exponential_of(x), std::exp(l)) <= 5);
    CHECK(error(hyperbolic_tangent(x), std::tanh(l)) <= 4);
    CHECK(error(sigmoid(x), 1 / (1 + std::exp(-l))) <= 8);
    CHECK(error(softplus(x), std::log1p(std::exp(l))) <= 8);
    const T y = 1 + std::fabs(x) * 40;
    CHECK(error(logarithm(y), std::log(static_cast<long double>(y))) <= 4);
  }
  CHECK(hyperbolic_tangent(T(1000)) == 1);
  CHECK(hyperbolic_tangent(T(-1000)) == -1);
  CHECK(exponential_of(T(-1000)) < T(1e-30));
  const T nan = std::numeric_limits<T>::quiet_NaN();
  CHECK(std::isnan(exponential_of(nan)));
  CHECK(std::isnan(hyperbolic_tangent(nan)));
  CHECK(std::isnan(softplus(nan)));
}

/// A vector's lanes are what single numbers give.
template <class T>
void check_lanes() {
  T in[static_cast<std::size_t>(lanes<T>)], out[static_cast<std::size_t>(lanes<T>)];
  for (int l = 0; l < lanes<T>; ++l) in[l] = T(0.7) * static_cast<T>(l - lanes<T> / 2);
  store<Vector<T>>(out, hyperbolic_tangent(load<Vector<T>>(in)));
  for (int l = 0; l < lanes<T>; ++l) CHECK(out[l] == hyperbolic_tangent(in[l]));
  store<Vector<T>>(out, softplus(load<Vector<T>>(in)));
  for (int l = 0; l < lanes<T>; ++l) CHECK(out[l] == softplus(in[l]));
}

}  // namespace

TEST_CASE("elementary functions of training are right to a few roundings", "[train]") {
  check_elementary<float>();
  check_elementary<double>();
}

TEST_CASE("elementary functions of vectors are those of their numbers", "[train]") {
  check_lanes<float>();
  check_lanes<double>();
}
