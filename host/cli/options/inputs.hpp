#pragma once
#include "host/cli/console.hpp"

#include <kindred/dmd.hpp>
#include <kindred/io.hpp>
#include <kindred/preprocess.hpp>
#include <kindred/trajectories.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kindred::cli {

/// How recordings are read and what they are called.
struct InputOptions {
  std::string layout = "auto";
  std::string npz = "systems";
  std::string names;                 ///< a,b,c or @FILE in argument order; empty: as loaded
  std::string labels;                ///< likewise
  std::vector<std::string> control;  ///< files of the systems' inputs, in argument order; empty: as manifests say
  std::string control_option = "--control";  ///< that gave them
};
/// FILES, of a command that reads recordings.
void add_files(CLI::App& app, std::vector<std::string>& files);
/// --operators.
void add_operators(CLI::App& app, std::string& file);
void add_read_options(CLI::App& app, InputOptions& options);
void add_name_options(CLI::App& app, InputOptions& options);
void add_control_option(CLI::App& app, InputOptions& options);
/// The inputs of a second collection, by an option of its own.
void add_control_option(CLI::App& app, std::vector<std::string>& control, const std::string& option,
                        const std::string& systems);
/// How the second of two collections is read: as the first, with inputs of its own, which `option` gave.
[[nodiscard]] InputOptions with_control(InputOptions options, const std::vector<std::string>& control,
                                        const std::string& option);

/// The words of "a,b,c", or the lines of FILE of "@FILE".
[[nodiscard]] std::vector<std::string> listed(const std::string& given);

[[nodiscard]] LoadOptions load_options(const InputOptions& options);

/// The systems compared: recordings, or operators if `from_operators`.
struct Collection {
  bool from_operators = false;
  std::vector<TrajectorySet> systems;
  std::vector<std::optional<Preprocess>> own_steps;  ///< of prepared systems, those that set steps themselves
  std::vector<FitFields> fits;                       ///< of each recording, what a manifest says of its fit
  OperatorSet operators;
  std::vector<std::filesystem::path> files;  ///< everything that was read

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::vector<std::string> labels() const;
  [[nodiscard]] std::size_t size() const { return from_operators ? operators.size() : systems.size(); }
};
/// The paths that a command line gives: "@FILE" stands for the lines of a file (unless that is a file's own name), "-"
/// for standard input.
[[nodiscard]] std::vector<std::string> expand_lists(const std::vector<std::string>& paths);

/// Says which files were left out as results of kindred, and warns of axes that may have been guessed wrong: a
/// two-dimensional array with more channels than time steps.
[[nodiscard]] Collection read_systems(const std::vector<std::string>& paths, const InputOptions& options,
                                      const Console& console);
[[nodiscard]] Collection read_operators(const std::string& path, const InputOptions& options);

}  // namespace kindred::cli
