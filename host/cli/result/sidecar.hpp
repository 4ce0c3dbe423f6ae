#pragma once
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/outputs.hpp"

#include <kindred/device.hpp>
#include <kindred/results.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// What was computed, with what, from what: the JSON beside every result.
using Json = nlohmann::ordered_json;

/// Name, version, command line, time and device; the frame of every sidecar.
[[nodiscard]] Json describe_run(const std::string& command, const std::vector<std::string>& arguments,
                                const DeviceInfo& device);

[[nodiscard]] Json describe_fit(const FitFacts& facts);

/// Everything that defines the metric's value.
[[nodiscard]] Json describe_metric(const Metric& metric);
[[nodiscard]] Json describe_dmd(const Dmd& dmd);

/// Counts of each status, refinements, largest gap, smallest and largest distance. `symmetric`: pairs i < j only.
[[nodiscard]] Json describe_pairs(const DistanceMatrix& matrix, bool symmetric);

/// The outputs as option and path.
[[nodiscard]] Json describe_outputs(const Outputs& outputs);

/// Text of a JSON document, ending in a newline; bytes that are not UTF-8 are replaced. `indent` -1: one line.
[[nodiscard]] std::string text_of(const Json& document, int indent = 2);

}  // namespace kindred::cli
