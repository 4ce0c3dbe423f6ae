#pragma once
#include "host/cli/result/sidecar.hpp"

#include <kindred/prediction.hpp>

namespace kindred::cli {

/// Every figure under its name; null for NaN.
[[nodiscard]] Json json_of(const PredictionScore& score);

/// The points, the steps not scored, and the recommended one.
[[nodiscard]] Json json_of(const SweepResult& sweep, const Recommendation& recommendation, double tolerance);

/// "--delays 16 --interval 2 --rank 20".
[[nodiscard]] std::string flags_of(const SweepPoint& point);

/// Why that point.
[[nodiscard]] std::string reason_for(const SweepResult& sweep, const Recommendation& recommendation, double tolerance);

}  // namespace kindred::cli
