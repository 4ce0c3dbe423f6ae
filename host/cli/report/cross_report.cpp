#include "host/cli/report/cross_report.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace kindred::report {
namespace {

/// The casts of both sides, with one numbering of their labels.
struct Casts {
  Cast rows, columns;
};

Casts casts_of(const CrossReport& report) {
  auto labels = report.rows.labels;
  labels.insert(labels.end(), report.columns.labels.begin(), report.columns.labels.end());
  const Groups all = group(labels);
  const auto middle = all.of.begin() + std::ssize(report.rows.labels);
  return {{report.rows.names, {all.names, {all.of.begin(), middle}}},
          {report.columns.names, {all.names, {middle, all.of.end()}}}};
}

/// The column nearest to each row; -1 where it has no distance.
std::vector<index_t> nearest_columns(const Grid& grid) {
  std::vector<index_t> out;
  for (index_t i = 0; i < grid.rows; ++i) {
    index_t nearest = -1;
    for (index_t j = 0; j < grid.columns; ++j) {
      if (std::isfinite(grid(i, j)) && (nearest < 0 || grid(i, j) < grid(i, nearest))) nearest = j;
    }
    out.push_back(nearest);
  }
  return out;
}

std::string mean_of(double sum, index_t count) {
  return significant(count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN());
}

/// Means over pairs with equal and with different labels, and how often the nearest column has the row's label. Nothing
/// unless there are pairs of both kinds.
std::string agreement(const Grid& grid, const Casts& casts, const std::vector<index_t>& nearest) {
  double same = 0, other = 0;
  index_t same_count = 0, other_count = 0, right = 0, asked = 0;
  for (index_t i = 0; i < grid.rows; ++i) {
    const index_t own = casts.rows.groups.of[at(i)];
    if (own < 0) continue;
    for (index_t j = 0; j < grid.columns; ++j) {
      const index_t group = casts.columns.groups.of[at(j)];
      if (group < 0 || !std::isfinite(grid(i, j))) continue;
      (group == own ? same : other) += grid(i, j);
      ++(group == own ? same_count : other_count);
    }
    if (nearest[at(i)] < 0) continue;
    ++asked;
    right += casts.columns.groups.of[at(nearest[at(i)])] == own ? 1 : 0;
  }
  if (same_count == 0 || other_count == 0) return {};
  return "<div class=\"lead\">" + lead(mean_of(same, same_count), "mean distance, equal labels") +
         lead(mean_of(other, other_count), "mean distance, different labels") +
         lead(std::to_string(right) + " of " + std::to_string(asked), "rows whose nearest column has their label") +
         "</div>";
}

std::string nearest_table(const Grid& grid, const CrossReport& report, const std::vector<index_t>& nearest) {
  std::vector<std::vector<std::string>> rows;
  for (index_t i = 0; i < grid.rows; ++i) {
    const index_t j = nearest[at(i)];
    rows.push_back({report.rows.names[at(i)], j < 0 ? "none" : report.columns.names[at(j)],
                    j < 0 ? "" : report.columns.labels[at(j)], j < 0 ? "" : significant(grid(i, j))});
  }
  return folded("The nearest column of each row", rows.size(),
                table({"row", "nearest column", "its label", "distance"}, rows));
}

}  // namespace

std::string render(const CrossReport& report) {
  const Casts casts = casts_of(report);
  const auto side = [](const CrossSide& s) { return nlohmann::json{{"names", s.names}, {"labels", s.labels}}; };
  nlohmann::json data = side(report.rows);
  data["columns"] = side(report.columns);
  data["panels"] = nlohmann::json::array();
  Page page(report.title, report.subtitle);
  for (const CrossPanel& panel : report.panels) {
    const std::string id = "panel" + std::to_string(data["panels"].size());
    const Grid grid{panel.values, std::ssize(report.rows.names), std::ssize(report.columns.names)};
    const auto nearest = nearest_columns(grid);
    page.section(
        panel.metric,
        agreement(grid, casts, nearest) +
            figure(heat_map(grid, casts.rows, casts.columns, panel.unit, id) + legend(casts.rows.groups),
                   "Rows against columns, in the order given. Dark is alike. Point at a cell for its names and "
                   "its distance.") +
            nearest_table(grid, report, nearest));
    data["panels"].push_back({{"id", id}, {"distances", base64_of_floats(panel.values)}});
  }
  const auto systems = [&](const CrossSide& s) {
    return systems_table(s.names, s.labels, report.system_headings, s.system_rows);
  };
  if (!report.spectra.empty()) page.section("Spectra", report.spectra);
  page.section("Rows", systems(report.rows));
  page.section("Columns", systems(report.columns));
  page.section("Configuration", table(report.configuration));
  page.data(data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return page.str();
}

}  // namespace kindred::report
