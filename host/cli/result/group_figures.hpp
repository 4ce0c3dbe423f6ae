#pragma once
#include "host/cli/result/run_summary.hpp"

#include <kindred/statistics.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// What the groups come to, each fact below "statistics".
[[nodiscard]] std::vector<Fact> facts_of(const statistics::GroupComparison& groups);

/// "p 0.0036 (all 1680 relabellings)"; with `several` matrices q, too.
[[nodiscard]] std::string told(const statistics::PermutationTest& test, bool several);

/// "0.168 [0.12, 0.21]"; the interval only if there is one.
[[nodiscard]] std::string told(const statistics::WithInterval& figure);

/// The figures and tests of a group comparison, in lines indented by two.
[[nodiscard]] std::string lines_of(const statistics::GroupComparison& groups, bool several);

}  // namespace kindred::cli
