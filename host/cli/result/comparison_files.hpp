#pragma once
#include "host/cli/options/comparison_options.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"

#include <string>

namespace kindred::cli {

/// Writes all outputs that the options ask for, then lets them appear together, last the distances: where a matrix is,
/// its company is. `title` is that of the page.
void write_outputs(const RunSummary& run, const Comparison& comparison, const ComparisonOptions& options,
                   const std::string& title);

}  // namespace kindred::cli
