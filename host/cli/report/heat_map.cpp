#include "host/cli/report/colour.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"
#include "host/cli/report/png.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

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

/// One axis: its systems, and the order in which they are shown.
struct Side {
  const Cast& cast;
  std::vector<index_t> order;

  [[nodiscard]] bool grouped() const { return !cast.groups.empty(); }
  [[nodiscard]] index_t group(std::size_t k) const { return cast.groups.of[at(order[k])]; }
};

/// Sizes and places of everything, in SVG units.
struct Frame {
  double cell = 0, across = 0, down = 0;  // one cell, the whole matrix
  double left = 0, top = 0;               // corner of the matrix
  double width = 0, height = 0;
  double font = 0;
  index_t every = 1;  // names shown
};

double room_for_names(const Side& side, double font) {
  std::size_t longest = 1;
  for (const auto& name : side.cast.names) longest = std::max(longest, std::min(length(name), longest_name));
  return 10 + 0.62 * font * static_cast<double>(longest);
}

Frame frame_of(const Side& rows, const Side& columns, bool tree, const std::string& unit) {
  const auto r = static_cast<double>(rows.order.size()), c = static_cast<double>(columns.order.size());
  Frame f;
  f.cell = std::min(plot_size / std::max({r, c, 1.0}), largest_cell);
  f.across = f.cell * c;
  f.down = f.cell * r;
  f.every = std::max<index_t>(1, static_cast<index_t>(std::ceil(smallest_line / f.cell - 1e-9)));
  f.font = std::clamp(f.cell * static_cast<double>(f.every) * 0.82, 9.0, 12.0);
  f.left = room_for_names(rows, f.font) + (rows.grouped() ? strip + 4 : 0);
  f.top = (tree ? tree_height : 12) + 8 + (columns.grouped() ? strip + 4 : 0);
  f.width = f.left + f.across + std::max(84.0, 26 + 6.2 * static_cast<double>(length(unit)));
  f.height = f.top + std::max(f.down, 150.0) + room_for_names(columns, f.font) + 4;
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
Scale scale_of(const Range& range) {
  return {range.low > 0.5 * range.high && range.low < range.high ? range.low : 0.0, range.high};
}

std::string picture(const Grid& d, const Side& rows, const Side& columns, const Scale& scale) {
  std::vector<std::uint8_t> indices;
  indices.reserve(d.values.size());
  for (const index_t i : rows.order) {
    for (const index_t j : columns.order) indices.push_back(static_cast<std::uint8_t>(scale.index(d(i, j))));
  }
  std::vector<Rgb> palette = {Rgb{}};
  for (int k = 1; k <= colours; ++k) palette.push_back(Scale::colour(k));
  return "data:image/png;base64," +
         base64(png(static_cast<std::uint32_t>(d.columns), static_cast<std::uint32_t>(d.rows), indices, palette));
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

/// A strip of group colours; draw(from, size, fill) for every run of one group along the side.
template <class F>
void for_each_group_run(const Side& side, double cell, F&& draw) {
  for (std::size_t k = 0; side.grouped() && k < side.order.size();) {
    const index_t g = side.group(k);
    std::size_t end = k;
    while (end < side.order.size() && side.group(end) == g) ++end;
    draw(static_cast<double>(k) * cell, static_cast<double>(end - k) * cell,
         g < 0 ? std::string("none") : hex(group_colour(at(g))));
    k = end;
  }
}

void draw_groups(Markup& svg, const Side& rows, const Side& columns, const Frame& f) {
  for_each_group_run(columns, f.cell, [&](double from, double size, const std::string& fill) {
    svg << "<rect x=\"" << f.left + from << "\" y=\"" << f.top - strip - 4 << "\" width=\"" << size << "\" height=\""
        << strip << "\" fill=\"" << fill << "\"/>";
  });
  for_each_group_run(rows, f.cell, [&](double from, double size, const std::string& fill) {
    svg << "<rect x=\"" << f.left - strip - 4 << "\" y=\"" << f.top + from << "\" width=\"" << strip << "\" height=\""
        << size << "\" fill=\"" << fill << "\"/>";
  });
}

void draw_names(Markup& svg, const Side& rows, const Side& columns, const Frame& f) {
  const double gap = rows.grouped() ? strip + 8 : 6;
  const auto name = [](const Side& side, std::size_t k) {
    return escape(shorten(side.cast.names[at(side.order[k])], longest_name));
  };
  const auto middle = [&f](std::size_t k) { return (static_cast<double>(k) + 0.5) * f.cell; };
  svg << "<g font-size=\"" << f.font << "\">";
  for (std::size_t k = 0; k < rows.order.size(); k += at(f.every)) {
    svg << "<text x=\"" << f.left - gap << "\" y=\"" << f.top + middle(k) << "\" dy=\".35em\" text-anchor=\"end\">"
        << name(rows, k) << "</text>";
  }
  for (std::size_t k = 0; k < columns.order.size(); k += at(f.every)) {
    svg << "<text transform=\"translate(" << f.left + middle(k) << " " << f.top + f.down + 6
        << ") rotate(-90)\" dy=\".35em\" text-anchor=\"end\">" << name(columns, k) << "</text>";
  }
  svg << "</g>";
}

/// As many decimals as tell and fit, else one significant digit.
std::string cell_text(double d, double largest) {
  if (!std::isfinite(d)) return "\u2013";
  char text[32];
  const bool plain = largest >= 0.0095 && largest < 1000;
  std::snprintf(text, sizeof text, plain ? "%.*f" : "%.*e",
                plain ? (largest >= 100     ? 0
                         : largest >= 10    ? 1
                         : largest >= 0.095 ? 2
                                            : 3)
                      : 0,
                d);
  return text;
}

void draw_values(Markup& svg, const Grid& d, const Side& rows, const Side& columns, const Scale& scale,
                 const Frame& f) {
  if (f.cell < cell_for_values) return;
  svg << "<g font-size=\"" << std::min(0.28 * f.cell, 13.0) << "\" text-anchor=\"middle\" pointer-events=\"none\">";
  for (std::size_t r = 0; r < rows.order.size(); ++r) {
    for (std::size_t c = 0; c < columns.order.size(); ++c) {
      const double value = d(rows.order[r], columns.order[c]);
      const int index = scale.index(value);
      const char* fill = index == 0 ? "var(--muted)" : luminance(Scale::colour(index)) > 0.2 ? "#111" : "#fff";
      svg << "<text x=\"" << f.left + (static_cast<double>(c) + 0.5) * f.cell << "\" y=\""
          << f.top + (static_cast<double>(r) + 0.5) * f.cell << "\" dy=\".35em\" style=\"fill:" << fill << "\">"
          << (value == 0 ? std::string("0") : cell_text(value, scale.high)) << "</text>";
    }
  }
  svg << "</g>";
}

void draw_colour_bar(Markup& svg, const Scale& scale, const Frame& f, const std::string& unit, const std::string& id) {
  const double x = f.left + f.across + 20, size = std::clamp(f.down, 150.0, 320.0), width = 14;
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

std::string draw(const Grid& grid, const Side& rows, const Side& columns, const Dendrogram* tree, const Range& range,
                 const std::string& unit, const std::string& id) {
  const Frame f = frame_of(rows, columns, tree != nullptr, unit);
  const Scale scale = scale_of(range);
  Markup svg;
  svg << "<svg class=\"heat\" role=\"img\" aria-label=\"Heat map of the distances\" viewBox=\"0 0 " << f.width << " "
      << f.height << "\" width=\"" << f.width << "\" style=\"--natural:" << f.width << "px\">";
  if (tree != nullptr) draw_tree(svg, *tree, f);
  draw_groups(svg, rows, columns, f);
  svg << "<rect class=\"missing\" x=\"" << f.left << "\" y=\"" << f.top << "\" width=\"" << f.across << "\" height=\""
      << f.down << "\"/><image id=\"" << id << "\" x=\"" << f.left << "\" y=\"" << f.top << "\" width=\"" << f.across
      << "\" height=\"" << f.down
      << "\" preserveAspectRatio=\"none\" style=\"image-rendering:" << (f.cell >= 3 ? "pixelated" : "auto")
      << "\" href=\"" << picture(grid, rows, columns, scale) << "\"/>";
  draw_values(svg, grid, rows, columns, scale, f);
  draw_names(svg, rows, columns, f);
  draw_colour_bar(svg, scale, f, unit, id);
  svg << "</svg>";
  return svg.str();
}

std::vector<index_t> as_given(index_t n) {
  std::vector<index_t> order(at(n));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

std::string heat_map(const Distances& distances, const Dendrogram& tree, const Cast& cast, const std::string& unit,
                     const std::string& id) {
  const Side side{cast, tree.order};
  return draw({distances.values, distances.n, distances.n}, side, side, &tree, off_diagonal_range(distances), unit, id);
}

std::string heat_map(const Grid& grid, const Cast& rows, const Cast& columns, const std::string& unit,
                     const std::string& id, std::optional<Range> range) {
  return draw(grid, {rows, as_given(grid.rows)}, {columns, as_given(grid.columns)}, nullptr,
              range ? *range : range_of(grid), unit, id);
}

}  // namespace kindred::report
