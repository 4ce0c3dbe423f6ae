#include "host/cli/report/colour.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace kindred::report {
namespace {

/// The colour written as 0xrrggbb.
constexpr Rgb rgb(std::uint32_t colour) {
  return {static_cast<std::uint8_t>(colour >> 16), static_cast<std::uint8_t>(colour >> 8),
          static_cast<std::uint8_t>(colour)};
}

constexpr std::array<std::uint32_t, 10> viridis_anchors = {0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
                                                           0x1f9e89, 0x35b779, 0x6dcd59, 0xb4de2c, 0xfde725};

constexpr std::array<std::uint32_t, 10> group_colours = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00,
                                                         0x56b4e9, 0x8c6b4f, 0x7a5cc2, 0xa8b400, 0xe0455e};

std::uint8_t mix(std::uint8_t a, std::uint8_t b, double t) {
  return static_cast<std::uint8_t>(
      std::lround(static_cast<double>(a) + t * (static_cast<double>(b) - static_cast<double>(a))));
}

}  // namespace

std::string hex(Rgb colour) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", static_cast<unsigned>(colour.r), static_cast<unsigned>(colour.g),
                static_cast<unsigned>(colour.b));
  return text;
}

double luminance(Rgb colour) {
  const auto linear = [](std::uint8_t v) {
    const double s = v / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
}

Rgb viridis(double t) {
  const double position = std::clamp(t, 0.0, 1.0) * static_cast<double>(viridis_anchors.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(position), viridis_anchors.size() - 2);
  const double part = position - static_cast<double>(below);
  const Rgb a = rgb(viridis_anchors[below]), b = rgb(viridis_anchors[below + 1]);
  return {mix(a.r, b.r, part), mix(a.g, b.g, part), mix(a.b, b.b, part)};
}

Rgb group_colour(std::size_t index) { return rgb(group_colours[index % group_colours.size()]); }
std::size_t group_colour_count() { return group_colours.size(); }

std::vector<double> ticks(double low, double high, int count) {
  if (!(high > low)) return {low};
  const double raw = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double m : {1.0, 2.0, 5.0}) {
    if (m * power >= raw) {
      step = m * power;
      break;
    }
  }
  std::vector<double> out;
  const double slack = 1e-9 * step;
  for (double k = std::ceil((low - slack) / step); k * step <= high + slack; k += 1)
    out.push_back(k * step + 0.0);  // -0 becomes 0
  return out;
}

}  // namespace kindred::report
