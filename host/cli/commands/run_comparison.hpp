#pragma once
#include "host/cli/commands/commands.hpp"
#include "host/cli/options/comparison_options.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kindred::cli {

/// A comparison that a command asks for.
struct RunPlan {
  std::string command;  ///< "pairwise"
  ComparisonOptions options;
  std::function<Sides(const Console&)> read;                   ///< the systems
  std::string title;                                           ///< of the page
  std::function<std::string(const RunSummary&)> opening = {};  ///< of the text, if it has one
};

/// Reads, compares, warns, writes what was asked for and tells of it. Everything that can be refused is refused before
/// anything is computed.
void run_comparison(const RunPlan& plan);

/// The command `app`, whose options are in `options` once they are parsed and make the plan.
[[nodiscard]] Command comparison_command(CLI::App* app, const std::shared_ptr<ComparisonOptions>& options,
                                         const std::function<RunPlan()>& plan);

}  // namespace kindred::cli
