#include "host/cli/report/colour.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"
#include "host/cli/report/png.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace kindred::report {
namespace {

constexpr double plot_size = 640;       // of the matrix, at most
constexpr double largest_cell = 56;     // so that a matrix of few systems stays compact
constexpr double smallest_line = 10.5;  // between two names
constexpr double cell_for_values = 34;  // from here on a cell shows its number
constexpr std::size_t longest_name = 22;
constexpr double tree_height = 96;
constexpr double strip = 10;
constexpr int colours = 255;

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

/// Sizes and places of everything, in SVG units.
struct Frame {
  double cell = 0, plot = 0;  // one cell, the whole matrix
  double left = 0, top = 0;   // corner of the matrix
  double width = 0, height = 0;
  double font = 0;
  index_t every = 1;  // names shown
};

Frame frame_of(index_t n, const Cast& cast, const std::string& unit) {
  Frame f;
  f.cell = std::min(plot_size / static_cast<double>(std::max<index_t>(n, 1)), largest_cell);
  f.plot = f.cell * static_cast<double>(n);
  f.every = std::max<index_t>(1, static_cast<index_t>(std::ceil(smallest_line / f.cell - 1e-9)));
  f.font = std::clamp(f.cell * static_cast<double>(f.every) * 0.82, 9.0, 12.0);
  std::size_t longest = 1;
  for (const auto& name : cast.names) longest = std::max(longest, std::min(length(name), longest_name));
  const double names = 10 + 0.62 * f.font * static_cast<double>(longest);
  f.left = names + (cast.groups.empty() ? 0 : strip + 4);
  f.top = tree_height + 8 + (cast.groups.empty() ? 0 : strip + 4);
  f.width = f.left + f.plot + std::max(84.0, 26 + 6.2 * static_cast<double>(length(unit)));
  f.height = f.top + std::max(f.plot, 150.0) + names + 4;
  return f;
}

/// Colours from `low` (dark, alike) to `high`; entry 0 of the palette is for pairs without a distance.
struct Scale {
  double low, high;
  [[nodiscard]] int index(double d) const {
    if (!std::isfinite(d)) return 0;
    const double t = high > low ? std::clamp((d - low) / (high - low), 0.0, 1.0) : 0.0;
    return 1 + static_cast<int>(std::lround(t * (colours - 1)));
  }
  [[nodiscard]] static Rgb colour(int index) { return viridis((index - 1) / static_cast<double>(colours - 1)); }
};

/// From zero, unless the smallest distance is more than half of the largest: then the contrast is spent on what
/// differs.
Scale scale_of(const Distances& distances) {
  const Range range = off_diagonal_range(distances);
  return {range.low > 0.5 * range.high && range.low < range.high ? range.low : 0.0, range.high};
}

std::string picture(const Distances& d, const std::vector<index_t>& order, const Scale& scale) {
  std::vector<std::uint8_t> indices;
  indices.reserve(d.values.size());
  for (const index_t i : order) {
    for (const index_t j : order) indices.push_back(static_cast<std::uint8_t>(scale.index(d(i, j))));
  }
  std::vector<Rgb> palette = {Rgb{}};
  for (int k = 1; k <= colours; ++k) palette.push_back(Scale::colour(k));
  const auto n = static_cast<std::uint32_t>(d.n);
  return "data:image/png;base64," + base64(png(n, n, indices, palette));
}

void draw_tree(Markup& svg, const Dendrogram& tree, const Frame& f) {
  if (tree.merges.empty()) return;
  const auto n = static_cast<index_t>(tree.order.size());
  std::vector<double> x(at(n) + tree.merges.size()), y(x.size(), tree_height);
  for (index_t k = 0; k < n; ++k) x[at(tree.order[at(k)])] = f.left + (static_cast<double>(k) + 0.5) * f.cell;
  const double highest = tree.merges.back().height;
  svg << "<path class=\"tree\" d=\"";
  for (std::size_t k = 0; k < tree.merges.size(); ++k) {
    const Merge& m = tree.merges[k];
    const std::size_t l = at(m.left), r = at(m.right), node = at(n) + k;
    x[node] = 0.5 * (x[l] + x[r]);
    y[node] = tree_height - (highest > 0 ? m.height / highest : 0) * (tree_height - 6);
    svg << "M" << x[l] << " " << y[l] << "V" << y[node] << "H" << x[r] << "V" << y[r];
  }
  svg << "\"/>";
}

void draw_groups(Markup& svg, const Dendrogram& tree, const Cast& cast, const Frame& f) {
  if (cast.groups.empty()) return;
  for (std::size_t k = 0; k < tree.order.size();) {
    const index_t g = cast.groups.of[at(tree.order[k])];
    std::size_t end = k;
    while (end < tree.order.size() && cast.groups.of[at(tree.order[end])] == g) ++end;
    const double from = static_cast<double>(k) * f.cell, size = static_cast<double>(end - k) * f.cell;
    const std::string fill = g < 0 ? "none" : hex(group_colour(at(g)));
    svg << "<rect x=\"" << f.left + from << "\" y=\"" << f.top - strip - 4 << "\" width=\"" << size << "\" height=\""
        << strip << "\" fill=\"" << fill << "\"/>";
    svg << "<rect x=\"" << f.left - strip - 4 << "\" y=\"" << f.top + from << "\" width=\"" << strip << "\" height=\""
        << size << "\" fill=\"" << fill << "\"/>";
    k = end;
  }
}

void draw_names(Markup& svg, const Dendrogram& tree, const Cast& cast, const Frame& f) {
  const double gap = cast.groups.empty() ? 6 : strip + 8;
  svg << "<g font-size=\"" << f.font << "\">";
  for (std::size_t k = 0; k < tree.order.size(); k += at(f.every)) {
    const std::string name = escape(shorten(cast.names[at(tree.order[k])], longest_name));
    const double middle = (static_cast<double>(k) + 0.5) * f.cell;
    svg << "<text x=\"" << f.left - gap << "\" y=\"" << f.top + middle << "\" dy=\".35em\" text-anchor=\"end\">" << name
        << "</text>";
    svg << "<text transform=\"translate(" << f.left + middle << " " << f.top + f.plot + 6
        << ") rotate(-90)\" dy=\".35em\" text-anchor=\"end\">" << name << "</text>";
  }
  svg << "</g>";
}

/// Two decimals where they tell, else two significant digits.
std::string cell_text(double d, double largest) {
  if (!std::isfinite(d)) return "\u2013";
  char text[32];
  const bool plain = largest >= 0.095 && largest < 1000;
  std::snprintf(text, sizeof text, plain ? "%.*f" : "%.*e",
                plain ? (largest >= 100  ? 0
                         : largest >= 10 ? 1
                                         : 2)
                      : 0,
                d);
  return text;
}

void draw_values(Markup& svg, const Distances& d, const Dendrogram& tree, const Scale& scale, const Frame& f) {
  if (f.cell < cell_for_values) return;
  svg << "<g font-size=\"" << std::min(0.28 * f.cell, 13.0) << "\" text-anchor=\"middle\" pointer-events=\"none\">";
  for (std::size_t r = 0; r < tree.order.size(); ++r) {
    for (std::size_t c = 0; c < tree.order.size(); ++c) {
      const double value = d(tree.order[r], tree.order[c]);
      const int index = scale.index(value);
      const char* fill = index == 0 ? "var(--muted)" : luminance(Scale::colour(index)) > 0.2 ? "#111" : "#fff";
      svg << "<text x=\"" << f.left + (static_cast<double>(c) + 0.5) * f.cell << "\" y=\""
          << f.top + (static_cast<double>(r) + 0.5) * f.cell << "\" dy=\".35em\" style=\"fill:" << fill << "\">"
          << (r == c ? std::string("0") : cell_text(value, scale.high)) << "</text>";
    }
  }
  svg << "</g>";
}

void draw_colour_bar(Markup& svg, const Scale& scale, const Frame& f, const std::string& unit, const std::string& id) {
  const double x = f.left + f.plot + 20, size = std::clamp(f.plot, 150.0, 320.0), width = 14;
  svg << "<linearGradient id=\"" << id << "-bar\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">";
  for (int k = 0; k < 10; ++k) {
    svg << "<stop offset=\"" << std::to_string(k / 9.0) << "\" stop-color=\"" << hex(viridis(k / 9.0)) << "\"/>";
  }
  svg << "</linearGradient><rect x=\"" << x << "\" y=\"" << f.top << "\" width=\"" << width << "\" height=\"" << size
      << "\" fill=\"url(#" << id << "-bar)\"/><g font-size=\"11\">";
  if (scale.high > scale.low) {
    for (const double t : ticks(scale.low, scale.high, 5)) {
      const double y = f.top + size * (1 - (t - scale.low) / (scale.high - scale.low));
      svg << "<path class=\"axis\" d=\"M" << x + width << " " << y << "h4\"/><text x=\"" << x + width + 7 << "\" y=\""
          << y << "\" dy=\".35em\">" << significant(t) << "</text>";
    }
  }
  svg << "<text x=\"" << x << "\" y=\"" << f.top - 8 << "\">" << escape(unit) << "</text></g>";
}

}  // namespace

