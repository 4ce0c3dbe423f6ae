#pragma once
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/preprocess_options.hpp"
#include "host/cli/options/run_options.hpp"

#include <kindred/journal.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// Options of the commands that compare.
struct ComparisonOptions {
  std::vector<std::string> files;
  std::string operators;  ///< a file of operators instead of recordings
  InputOptions input;
  MetricOptions metric;
  PreprocessOptions preprocess;
  DeviceOptions device;
  SayOptions say;
  std::string out, lower_bound, status, report;
  std::string alignment;  ///< of the command `cross`
  std::string journal;    ///< where finished pairs are kept; empty: nowhere
  std::string shard;      ///< "k/n": the part of the comparison that is computed; empty: all of it
  bool condensed = false, float32 = false;
  bool no_clobber = false;
  std::vector<std::string> arguments;  ///< the command line, for the sidecar
  std::vector<std::string> given;      ///< long names of the options on it
};
/// `one_collection`: every system is compared with every other.
void add_comparison_options(CLI::App& app, ComparisonOptions& options, bool one_collection);

/// What is to be done to recordings before they are compared. Throws invalid_argument where there are none.
[[nodiscard]] Preprocess preprocess_of(const ComparisonOptions& options);

/// --out, --lower-bound, --status and --report with their endings checked; the sidecar's path goes with --out. Throws
/// invalid_argument if there is none and no --json, or a report cannot show one of the metrics.
[[nodiscard]] Outputs outputs_of(const ComparisonOptions& options, const std::vector<MetricEntry>& metrics);

/// The part that --shard asks for. Throws invalid_argument without a journal, or with an output that needs the whole.
[[nodiscard]] Shard shard_of(const ComparisonOptions& options);

/// One line for the options of the command line that change nothing in this run, if there are any.
void warn_of_unused(const ComparisonOptions& options, const std::vector<MetricEntry>& metrics, const Console& console);
/// The same of options given to another command, whose --metric was `asked`.
void warn_of_unused(const std::vector<std::string>& given, const std::vector<MetricEntry>& metrics,
                    const std::string& asked, bool from_operators, const Console& console);

}  // namespace kindred::cli
