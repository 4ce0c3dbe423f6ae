#pragma once
#include "host/cli/console.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"

#include <kindred/engine.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kindred::cli {

/// The systems of a comparison: all pairs of `rows`, or rows against columns.
struct Sides {
  Collection rows;
  std::optional<Collection> columns;
};

/// One metric's result.
struct Compared {
  MetricEntry entry;
  DistanceMatrix matrix;
  double seconds = 0;
};

/// Results of one run, for all metrics.
struct Comparison {
  bool symmetric = true;  ///< pairs of one collection
  std::vector<Compared> metrics;
  std::vector<FitFacts> row_facts, column_facts;  ///< empty if nothing was fitted
  double fit_seconds = 0;
};

/// Fits the systems once if a metric needs operators, then runs every metric. Finished pairs
/// are kept in the file `journal`, or with several metrics in "`journal`.METRIC". Throws invalid_argument if a metric
/// needs recordings that are not there.
[[nodiscard]] Comparison compare(Engine& engine, const Sides& sides, const std::vector<MetricEntry>& metrics,
                                 const std::string& journal, const Console& console);

/// One line for each fit that deserves one (the first ten), and for pairs without a distance. Throws invalid_data if
/// there are pairs and none has a distance.
void warn_about(const Comparison& comparison, const Console& console);

}  // namespace kindred::cli
