#pragma once
#include "host/cli/console.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace kindred::cli {

/// A command of the program: its options, and what it does once they are parsed.
struct Command {
  CLI::App* app;
  std::function<void(const std::vector<std::string>& arguments)> run;  ///< `arguments`: the whole command line
};

[[nodiscard]] Command pairwise_command(CLI::App& program);
[[nodiscard]] Command cross_command(CLI::App& program);
[[nodiscard]] Command nearest_command(CLI::App& program);
[[nodiscard]] Command status_command(CLI::App& program);
[[nodiscard]] Command merge_command(CLI::App& program);
[[nodiscard]] Command fit_command(CLI::App& program);
[[nodiscard]] Command predict_command(CLI::App& program);
[[nodiscard]] Command sweep_command(CLI::App& program);
[[nodiscard]] Command info_command(CLI::App& program);
[[nodiscard]] Command simulate_command(CLI::App& program);
[[nodiscard]] Command demo_command(CLI::App& program);
[[nodiscard]] Command stats_command(CLI::App& program);
[[nodiscard]] Command mean_command(CLI::App& program);
[[nodiscard]] Command metrics_command(CLI::App& program);
[[nodiscard]] Command testcase_command(CLI::App& program);
[[nodiscard]] Command train_command(CLI::App& program);

}  // namespace kindred::cli
