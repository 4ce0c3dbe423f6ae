#pragma once
#include "host/cli/report/cross_report.hpp"

#include <string>

namespace kindred::report {

/// The page of a paired comparison, whose panels have one value a pair: per metric the distance along the pairs, in the
/// order given (a learning curve, where that is time); then the systems and the configuration.
[[nodiscard]] std::string render_paired(const CrossReport& report);

}  // namespace kindred::report
