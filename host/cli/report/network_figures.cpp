#include "host/cli/report/network_figures.hpp"

#include "host/cli/report/pictures.hpp"
#include "host/cli/report/plot.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::report {
namespace {

using testcase::Figure;
using testcase::NetworkStudy;

/// A panel's frame: both axes, its title, and names below.
struct AxesPanel {
  double left = 52, right = 300, top = 34, bottom = 204;
  Axis x, y;
};

AxesPanel open_axes(Markup& out, const std::string& title, double highest, double x_low, double x_high,
                    const std::string& below, const std::string& label) {
  AxesPanel panel;
  panel.x = {x_low, x_high > x_low ? x_high : x_low + 1, panel.left + 8, panel.right - 8};
  panel.y = {0, highest > 0 ? 1.05 * highest : 1, panel.bottom, panel.top};
  open_svg(out, panel.right + 24, panel.bottom + 44, label);
  value_axis(out, panel.y, panel.left, panel.right);
  text(out, panel.left, 18, "start", 13, title);
  text(out, 0.5 * (panel.left + panel.right), panel.bottom + 36, "middle", 11, below);
  return panel;
}

double upper(const Figure& f) { return f.mean + (std::isnan(f.standard_error) ? 0 : f.standard_error); }

void grow(double& highest, double value) {
  if (value > highest) highest = value;
}

std::string bars(const testcase::MatrixSummary& s) {
  const double row = 19, left = 104, right = 282, top = 28;
  const double bottom = top + row * static_cast<double>(s.groups.size());
  double highest = 0;
  for (const auto& f : s.to_master) grow(highest, upper(f));
  for (const double value : s.paper) grow(highest, value);
  const Axis x{0, highest > 0 ? 1.05 * highest : 1, left, right};
  Markup out;
  open_svg(out, right + 46, bottom + 14, "Distance of every group to the masters: " + s.metric);
  text(out, left, 16, "start", 13, s.metric);
  for (std::size_t g = 0; g < s.groups.size(); ++g) {
    const double middle = top + row * (static_cast<double>(g) + 0.5);
    const Figure& f = s.to_master[g];
    text(out, left - 6, middle + 4, "end", 11, g + 1 == s.groups.size() ? "another master" : s.groups[g]);
    if (std::isnan(f.mean)) continue;
    out << "<rect x=\"" << left << "\" y=\"" << middle - 6 << "\" width=\"" << x(f.mean) - left << "\" height=\"12\" "
        << fill(0, 0.45) << "/>";
    if (!std::isnan(f.standard_error)) {
      line(out, x(std::max(0.0, f.mean - f.standard_error)), middle, x(upper(f)), middle, "class=\"axis\"");
    }
    double end = upper(f);
    if (g < s.paper.size() && !std::isnan(s.paper[g])) {
      diamond(out, x(s.paper[g]), middle);
      if (x(s.paper[g]) > x(end) - 6 && x(s.paper[g]) < x(end) + 40) end = s.paper[g];  // the number beside both
    }
    text(out, x(end) + 8, middle + 4, "start", 10, short_number(std::round(f.mean * 1000) / 1000));
  }
  out << "</svg>";
  return out.str();
}

std::string lines(const testcase::LearningSummary& s) {
  double highest = 0;
  for (const auto& row : s.rows) {
    for (const auto& f : row.distance) grow(highest, upper(f));
  }
  Markup out;
  const std::vector<double> shares{0, 20, 40, 60, 80, 100};
  const AxesPanel panel = open_axes(out, s.metric, highest, 0, 100, "share of both trainings, %",
                                    "Distance to the masters over learning: " + s.metric);
  for (const double share : shares) text(out, panel.x(share), panel.bottom + 18, "middle", 11, short_number(share));
  for (std::size_t r = 0; r < s.rows.size(); ++r) {
    Curve curve;
    bool whole = true;
    for (const auto& f : s.rows[r].distance) {
      whole = whole && !std::isnan(f.mean);
      curve.value.push_back(f.mean);
      curve.error.push_back(std::isnan(f.standard_error) ? 0 : f.standard_error);
    }
    if (whole) curve_with_band(out, curve, shares, panel.x, panel.y, r);
  }
  out << "</svg>";
  return out.str();
}

std::string points(const testcase::BehaviourSummary& s) {
  double highest = 0, widest = 0;
  for (const double v : s.distance) grow(highest, v);
  for (const double v : s.difference) grow(widest, v);
  Markup out;
  const AxesPanel panel = open_axes(out, s.metric, highest, 0, widest, "difference in accuracy",
                                    "Distance to the masters against difference in accuracy: " + s.metric);
  for (std::size_t i = 0; i < s.distance.size(); ++i) {
    out << "<circle cx=\"" << panel.x(s.difference[i]) << "\" cy=\"" << panel.y(s.distance[i]) << "\" r=\"2\" "
        << fill(0, 0.35) << "/>";
  }
  if (!std::isnan(s.pooled_slope)) {
    line(out, panel.x(0), panel.y(s.intercept), panel.x(widest), panel.y(s.intercept + s.pooled_slope * widest),
         stroke(1, 2));
  }
  for (const double at : {0.0, widest}) {
    text(out, panel.x(at), panel.bottom + 18, "middle", 11, short_number(std::round(at * 100) / 100));
  }
  out << "</svg>";
  return out.str();
}

std::string curves(const std::string& group, const std::vector<std::vector<train::Evaluation>>& seeds) {
  double most = 0;
  for (const auto& seed : seeds) {
    if (!seed.empty()) grow(most, static_cast<double>(seed.back().updates));
  }
  Markup out;
  const AxesPanel panel = open_axes(out, group, 1, 0, most, "updates", "Accuracy while " + group + " learns");
  for (const auto& seed : seeds) {
    out << "<polyline fill=\"none\" stroke-opacity=\"0.5\" " << stroke(0, 1) << " points=\"";
    for (const auto& one : seed) {
      out << panel.x(static_cast<double>(one.updates)) << ","
          << panel.y(*std::min_element(one.accuracy.begin(), one.accuracy.end())) << " ";
    }
    out << "\"/>";
  }
  for (const double at : {0.0, most}) text(out, panel.x(at), panel.bottom + 18, "middle", 11, short_number(at));
  out << "</svg>";
  return out.str();
}

template <class Summary, class Draw>
std::string panels(const std::vector<Summary>& all, const std::string& setting, Draw&& draw) {
  std::string out = "<div class=\"panels\">";
  for (const auto& one : all) {
    if (one.setting == setting) out += draw(one);
  }
  return out + "</div>";
}

}  // namespace

