#include "host/cli/report/testcase_figures.hpp"

#include "host/cli/report/colour.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::report {
namespace {

using testcase::GroupSummary;
using testcase::Summary;
using testcase::View;

void box(Markup& out, const GroupSummary& g, const Axis& y, double x, std::size_t colour) {
  if (std::isnan(g.median)) return;
  const double half = 14;
  line(out, x, y(g.low_whisker), x, y(g.lower), stroke(colour, 1));
  line(out, x, y(g.upper), x, y(g.high_whisker), stroke(colour, 1));
  for (const double end : {g.low_whisker, g.high_whisker}) line(out, x - 6, y(end), x + 6, y(end), stroke(colour, 1));
  if (g.minimum < g.low_whisker) dot(out, x, y(g.minimum), 1.5, colour);
  if (g.maximum > y.high) {
    text(out, x + 5, y.to - 5, "middle", 9, std::to_string(g.outliers) + " to " + short_number(g.maximum));
  } else if (g.maximum > g.high_whisker) {
    dot(out, x, y(g.maximum), 1.5, colour);
  }
  out << "<rect x=\"" << x - half << "\" y=\"" << y(g.upper) << "\" width=\"" << 2 * half << "\" height=\""
      << y(g.lower) - y(g.upper) << "\" " << fill(colour, 0.25) << " " << stroke(colour, 1.2) << "/>";
  line(out, x - half, y(g.median), x + half, y(g.median), stroke(colour, 2.4));
  if (g.distance.mean > y.high) {
    out << "<path d=\"M" << x + half + 6 << " " << y.to << "l5 9h-10z\" " << fill(colour, 1) << "/>";
    return;
  }
  const double error = std::isnan(g.distance.standard_error) ? 0 : g.distance.standard_error;
  const double low = std::max(g.distance.mean - error, y.low), high = std::min(g.distance.mean + error, y.high);
  line(out, x + half + 6, y(low), x + half + 6, y(high), "class=\"axis\"");
  dot(out, x + half + 6, y(g.distance.mean), 3, colour);
}

void known_values(Markup& out, const View& view, const std::string& metric, const Axis& y, double first, double step) {
  for (const auto& known : view.known) {
    if (known.metric != metric || known.source != "paper") continue;
    for (std::size_t g = 0; g < known.values.size(); ++g) {
      diamond(out, first + static_cast<double>(g) * step + 20, y(known.values[g]));
    }
  }
}

constexpr double headroom = 1.05;  // of a panel above the largest value shown

/// Where a panel ends: at the largest distance, unless a few are so large that the boxes could not be seen.
double highest(const View& view, const Summary& summary) {
  constexpr double too_far = 3;
  double whisker = 0, extreme = 0;
  for (const auto& g : summary.groups) {
    if (g.high_whisker > whisker) whisker = g.high_whisker;
    if (g.maximum > extreme) extreme = g.maximum;
  }
  double out = extreme > too_far * whisker ? whisker : extreme;
  for (const auto& known : view.known) {
    if (known.metric == summary.metric && known.source == "paper")
      out = std::max(out, *std::max_element(known.values.begin(), known.values.end()));
  }
  return out > 0 ? out : 1;
}

/// Means over seeds and their errors, divided by the mean over groups.
Curve relative_curve(const Summary& summary) {
  double mean = 0;
  for (const auto& g : summary.groups) mean += g.distance.mean / static_cast<double>(summary.groups.size());
  Curve out;
  for (const auto& g : summary.groups) {
    out.value.push_back(g.distance.mean / mean);
    out.error.push_back(std::isnan(g.distance.standard_error) ? 0 : g.distance.standard_error / mean);
  }
  return out;
}

}  // namespace

std::string box_plots(const View& view, const std::vector<Summary>& summaries) {
  const double step = 64, left = 56, gap = 28, top = 42, bottom = 242;
  const double right = left + step * static_cast<double>(view.groups.size());
  Markup out;
  out << "<div class=\"panels\">";
  for (std::size_t m = 0; m < summaries.size(); ++m) {
    open_svg(out, right + gap, bottom + 32, "Distances by group of " + view.name + ": " + summaries[m].metric);
    const Axis y{0, highest(view, summaries[m]) * headroom, bottom, top};
    value_axis(out, y, left, right);
    text(out, left, 18, "start", 13, summaries[m].metric);
    for (std::size_t g = 0; g < view.groups.size(); ++g) {
      const double middle = left + step * (static_cast<double>(g) + 0.5);
      box(out, summaries[m].groups[g], y, middle - 0.08 * step, m);
      const std::string& name = view.groups[g];
      text(out, middle, bottom + 18, "middle", 11, name.substr(0, name.find(" regimes")));
    }
    known_values(out, view, summaries[m].metric, y, left + 0.42 * step, step);
    out << "</svg>";
  }
  out << "</div>";
  return out.str();
}

