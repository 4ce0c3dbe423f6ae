#pragma once
#include <kindred/error.hpp>
#include <kindred/simulate.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace kindred::simulate {

/// One classical Runge-Kutta step of x' = f(x): x <- x + h / 6 (k1 + 2 k2 + 2 k3 + k4).
template <std::size_t N, class Field>
void runge_kutta_step(const Field& f, double h, std::array<double, N>& x) {
  const auto shifted = [&x](double factor, const std::array<double, N>& k) {
    auto y = x;
    for (std::size_t i = 0; i < N; ++i) y[i] += factor * k[i];
    return y;
  };
  const auto k1 = f(x);
  const auto k2 = f(shifted(h / 2, k1));
  const auto k3 = f(shifted(h / 2, k2));
  const auto k4 = f(shifted(h, k3));
  for (std::size_t i = 0; i < N; ++i) x[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

/// Throws invalid_argument when a value is not finite; `what` names the system.
inline void require_finite(const Recording& recording, const std::string& what) {
  if (!std::all_of(recording.values.begin(), recording.values.end(), [](double v) { return std::isfinite(v); })) {
    throw Error(ErrorCode::invalid_argument,
                what + " leaves the range of finite numbers; take a smaller step or fewer steps");
  }
}

}  // namespace kindred::simulate
