#pragma once
/// Results of pairs that need no search.
#include <kindred/results.hpp>

#include <cmath>
#include <limits>

namespace kindred::host {

/// A distance that is known, and therefore its own lower bound.
[[nodiscard]] inline PairResult exact(double distance) { return {distance, distance, 0, 0, PairStatus::exact}; }

/// A distance of which only a lower bound is wanted.
[[nodiscard]] inline PairResult bound_result(double bound) {
  return {bound, bound, std::numeric_limits<double>::quiet_NaN(), 0, PairStatus::bound};
}

/// Two systems that are equal.
[[nodiscard]] inline PairResult same() { return exact(0); }

/// A pair with an unusable system: nothing is known of its distance.
[[nodiscard]] inline PairResult failed() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return {nan, nan, nan, 0, PairStatus::failed};
}

/// A distance that is known unless it is not finite, which is how an unusable system shows in it.
[[nodiscard]] inline PairResult exact_or_failed(double distance) {
  return std::isfinite(distance) ? exact(distance) : failed();
}

}  // namespace kindred::host
