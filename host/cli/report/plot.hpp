#pragma once
/// The parts of which plots in SVG are made.
#include "host/cli/report/markup.hpp"

#include <string>
#include <vector>

namespace kindred::report {

/// Maps [low, high] of data to [from, to] of the picture.
struct Axis {
  double low, high, from, to;
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

/// "%.4g".
[[nodiscard]] std::string short_number(double value);

void text(Markup& out, double x, double y, const std::string& anchor, double size, const std::string& content);
void line(Markup& out, double x1, double y1, double x2, double y2, const std::string& look);
void open_svg(Markup& out, double width, double height, const std::string& label);
/// A quantity along the left edge: grid lines and their numbers.
void value_axis(Markup& out, const Axis& axis, double left, double right);

/// Attributes in a group's colour.
[[nodiscard]] std::string fill(std::size_t colour, double opacity);
[[nodiscard]] std::string stroke(std::size_t colour, double width);
void dot(Markup& out, double x, double y, double radius, std::size_t colour);
/// The mark of a value known from elsewhere.
void diamond(Markup& out, double x, double y);

/// Values at positions, with the errors that make the band.
struct Curve {
  std::vector<double> value, error;
};
void curve_with_band(Markup& out, const Curve& curve, const std::vector<double>& positions, const Axis& x,
                     const Axis& y, std::size_t colour);

/// HTML list of names in their colours, from the first.
[[nodiscard]] std::string colour_legend(const std::vector<std::string>& names);

}  // namespace kindred::report