bool ends_early(const View& view, const Summary& summary) {
  const double end = highest(view, summary) * headroom;
  return std::any_of(summary.groups.begin(), summary.groups.end(), [end](const auto& g) { return g.maximum > end; });
}

std::string trend_lines(const View& view, const std::vector<Summary>& summaries) {
  const double left = 52, right = 400, top = 14, bottom = 230;
  std::vector<Curve> curves;
  double low = 1, high = 1;
  for (const auto& summary : summaries) {
    curves.push_back(relative_curve(summary));
    for (std::size_t i = 0; i < curves.back().value.size(); ++i) {
      low = std::min(low, curves.back().value[i] - curves.back().error[i]);
      high = std::max(high, curves.back().value[i] + curves.back().error[i]);
    }
  }
  const double margin = 0.05 * (high - low) + 1e-3;
  const Axis y{low - margin, high + margin, bottom, top};
  const Axis x{view.positions.front(), view.positions.back(), left + 30, right - 30};
  Markup out;
  open_svg(out, right + 10, 262, "Distance relative to its mean against " + view.name);
  value_axis(out, y, left, right);
  for (std::size_t g = 0; g < view.groups.size(); ++g) {
    text(out, x(view.positions[g]), bottom + 18, "middle", 11, view.groups[g]);
  }
  for (std::size_t m = 0; m < curves.size(); ++m) curve_with_band(out, curves[m], view.positions, x, y, m);
  out << "</svg>";
  return out.str();
}

std::string ratio_rows(const testcase::Result& result) {
  const double left = 150, right = 560, row = 26, top = 8;
  const auto& views = result.description.views;
  double low = 0.5, high = 2;
  for (const auto& summaries : result.summaries) {
    for (const auto& s : summaries) {
      const double ratio = s.groups.back().distance.mean / s.groups.front().distance.mean;
      if (ratio > 0 && std::isfinite(ratio)) low = std::min(low, ratio), high = std::max(high, ratio);
    }
  }
  // Exactly equal distances of the same system make the ratio as large as the rounding lets it: the axis ends at 1000.
  const Axis x{std::log10(std::max(low / 1.2, 1e-3)), std::log10(std::min(high * 1.2, 1e3)), left, right};
  const double bottom = top + row * static_cast<double>(views.size());
  Markup out;
  open_svg(out, right + 20, bottom + 26, "Distance to the different over distance to the same, a row a relation");
  for (const double tick : {0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1000.0}) {
    const double at = std::log10(tick);
    if (at < x.low || at > x.high) continue;
    line(out, x(at), top, x(at), bottom, tick == 1.0 ? "class=\"mean\"" : "class=\"grid\"");
    text(out, x(at), bottom + 18, "middle", 11, short_number(tick));
  }
  for (std::size_t v = 0; v < views.size(); ++v) {
    const double y = top + row * (static_cast<double>(v) + 0.5);
    text(out, left - 10, y + 4, "end", 12, views[v].name);
    for (std::size_t m = 0; m < result.summaries[v].size(); ++m) {
      const auto& groups = result.summaries[v][m].groups;
      const double ratio = groups.back().distance.mean / groups.front().distance.mean;
      if (std::isnan(ratio)) continue;
      const double at = std::clamp(std::log10(std::max(ratio, 1e-300)), x.low, x.high);
      const double shift = 4 * (static_cast<double>(m) - 0.5 * static_cast<double>(result.summaries[v].size() - 1));
      out << "<circle cx=\"" << x(at) << "\" cy=\"" << y + shift << "\" r=\"4\" " << fill(m, 0.9) << "/>";
    }
  }
  out << "</svg>";
  return out.str();
}

std::string metric_legend(const std::vector<Summary>& summaries) {
  std::vector<std::string> names;
  for (const auto& summary : summaries) names.push_back(summary.metric);
  return colour_legend(names);
}

}  // namespace kindred::report
