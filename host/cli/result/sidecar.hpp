#pragma once
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace kindred::cli {

/// The JSON beside every result.
using Json = nlohmann::ordered_json;

/// What was computed, with what, from what.
[[nodiscard]] Json json_of(const RunSummary& run);

/// The same with every metric's distances as nested arrays (null where there is none).
[[nodiscard]] Json json_with_distances(const RunSummary& run, const Comparison& comparison);

/// Facts in their places.
[[nodiscard]] Json json_of(const std::vector<Fact>& facts);

/// Text of a JSON document, ending in a newline; bytes that are not UTF-8 are replaced. `indent` -1: one line.
[[nodiscard]] std::string text_of(const Json& document, int indent = 2);

}  // namespace kindred::cli