std::string heat_map(const Distances& distances, const Dendrogram& tree, const Cast& cast, const std::string& unit,
                     const std::string& id) {
  const Frame f = frame_of(distances.n, cast, unit);
  const Scale scale = scale_of(distances);
  Markup svg;
  svg << "<svg class=\"heat\" role=\"img\" aria-label=\"Heat map of the distances\" viewBox=\"0 0 " << f.width << " "
      << f.height << "\" width=\"" << f.width << "\" style=\"--natural:" << f.width << "px\">";
  draw_tree(svg, tree, f);
  draw_groups(svg, tree, cast, f);
  svg << "<rect class=\"missing\" x=\"" << f.left << "\" y=\"" << f.top << "\" width=\"" << f.plot << "\" height=\""
      << f.plot << "\"/><image id=\"" << id << "\" x=\"" << f.left << "\" y=\"" << f.top << "\" width=\"" << f.plot
      << "\" height=\"" << f.plot
      << "\" preserveAspectRatio=\"none\" style=\"image-rendering:" << (f.cell >= 3 ? "pixelated" : "auto")
      << "\" href=\"" << picture(distances, tree.order, scale) << "\"/>";
  draw_values(svg, distances, tree, scale, f);
  draw_names(svg, tree, cast, f);
  draw_colour_bar(svg, scale, f, unit, id);
  svg << "</svg>";
  return svg.str();
}

}  // namespace kindred::report
