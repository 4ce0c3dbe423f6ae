#pragma once
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"

#include <span>
#include <string>
#include <vector>

namespace kindred::cli {

/// What every run tells: command, time, device, how files were read, outputs.
[[nodiscard]] RunSummary begin_summary(const std::string& command, const std::vector<std::string>& arguments,
                                       const DeviceInfo& device, const InputOptions& input, const Outputs& outputs);

/// The systems of a collection as they are now (prepared recordings have their new shapes), with their fits, if any.
[[nodiscard]] std::vector<SystemSummary> summarize(const Collection& collection, std::span<const FitFacts> fits);

/// Adds the systems and the metrics of a comparison.
void add(RunSummary& run, const Sides& sides, const Comparison& comparison);

/// The same run, of the systems of a sample alone; its counts are those of all pairs.
[[nodiscard]] RunSummary shown_part(const RunSummary& run, const Sample& sample);

}  // namespace kindred::cli
