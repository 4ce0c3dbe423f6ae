#pragma once
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"

#include <string>

namespace kindred::cli {

/// The run in plain text: a few lines for each metric, its matrix if that is small, and the files that were written.
/// After an `opening` the metrics stand apart.
[[nodiscard]] std::string text_of(const RunSummary& run, const Comparison& comparison, const std::string& opening = {});

}  // namespace kindred::cli
