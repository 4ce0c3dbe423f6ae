#pragma once
#include "host/cli/result/run_summary.hpp"

#include <kindred/metrics.hpp>
#include <kindred/results.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace kindred::report {

/// Throws Error{invalid_argument} if the page cannot show a metric (it shows distances, no similarities), or so many
/// systems.
void check_shown(const Metric& metric);
void check_shown(std::size_t systems);

/// The page of a run as one HTML file; `matrices` are those of its metrics. The command `fit` has none: its page shows
/// the spectra and the systems.
[[nodiscard]] std::string render(const cli::RunSummary& run, const std::vector<const DistanceMatrix*>& matrices,
                                 const std::string& title);

}  // namespace kindred::report
