#pragma once
#include "host/cli/report/page.hpp"

#include <kindred/prediction.hpp>

#include <string>

namespace kindred::report {

struct SweepReport {
  std::string title, subtitle;
  std::string flags, reason;  ///< of the recommended point
  SweepResult sweep;
  Recommendation recommendation;
  std::string spectra;  ///< what spectra() makes of operators at the recommended point
  Facts configuration;
};

/// The report as one HTML file without references to others: what is recommended and why, a heat map of the held-out
/// error for each interval, the error by rank at the recommended delays, the spectra there, the points of least error,
/// the configuration.
[[nodiscard]] std::string render(const SweepReport& report);

}  // namespace kindred::report
