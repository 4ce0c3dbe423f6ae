#include "host/cli/report/sweep_report.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"
#include "host/cli/report/plot.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::report {
namespace {

/// Error as it is drawn: its logarithm, NaN where there is none.
double drawn(const SweepPoint& p) {
  return p.feasible && p.reseeded.nmse > 0 ? std::log10(p.reseeded.nmse) : std::numeric_limits<double>::quiet_NaN();
}

/// The least and the largest error of all, as they are drawn.
Range range_drawn(const SweepResult& sweep) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Range range{infinity, -infinity};
  for (const SweepPoint& p : sweep.points) {
    range.low = std::fmin(range.low, drawn(p));
    range.high = std::fmax(range.high, drawn(p));
  }
  return range;
}

/// The different values of a field that some feasible point has, ascending.
std::vector<index_t> values_of(const SweepResult& sweep, index_t SweepPoint::*field) {
  std::vector<index_t> out;
  for (const SweepPoint& p : sweep.points) {
    if (p.feasible) out.push_back(p.*field);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> named(const std::string& what, const std::vector<index_t>& values) {
  std::vector<std::string> out;
  for (const index_t v : values) out.push_back(what + " " + std::to_string(v));
  return out;
}

Cast cast_of(std::vector<std::string> names) {
  const std::size_t n = names.size();
  return {std::move(names), group(std::vector<std::string>(n))};
}

/// Error against rank at the recommended delays and interval.
std::string knee(const SweepReport& report) {
  const SweepPoint& chosen = report.sweep.points[report.recommendation.chosen];
  std::vector<const SweepPoint*> points;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const SweepPoint& p : report.sweep.points) {
    if (p.delays != chosen.delays || p.interval != chosen.interval || std::isnan(drawn(p))) continue;
    points.push_back(&p);
    low = std::min(low, drawn(p));
    high = std::max(high, drawn(p));
  }
  if (points.size() < 2) return {};
  std::sort(points.begin(), points.end(), [](const auto* a, const auto* b) { return a->rank < b->rank; });
  constexpr double width = 560, height = 280, left = 60, right = 20, top = 16, bottom = 40;
  const double margin = std::max(0.05 * (high - low), 0.01);
  const Axis x{static_cast<double>(points.front()->rank), static_cast<double>(points.back()->rank), left,
               width - right};
  const Axis y{low - margin, high + margin, height - bottom, top};
  Markup out;
  open_svg(out, width, height, "Held-out error by rank");
  value_axis(out, y, left, width - right);
  out << "<polyline fill=\"none\" " << stroke(0, 2) << " points=\"";
  for (const auto* p : points) out << x(static_cast<double>(p->rank)) << "," << y(drawn(*p)) << " ";
  out << "\"/>";
  for (const auto* p : points) {
    const bool here = p->rank == chosen.rank;
    dot(out, x(static_cast<double>(p->rank)), y(drawn(*p)), here ? 6 : 3, here ? 1 : 0);
    if (here || p == points.front() || p == points.back()) {
      text(out, x(static_cast<double>(p->rank)), height - bottom + 18, "middle", 11, std::to_string(p->rank));
    }
  }
  text(out, width / 2, height - 6, "middle", 12, "rank");
  out << "</svg>";
  return figure(out.str(), "log10 of the held-out nmse by rank, at " + std::to_string(chosen.delays) +
                               (chosen.delays == 1 ? " delay" : " delays") + " and interval " +
                               std::to_string(chosen.interval) + "; the large dot is the recommended rank.");
}

std::string best_points(const SweepReport& report) {
  std::vector<const SweepPoint*> points;
  for (const SweepPoint& p : report.sweep.points) {
    if (p.feasible) points.push_back(&p);
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const auto* a, const auto* b) { return a->reseeded.nmse < b->reseeded.nmse; });
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < std::min<std::size_t>(points.size(), 20); ++i) {
    const SweepPoint& p = *points[i];
    rows.push_back({std::to_string(p.delays), std::to_string(p.interval), std::to_string(p.rank),
                    significant(p.reseeded.nmse), significant(p.reseeded.mase), significant(p.reseeded.r2),
                    significant(p.one_step.nmse), significant(p.one_step.aic)});
  }
  return "<div class=\"scroll\">" +
         table({"delays", "interval", "rank", "nmse", "mase", "R2", "nmse, one step", "AIC, one step"}, rows) +
         "</div>";
}

}  // namespace

std::string render(const SweepReport& report) {
  const auto ranks = values_of(report.sweep, &SweepPoint::rank), delays = values_of(report.sweep, &SweepPoint::delays);
  const Cast rows = cast_of(named("rank", ranks)), columns = cast_of(named("delays", delays));
  const auto place = [](const std::vector<index_t>& all, index_t value) {
    return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), value) - all.begin());
  };
  nlohmann::json data{
      {"names", rows.names},
      {"labels", std::vector<std::string>(rows.names.size())},
      {"columns", {{"names", columns.names}, {"labels", std::vector<std::string>(columns.names.size())}}},
      {"panels", nlohmann::json::array()}};
  Page page(report.title, report.subtitle);
  page.section("Recommended",
               "<div class=\"lead\">" + lead(report.flags, escape(report.reason)) + "</div>" + knee(report));
  const Range range = range_drawn(report.sweep);
  for (const index_t interval : values_of(report.sweep, &SweepPoint::interval)) {
    std::vector<double> values(rows.names.size() * columns.names.size(), std::numeric_limits<double>::quiet_NaN());
    for (const SweepPoint& p : report.sweep.points) {
      if (p.interval == interval && p.feasible)
        values[place(ranks, p.rank) * columns.names.size() + place(delays, p.delays)] = drawn(p) - range.low;
    }
    const std::string id = "interval" + std::to_string(interval);
    const Grid grid{values, std::ssize(rows.names), std::ssize(columns.names)};
    page.section("Held-out error, interval " + std::to_string(interval),
                 figure(heat_map(grid, rows, columns, "decades above the least", id, Range{0, range.high - range.low}),
                        "How many powers of ten the mean squared error lies above the least of all points (0), of "
                        "predictions that start from the record again as --reseed says. Dark is better; grey is "
                        "infeasible, and ranks, delays and intervals that are so everywhere are not shown."));
    data["panels"].push_back({{"id", id}, {"distances", base64_of_floats(values)}});
  }
  if (!report.spectra.empty()) page.section("Spectra at the recommended point", report.spectra);
  page.section("Points of least error", best_points(report));
  if (!report.sweep.left_out.empty()) {
    page.section("Systems that cannot be judged", table(Facts(report.sweep.left_out)));
  }
  page.section("Configuration", table(report.configuration));
  page.data(data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return page.str();
}

}  // namespace kindred::report
