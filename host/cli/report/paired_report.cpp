#include "host/cli/report/paired_report.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/page.hpp"
#include "host/cli/report/plot.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::report {
namespace {

constexpr std::size_t most_rows_in_table = 200;

/// Distances along the pairs; a pair without one leaves a gap.
std::string curve(const CrossPanel& panel) {
  const double left = 56, right = 760, top = 16, bottom = 236;
  double highest = 0;
  for (const double v : panel.values) {
    if (std::isfinite(v)) highest = std::max(highest, v);
  }
  const auto pairs = static_cast<double>(panel.values.size());
  const Axis x{1, std::max(2.0, pairs), left + 10, right - 10};
  const Axis y{0, highest > 0 ? 1.05 * highest : 1, bottom, top};
  Markup out;
  open_svg(out, right + 12, bottom + 44, panel.metric + " along the pairs");
  value_axis(out, y, left, right);
  std::string path;
  bool drawn = false;
  for (std::size_t k = 0; k < panel.values.size(); ++k) {
    const double v = panel.values[k], at = x(static_cast<double>(k + 1));
    if (std::isfinite(v)) {
      Markup step;
      step << (drawn ? "L" : "M") << at << " " << y(v);
      path += step.str();
      dot(out, at, y(v), panel.values.size() > 100 ? 1.5 : 3, 0);
    }
    drawn = std::isfinite(v);
  }
  out << "<path fill=\"none\" " << stroke(0, 2) << " d=\"" << path << "\"/>";
  text(out, x(1), bottom + 16, "middle", 11, "1");
  if (panel.values.size() > 1) text(out, x(pairs), bottom + 16, "middle", 11, std::to_string(panel.values.size()));
  text(out, 0.5 * (left + right), bottom + 36, "middle", 11, "pair, in the order given; " + panel.unit);
  out << "</svg>";
  return out.str();
}

std::string pairs_table(const CrossReport& report, const CrossPanel& panel) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t k = 0; k < std::min(panel.values.size(), most_rows_in_table); ++k) {
    rows.push_back({report.rows.names[k], report.columns.names[k], significant(panel.values[k])});
  }
  const std::string more =
      panel.values.size() > rows.size() ? " (the first " + std::to_string(rows.size()) + ")" : std::string();
  return folded("Pairs" + more, rows.size(), table({"system", "with", panel.unit}, rows));
}

}  // namespace

std::string render_paired(const CrossReport& report) {
  Page page(report.title, report.subtitle);
  for (const CrossPanel& panel : report.panels) {
    page.section(panel.metric, figure(curve(panel), "The distance of each system to its partner, pair by pair.") +
                                   pairs_table(report, panel));
  }
  if (!report.spectra.empty()) page.section("Spectra", report.spectra);
  for (const auto& [heading, side] : {std::pair("Systems", &report.rows), std::pair("Partners", &report.columns)}) {
    page.section(heading, systems_table(side->names, side->labels, report.system_headings, side->system_rows));
  }
  page.section("Configuration", table(report.configuration));
  return page.str();
}

}  // namespace kindred::report
