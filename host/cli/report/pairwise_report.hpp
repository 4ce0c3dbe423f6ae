#pragma once
#include "host/cli/report/matrix.hpp"
#include "host/cli/report/page.hpp"
#include "host/cli/report/spectra.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kindred::report {

/// One metric's distances between all systems.
struct Panel {
  std::string metric;
  std::string unit;  ///< what the numbers are, for axes: "radians"
  Distances distances;
  std::vector<std::pair<std::string, std::string>> figures = {};  ///< of the groups: a number and what it is
  std::optional<double> noise_floor = {};                         ///< how far apart equal systems are
};

/// Everything a report shows.
struct PairwiseReport {
  std::string title;
  std::string subtitle;
  std::vector<std::string> names;
  std::vector<std::string> labels;  ///< as names; empty strings where a system has none
  std::vector<Panel> panels;
  std::string spectra;  ///< what spectra() makes of the systems
  Facts configuration;
  std::vector<std::string> system_headings;  ///< of the table of systems, after name and label
  std::vector<std::vector<std::string>> system_rows;
};

/// The report as one HTML file without references to others: per metric the clustered heat map, the embedding, the
/// histogram and, with labels, the separation of the groups; then the spectra, the configuration and the systems.
[[nodiscard]] std::string render(const PairwiseReport& report);

}  // namespace kindred::report
