#pragma once
#include "host/cli/report/matrix.hpp"
#include "host/cli/report/page.hpp"
#include "host/cli/report/spectra.hpp"

#include <string>
#include <vector>

namespace kindred::report {

/// One metric's distances of rows against columns.
struct CrossPanel {
  std::string metric;
  std::string unit;            ///< what the numbers are, for axes: "radians"
  std::vector<double> values;  ///< rows x columns, row-major; NaN where a pair failed
};

/// One of the two collections.
struct CrossSide {
  std::vector<std::string> names;
  std::vector<std::string> labels;  ///< as names; empty strings where a system has none
  std::vector<std::vector<std::string>> system_rows;
};

struct CrossReport {
  std::string title;
  std::string subtitle;
  CrossSide rows, columns;
  std::vector<CrossPanel> panels;
  std::string spectra;  ///< what spectra() makes of the systems
  Facts configuration;
  std::vector<std::string> system_headings;  ///< of the tables of systems, after name and label
};

/// The report as one HTML file without references to others: per metric the heat map of rows against columns, for each
/// row its nearest column, and with labels on both sides whether they agree; then the spectra, the systems and the
/// configuration.
[[nodiscard]] std::string render(const CrossReport& report);

}  // namespace kindred::report
