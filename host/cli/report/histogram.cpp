#include "host/cli/report/colour.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::report {
namespace {

constexpr double width = 520, row = 92, left = 16, right = 16, caption = 16, bottom = 40;
constexpr std::size_t bins = 40;

/// One row of bars: the share of `values` in each bin between low and high, and a line at their mean.
void draw_row(Markup& svg, const std::vector<double>& values, Range range, double top, const std::string& title,
              const std::string& fill) {
  const double across = width - left - right;
  const double extent = range.high > range.low ? range.high - range.low : 1.0;
  std::vector<double> count(bins);
  double sum = 0;
  for (const double v : values) {
    const double position = (v - range.low) / extent * static_cast<double>(bins);
    count[std::min(static_cast<std::size_t>(std::max(position, 0.0)), bins - 1)] += 1;
    sum += v;
  }
  const double tallest = std::max(1.0, *std::max_element(count.begin(), count.end()));
  const double floor = top + row - 6, height = row - caption - 12, step = across / static_cast<double>(bins);
  svg << "<path fill=\"" << fill << "\" d=\"";
  for (std::size_t k = 0; k < bins; ++k) {
    if (count[k] == 0) continue;
    const double h = std::max(1.0, count[k] / tallest * height);
    svg << "M" << left + static_cast<double>(k) * step + 0.5 << " " << floor << "v" << -h << "h" << step - 1 << "v" << h
        << "z";
  }
  svg << "\"/><path class=\"axis\" d=\"M" << left << " " << floor << "H" << width - right << "\"/>";
  std::string mean = "no pairs";
  if (!values.empty()) {
    const double m = sum / static_cast<double>(values.size());
    const double x = left + (m - range.low) / extent * across;
    svg << "<path class=\"mean\" d=\"M" << x << " " << top + caption << "V" << floor << "\"/>";
    mean = std::to_string(values.size()) + (values.size() == 1 ? " pair, mean " : " pairs, mean ") + significant(m);
  }
  svg << "<text x=\"" << left << "\" y=\"" << top + 10 << "\">" << escape(title) << mean << "</text>";
}

}  // namespace

std::string histogram(const Distances& distances, const Cast& cast, const std::string& unit,
                      std::optional<double> noise_floor) {
  const Range range = off_diagonal_range(distances);
  const Separation s = separation(distances, cast.groups);
  const bool grouped = s.tells();
  const double height = (grouped ? 2 : 1) * row + bottom;
  Markup svg;
  svg << "<svg class=\"histogram\" role=\"img\" aria-label=\"Histogram of the distances\" viewBox=\"0 0 " << width
      << " " << height << "\" width=\"" << width << "\"><g font-size=\"11\">";
  if (grouped) {
    draw_row(svg, s.within, range, 0, "within groups: ", "var(--within)");
    draw_row(svg, s.between, range, row, "between groups: ", "var(--between)");
  } else {
    std::vector<double> all;
    for (index_t i = 0; i < distances.n; ++i) {
      for (index_t j = i + 1; j < distances.n; ++j) {
        if (std::isfinite(distances(i, j))) all.push_back(distances(i, j));
      }
    }
    draw_row(svg, all, range, 0, "", "var(--between)");
  }
  const double floor = height - bottom;
  for (const double t : ticks(range.low, range.high, 6)) {
    const double across = range.high > range.low ? (t - range.low) / (range.high - range.low) : 0;
    svg << "<text x=\"" << left + across * (width - left - right) << "\" y=\"" << floor + 10
        << "\" text-anchor=\"middle\">" << significant(t) << "</text>";
  }
  if (noise_floor) {
    const double across = range.high > range.low ? (*noise_floor - range.low) / (range.high - range.low) : 0;
    const double x = left + across * (width - left - right);
    svg << "<path class=\"floor\" d=\"";
    for (double top = 0; top < floor; top += row) svg << "M" << x << " " << top + caption << "V" << top + row - 6;
    svg << "\"><title>noise floor " << significant(*noise_floor) << "</title></path>";
  }
  svg << "<text x=\"" << width / 2 << "\" y=\"" << floor + 28 << "\" text-anchor=\"middle\">" << escape(unit)
      << "</text></g></svg>";
  return svg.str();
}

}  // namespace kindred::report