std::string learning_lines(const NetworkStudy& study, const std::string& setting) {
  std::vector<std::string> names;
  if (!study.learning.empty()) {
    for (const auto& row : study.learning.front().rows) {
      names.push_back(row.group == "trained alike" ? row.group : "parts: " + row.group);
    }
  }
  return colour_legend(names) + panels(study.learning, setting, lines);
}

std::string behaviour_scatter(const NetworkStudy& study, const std::string& setting) {
  return panels(study.behaviour, setting, points);
}

std::string group_bars(const NetworkStudy& study, const std::string& setting) {
  return panels(study.matrices, setting, bars);
}

std::string group_maps(const NetworkStudy& study, const std::string& setting, const std::string& id) {
  return panels(study.matrices, setting, [&](const testcase::MatrixSummary& s) {
    Distances distances{s.distances, static_cast<index_t>(s.groups.size())};
    // A group's distance to itself is 0; the masters' own is the mean between two of them.
    for (index_t i = 0; i < distances.n; ++i) distances.values[static_cast<std::size_t>(i * distances.n + i)] = 0;
    const Cast cast{s.groups, group(std::vector<std::string>(s.groups.size()))};
    return "<figure><h3>" + escape(s.metric) + "</h3>" +
           heat_map(distances, average_linkage(distances), cast, "distance", id + "-" + s.metric) + "</figure>";
  });
}

std::string training_curves(const NetworkStudy& study) {
  std::vector<std::string> groups;
  for (const auto& one : study.facts) {
    if (groups.empty() || std::find(groups.begin(), groups.end(), one.group) == groups.end())
      groups.push_back(one.group);
  }
  std::string out = "<div class=\"panels\">";
  for (std::size_t g = 0; g < groups.size() && g < study.curves.size(); ++g) {
    const auto& seeds = study.curves[g];
    if (std::any_of(seeds.begin(), seeds.end(), [](const auto& s) { return !s.empty(); }))
      out += curves(groups[g], seeds);
  }
  return out + "</div>";
}

}  // namespace kindred::report
