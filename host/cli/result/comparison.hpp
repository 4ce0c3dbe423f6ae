#pragma once
#include "host/cli/console.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"

#include <kindred/engine.hpp>

#include <functional>
#include <string>
#include <vector>

namespace kindred::cli {

/// Options that `pairwise` and `cross` share.
struct CompareOptions {
  std::vector<std::string> files;
  std::string operators;  ///< a file of operators instead of recordings
  InputOptions input;
  MetricOptions metric;
  Preprocess preprocess;
  std::string scaling = "none";
  DeviceOptions device;
  SayOptions say;
  std::string out, lower_bound, status, report;
  std::string journal;  ///< where finished pairs are kept; empty: nowhere
  bool no_clobber = false;
  std::vector<std::string> arguments;  ///< the command line, for the sidecar
  std::vector<std::string> given;      ///< long names of the options on it
};
void add_compare_options(CLI::App& app, CompareOptions& options);

/// Prepares the recordings as the options say, before any metric; describes it, or gives null if nothing is to be done.
Json preprocess(Engine& engine, Collection& collection, const CompareOptions& options);

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

/// Fits each collection once if a metric needs operators, then runs every metric; all pairs of `rows` if `columns` is
/// null. Finished pairs of the metrics of operators are kept in the file `journal`, or with several metrics in
/// "`journal`.METRIC". Throws invalid_argument if a metric needs recordings that are not there.
[[nodiscard]] Comparison compare(Engine& engine, const Collection& rows, const Collection* columns,
                                 const std::vector<MetricEntry>& metrics, const std::string& journal,
                                 const Console& console);

/// One line for each fit that deserves one (the first ten), and for pairs without a distance. Throws invalid_data if
/// there are pairs and none has a distance.
void warn_about(const Comparison& comparison, const Console& console);

/// One line for the options of the command line that change nothing in this run, if there are any.
void warn_of_unused(const CompareOptions& options, const std::vector<MetricEntry>& metrics, const Console& console);

/// The whole run as JSON, without the matrices.
[[nodiscard]] Json describe_comparison(const Comparison& comparison);

/// The sidecar of a comparison: the run, how the inputs were read and prepared, the outputs, every metric, every system
/// with its fit: as "systems", or as "rows" and "columns" if there are `columns`.
struct Compilation {
  std::string command;
  const CompareOptions& options;
  const Outputs& outputs;
  Json preprocessed = nullptr;  ///< what preprocess() gave
};
[[nodiscard]] Json compile_sidecar(const Compilation& run, const DeviceInfo& device, const Comparison& comparison,
                                   const Collection& rows, const Collection* columns = nullptr);

/// --out, --lower-bound, --status and --report with their endings checked; the sidecar's path goes with --out. Throws
/// invalid_argument if there is none and no --json, or a report cannot show one of the metrics.
[[nodiscard]] Outputs outputs_of(const CompareOptions& options, const std::vector<MetricEntry>& metrics);
/// Writes all outputs, then lets them appear together, last the distances: where a matrix is, its company is. `report`
/// makes the page, if one is asked for.
void write_outputs(const Comparison& comparison, const CompareOptions& options, const Json& sidecar,
                   const std::function<std::string()>& report);

/// `document` with every metric's distances as nested arrays (null where there is none).
[[nodiscard]] Json with_distances(Json document, const Comparison& comparison);

}  // namespace kindred::cli
