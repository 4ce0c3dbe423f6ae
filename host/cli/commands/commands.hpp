#pragma once
#include "host/cli/console.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kindred::cli {

/// A command of the program: its options, and what it does once they are parsed.
struct Command {
  CLI::App* app;
  std::function<void(const std::vector<std::string>& arguments)> run;  ///< `arguments`: the whole command line
};

/// What a command is run with: its parsed options, and the whole command line.
struct Call {
  const CLI::App& app;
  const std::vector<std::string>& arguments;
};

/// The command `app`: `declare` adds its options, which set an Options, and `run` gets that once they are parsed.
template <class Options>
[[nodiscard]] Command make_command(CLI::App* app, void (*declare)(CLI::App& app, Options& options),
                                   void (*run)(const Options& options, const Call& call)) {
  auto options = std::make_shared<Options>();
  declare(*app, *options);
  return {app, [app, options, run](const std::vector<std::string>& arguments) { run(*options, {*app, arguments}); }};
}

/// Add the options of a command, which is `app` or a part of it.
[[nodiscard]] Command pairwise_command(CLI::App* app);
[[nodiscard]] Command cross_command(CLI::App* app);
[[nodiscard]] Command nearest_command(CLI::App* app);
[[nodiscard]] Command status_command(CLI::App* app);
[[nodiscard]] Command merge_command(CLI::App* app);
[[nodiscard]] Command fit_command(CLI::App* app);
[[nodiscard]] Command predict_command(CLI::App* app);
[[nodiscard]] Command sweep_command(CLI::App* app);
[[nodiscard]] Command info_command(CLI::App* app);
[[nodiscard]] Command simulate_command(CLI::App* app);
[[nodiscard]] Command demo_command(CLI::App* app);
[[nodiscard]] Command testcase_command(CLI::App* app);
[[nodiscard]] Command train_command(CLI::App* app);
[[nodiscard]] Command stats_command(CLI::App* app);
[[nodiscard]] Command mean_command(CLI::App* app);
[[nodiscard]] Command metrics_command(CLI::App* app);

/// All commands, added to the program in the order of its help.
[[nodiscard]] std::vector<Command> commands_of(CLI::App& program);

}  // namespace kindred::cli
