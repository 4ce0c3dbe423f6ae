#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kindred::report {

struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Rgb&) const = default;
};

/// "#rrggbb".
[[nodiscard]] std::string hex(Rgb colour);

/// Relative luminance in [0, 1] (WCAG 2.1).
[[nodiscard]] double luminance(Rgb colour);

/// The viridis map (Smith and van der Walt 2015, CC0): perceptually uniform, luminance rises with t. t is clamped to
/// [0, 1].
[[nodiscard]] Rgb viridis(double t);

/// Colours for groups, readable on light and dark, the first six told apart with any colour vision (Okabe and Ito
/// 2008); index wraps around.
[[nodiscard]] Rgb group_colour(std::size_t index);
[[nodiscard]] std::size_t group_colour_count();

/// Round numbers in [low, high], about `count` of them; one number when low == high.
[[nodiscard]] std::vector<double> ticks(double low, double high, int count);

}  // namespace kindred::report
