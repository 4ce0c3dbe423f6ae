#pragma once
#include "host/cli/console.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"

#include <vector>

namespace kindred::cli {

/// Warns where the data are too few for a metric: with as many channels as samples, one system is a linear map of any
/// other, so that cca and linear regression without folds find no difference.
void warn_of_few_samples(const Collection& collection, const std::vector<MetricEntry>& metrics, const Console& console);

/// For commands that judge one choice for all: takes away what a manifest says of a system's own fit, with a warning.
void drop_own_fits(Collection& collection, const Console& console);

/// Says of each system with missing values how many there are, and what was done about them. `fits` may be empty.
void note_gaps(const Collection& collection, const std::vector<FitFacts>& fits, const Console& console);

}  // namespace kindred::cli
