#include "host/cli/report/colour.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace kindred::report {
namespace {

constexpr std::array<Rgb, 10> viridis_anchors = {{{0x44, 0x01, 0x54},
                                                  {0x48, 0x28, 0x78},
                                                  {0x3e, 0x49, 0x89},
                                                  {0x31, 0x68, 0x8e},
                                                  {0x26, 0x82, 0x8e},
                                                  {0x1f, 0x9e, 0x89},
                                                  {0x35, 0xb7, 0x79},
                                                  {0x6d, 0xcd, 0x59},
                                                  {0xb4, 0xde, 0x2c},
                                                  {0xfd, 0xe7, 0x25}}};

constexpr std::array<Rgb, 10> group_colours = {{{0x00, 0x72, 0xb2},
                                                {0xd5, 0x5e, 0x00},
                                                {0x00, 0x9e, 0x73},
                                                {0xcc, 0x79, 0xa7},
                                                {0xe6, 0x9f, 0x00},
                                                {0x56, 0xb4, 0xe9},
                                                {0x8c, 0x6b, 0x4f},
                                                {0x7a, 0x5c, 0xc2},
                                                {0xa8, 0xb4, 0x00},
                                                {0xe0, 0x45, 0x5e}}};

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
  const Rgb a = viridis_anchors[below], b = viridis_anchors[below + 1];
  return {mix(a.r, b.r, part), mix(a.g, b.g, part), mix(a.b, b.b, part)};
}

Rgb group_colour(std::size_t index) { return group_colours[index % group_colours.size()]; }
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
