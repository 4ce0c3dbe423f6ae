#include "host/cli/report/plot.hpp"

#include "host/cli/report/colour.hpp"

#include <cstdio>

namespace kindred::report {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

void text(Markup& out, double x, double y, const std::string& anchor, double size, const std::string& content) {
  out << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\" font-size=\"" << size << "\">"
      << escape(content) << "</text>";
}

void line(Markup& out, double x1, double y1, double x2, double y2, const std::string& look) {
  out << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2 << "\" " << look << "/>";
}

void open_svg(Markup& out, double width, double height, const std::string& label) {
  out << "<svg viewBox=\"0 0 " << width << " " << height << "\" width=\"" << width << "\" role=\"img\" aria-label=\""
      << escape(label) << "\">";
}

void value_axis(Markup& out, const Axis& axis, double left, double right) {
  for (const double tick : ticks(axis.low, axis.high, 5)) {
    line(out, left, axis(tick), right, axis(tick), "class=\"grid\"");
    text(out, left - 6, axis(tick) + 4, "end", 11, short_number(tick));
  }
}

std::string fill(std::size_t colour, double opacity) {
  return "fill=\"" + hex(group_colour(colour)) + "\" fill-opacity=\"" + short_number(opacity) + "\"";
}
std::string stroke(std::size_t colour, double width) {
  return "stroke=\"" + hex(group_colour(colour)) + "\" stroke-width=\"" + short_number(width) + "\"";
}

void dot(Markup& out, double x, double y, double radius, std::size_t colour) {
  out << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"" << radius << "\" " << fill(colour, 1) << "/>";
}

void diamond(Markup& out, double x, double y) {
  out << "<path d=\"M" << x << " " << y - 5 << "l5 5l-5 5l-5 -5z\" class=\"axis\"/>";
}

void curve_with_band(Markup& out, const Curve& curve, const std::vector<double>& positions, const Axis& x,
                     const Axis& y, std::size_t colour) {
  const std::size_t n = positions.size();
  out << "<polygon " << fill(colour, 0.2) << " points=\"";
  for (std::size_t i = 0; i < n; ++i) out << x(positions[i]) << "," << y(curve.value[i] + curve.error[i]) << " ";
  for (std::size_t i = n; i > 0; --i)
    out << x(positions[i - 1]) << "," << y(curve.value[i - 1] - curve.error[i - 1]) << " ";
  out << "\"/><polyline fill=\"none\" " << stroke(colour, 2) << " points=\"";
  for (std::size_t i = 0; i < n; ++i) out << x(positions[i]) << "," << y(curve.value[i]) << " ";
  out << "\"/>";
  for (std::size_t i = 0; i < n; ++i) {
    out << "<circle cx=\"" << x(positions[i]) << "\" cy=\"" << y(curve.value[i]) << "\" r=\"3\" " << fill(colour, 1)
        << "/>";
  }
}

std::string colour_legend(const std::vector<std::string>& names) {
  Markup out;
  out << "<ul class=\"legend\">";
  for (std::size_t i = 0; i < names.size(); ++i) {
    out << "<li><svg width=\"12\" height=\"12\"><circle cx=\"6\" cy=\"6\" r=\"5\" " << fill(i, 1) << "/></svg>"
        << escape(names[i]) << "</li>";
  }
  out << "</ul>";
  return out.str();
}

}  // namespace kindred::report
