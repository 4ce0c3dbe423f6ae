#include "host/cli/report/colour.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace kindred::report {
namespace {

constexpr double width = 520, least_height = 240;
constexpr double left = 52, right = 16, top = 14, bottom = 44;
constexpr double font = 11;
constexpr index_t most_names = 80;

bool placed(const Embedding& e, index_t i) { return std::isfinite(e.x[at(i)]); }

struct Box {
  double x0, y0, x1, y1;
  [[nodiscard]] bool meets(const Box& o) const { return x0 < o.x1 && o.x0 < x1 && y0 < o.y1 && o.y0 < y1; }
};

/// Maps an embedding to the plane of the picture, both axes to one scale.
struct Frame {
  double scale, x0, y0, height;
  double low_x, high_x, low_y, high_y;
  [[nodiscard]] double x(double v) const { return x0 + scale * v; }
  [[nodiscard]] double y(double v) const { return y0 - scale * v; }
};

Frame frame_of(const Embedding& e) {
  double low_x = 0, high_x = 0, low_y = 0, high_y = 0;  // the origin is the centre of the points
  for (std::size_t i = 0; i < e.x.size(); ++i) {
    if (!placed(e, static_cast<index_t>(i))) continue;
    low_x = std::min(low_x, e.x[i]);
    high_x = std::max(high_x, e.x[i]);
    low_y = std::min(low_y, e.y[i]);
    high_y = std::max(high_y, e.y[i]);
  }
  const double extent = std::max({high_x - low_x, high_y - low_y, 1e-300});
  const double across = width - left - right;
  const double margin = 0.06 * extent;
  const double span_x = extent + 2 * margin;
  const double height = std::clamp(across * (high_y - low_y + 2 * margin) / span_x, least_height, across);
  const double span_y = span_x * height / across;
  const double mid_x = 0.5 * (low_x + high_x), mid_y = 0.5 * (low_y + high_y);
  Frame f{};
  f.scale = across / span_x;
  f.height = height;
  f.low_x = mid_x - span_x / 2;
  f.high_x = mid_x + span_x / 2;
  f.low_y = mid_y - span_y / 2;
  f.high_y = mid_y + span_y / 2;
  f.x0 = left - f.scale * f.low_x;
  f.y0 = top + height + f.scale * f.low_y;
  return f;
}

void draw_axes(Markup& svg, const Frame& f, const std::string& unit) {
  const double floor = top + f.height;
  svg << "<g font-size=\"" << font << "\">";
  for (const double t : ticks(f.low_x, f.high_x, 6)) {
    svg << "<path class=\"grid\" d=\"M" << f.x(t) << " " << top << "V" << floor << "\"/><text x=\"" << f.x(t)
        << "\" y=\"" << floor + 15 << "\" text-anchor=\"middle\">" << significant(t) << "</text>";
  }
  for (const double t : ticks(f.low_y, f.high_y, 6)) {
    svg << "<path class=\"grid\" d=\"M" << left << " " << f.y(t) << "H" << width - right << "\"/><text x=\"" << left - 6
        << "\" y=\"" << f.y(t) << "\" dy=\".35em\" text-anchor=\"end\">" << significant(t) << "</text>";
  }
  svg << "<text x=\"" << (left + width - right) / 2 << "\" y=\"" << floor + 34 << "\" text-anchor=\"middle\">"
      << escape(unit) << "</text></g>";
}

/// Writes the names that find room beside their points, in order.
void draw_names(Markup& svg, const Embedding& e, const Cast& cast, const Frame& f, double radius) {
  const auto n = static_cast<index_t>(e.x.size());
  if (n > most_names) return;
  std::vector<Box> taken;
  for (index_t i = 0; i < n; ++i) {
    const double x = f.x(e.x[at(i)]), y = f.y(e.y[at(i)]);
    taken.push_back({x - radius, y - radius, x + radius, y + radius});
  }
  const Box page{left, 2, width - 2, top + f.height};
  svg << "<g font-size=\"" << font << "\">";
  for (index_t i = 0; i < n; ++i) {
    if (!placed(e, i)) continue;
    const std::string name = shorten(cast.names[at(i)], 22);
    const double x = f.x(e.x[at(i)]), y = f.y(e.y[at(i)]);
    const double w = 0.58 * font * static_cast<double>(length(name)), h = font, gap = radius + 3;
    const std::array<Box, 8> places = {{{x + gap, y - h / 2, x + gap + w, y + h / 2},
                                        {x - gap - w, y - h / 2, x - gap, y + h / 2},
                                        {x - w / 2, y - gap - h, x + w / 2, y - gap},
                                        {x - w / 2, y + gap, x + w / 2, y + gap + h},
                                        {x + gap / 2, y - gap - h, x + gap / 2 + w, y - gap},
                                        {x + gap / 2, y + gap, x + gap / 2 + w, y + gap + h},
                                        {x - gap / 2 - w, y - gap - h, x - gap / 2, y - gap},
                                        {x - gap / 2 - w, y + gap, x - gap / 2, y + gap + h}}};
    const auto free = std::find_if(places.begin(), places.end(), [&](const Box& b) {
      const bool inside = b.x0 >= page.x0 && b.x1 <= page.x1 && b.y0 >= page.y0 && b.y1 <= page.y1;
      return inside && std::none_of(taken.begin(), taken.end(), [&b](const Box& t) { return b.meets(t); });
    });
    if (free == places.end()) continue;
    taken.push_back(*free);
    svg << "<text x=\"" << (free->x0 + free->x1) / 2 << "\" y=\"" << (free->y0 + free->y1) / 2
        << "\" dy=\".35em\" text-anchor=\"middle\">" << escape(name) << "</text>";
  }
  svg << "</g>";
}

}  // namespace

std::string scatter(const Embedding& embedding, const Cast& cast, const std::string& unit) {
  if (embedding.x.empty()) return {};
  const Frame f = frame_of(embedding);
  const auto n = static_cast<index_t>(embedding.x.size());
  const double radius = n <= 30 ? 6 : n <= 150 ? 4.5 : 3;
  Markup svg;
  svg << "<svg class=\"scatter\" role=\"img\" aria-label=\"Two-dimensional embedding of the systems\" viewBox=\"0 0 "
      << width << " " << top + f.height + bottom << "\" width=\"" << width << "\">";
  draw_axes(svg, f, unit);
  for (index_t i = 0; i < n; ++i) {
    if (!placed(embedding, i)) continue;
    svg << "<g class=\"point\" data-i=\"" << i << "\">"
        << mark(cast.groups.of[at(i)], f.x(embedding.x[at(i)]), f.y(embedding.y[at(i)]), radius) << "</g>";
  }
  draw_names(svg, embedding, cast, f, radius);
  svg << "</svg>";
  return svg.str();
}

}  // namespace kindred::report
