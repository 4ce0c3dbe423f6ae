#include "host/cli/report/pairwise_report.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"
#include "host/cli/report/png.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace kindred::report {
namespace {

constexpr std::size_t most_groups_in_table = 12;

/// The upper triangle without the diagonal, row by row.
std::string upper_triangle(const Distances& d) {
  std::vector<double> values;
  for (index_t i = 0; i < d.n; ++i) {
    for (index_t j = i + 1; j < d.n; ++j) values.push_back(d(i, j));
  }
  return base64_of_floats(values);
}

std::string separation_block(const Panel& panel, const Groups& groups) {
  const Separation s = separation(panel.distances, groups);
  if (!s.tells()) return {};
  std::string tests;
  for (const auto& [value, what] : panel.figures) tests += lead(value, what);
  return "<div class=\"lead\">" + lead(significant(s.within_mean), "mean distance within groups") +
         lead(significant(s.between_mean), "mean distance between groups") +
         lead(significant(s.ratio), "between / within") +
         lead(std::to_string(s.neighbours_right) + " of " + std::to_string(s.neighbours_asked),
              "systems whose nearest neighbour shares their group") +
         tests + "</div>";
}

std::string floor_caption(const Panel& panel) {
  if (!panel.noise_floor) return {};
  return " The orange line is the noise floor, " + significant(*panel.noise_floor) +
         ": the mean distance between parts of one recording. Systems nearer than that are not told apart.";
}

std::string group_table(const Distances& d, const Groups& groups) {
  if (groups.empty() || groups.names.size() > most_groups_in_table) return {};
  std::vector<std::string> headings = {"mean distance"};
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : groups.names) headings.push_back(shorten(name, 24));
  for (std::size_t a = 0; a < groups.names.size(); ++a) {
    rows.push_back({groups.names[a]});
    for (std::size_t b = 0; b < groups.names.size(); ++b) {
      rows.back().push_back(significant(mean_distance(d, groups, static_cast<index_t>(a), static_cast<index_t>(b))));
    }
  }
  return "<figure><h3>Between and within groups</h3>" + table(headings, rows) + "</figure>";
}

std::string panel_section(const Panel& panel, const Cast& cast, const Dendrogram& tree, const std::string& id) {
  const Embedding embedding = classical_mds(panel.distances);
  const std::string map_caption =
      "Systems in the order of average-linkage clustering (the tree above). Dark is alike. Point at a cell for its "
      "names and its distance.";
  const std::string plane_caption = "Classical multidimensional scaling: near points are alike. Stress " +
                                    significant(embedding.stress) + " (0: the plane shows every distance as it is).";
  return separation_block(panel, cast.groups) + "<div class=\"pictures\">" +
         figure(heat_map(panel.distances, tree, cast, panel.unit, id), map_caption) + "<div class=\"side\">" +
         figure(scatter(embedding, cast, panel.unit) + legend(cast.groups), plane_caption) +
         figure(histogram(panel.distances, cast, panel.unit, panel.noise_floor),
                "How often each distance occurs." + floor_caption(panel)) +
         group_table(panel.distances, cast.groups) + "</div></div>";
}

}  // namespace

std::string render(const PairwiseReport& report) {
  const Cast cast{report.names, group(report.labels)};
  Page page(report.title, report.subtitle);
  nlohmann::json data = {{"names", report.names}, {"labels", report.labels}, {"panels", nlohmann::json::array()}};
  for (const Panel& panel : report.panels) {
    const std::string id = "panel" + std::to_string(data["panels"].size());
    const Dendrogram tree = average_linkage(panel.distances);
    page.section(panel.metric, panel_section(panel, cast, tree, id));
    data["panels"].push_back({{"id", id}, {"order", tree.order}, {"distances", upper_triangle(panel.distances)}});
  }
  if (!report.spectra.empty()) page.section("Spectra", report.spectra);
  page.section("Systems", systems_table(report.names, report.labels, report.system_headings, report.system_rows));
  page.section("Configuration", table(report.configuration));
  page.data(data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return page.str();
}

}  // namespace kindred::report
