#include "host/cli/commands/commands.hpp"
#include "host/cli/commands/run_comparison.hpp"

#include <kindred/error.hpp>

#include <filesystem>
#include <system_error>

namespace kindred::cli {
namespace {

struct CrossOptions : ComparisonOptions {
  std::vector<std::string> against, against_control;
  bool paired = false;
};

/// The word for the identity in place of systems, unless a file is called so.
bool is_identity(const std::vector<std::string>& against) {
  std::error_code error;
  return against.size() == 1 && against.front() == "identity" && !std::filesystem::exists("identity", error);
}

Sides read(const CrossOptions& o, const Console& console) {
  if (o.operators.empty() == o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, "give either recordings (FILES) or --operators");
  }
  if (!o.operators.empty() && !(o.input.control.empty() && o.against_control.empty())) {
    throw Error(ErrorCode::invalid_argument,
                "--control and --against-control are inputs of recordings; --operators has none");
  }
  if (o.against.empty()) throw Error(ErrorCode::invalid_argument, "give the systems to compare with: --against FILES");
  if (o.paired && !o.journal.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "--journal keeps matrices; --paired has one value a pair, soon computed again");
  }
  if (is_identity(o.against)) {
    if (!o.against_control.empty())
      throw Error(ErrorCode::invalid_argument, "--against-control: the identity has no inputs");
    if (!o.journal.empty())
      throw Error(ErrorCode::invalid_argument, "--journal keeps matrices, not distances to the identity");
    return {
        .rows = o.operators.empty() ? read_systems(o.files, o.input, console) : read_operators(o.operators, o.input),
        .columns = {},
        .paired = false,
        .identity = true,
        .part_of = {}};
  }
  if (o.operators.empty()) {
    return {.rows = read_systems(o.files, o.input, console),
            .columns = read_systems(o.against, with_control(o.input, o.against_control, "--against-control"), console),
            .paired = o.paired,
            .identity = false,
            .part_of = {}};
  }
  if (o.against.size() != 1) {
    throw Error(ErrorCode::invalid_argument, "with --operators, --against takes one file of operators");
  }
  return {.rows = read_operators(o.operators, o.input),
          .columns = read_operators(o.against.front(), o.input),
          .paired = o.paired,
          .identity = false,
          .part_of = {}};
}

}  // namespace

Command cross_command(CLI::App* app) {
  auto options = std::make_shared<CrossOptions>();
  add_comparison_options(*app, *options, /*one_collection=*/false);
  app->add_option(
         "--against", options->against,
         "The systems of the columns: recordings, or one file of operators; or the word identity, for how far each "
         "operator is from standing still")
      ->default_str("")
      ->group("Input");
  add_control_option(*app, options->input);
  add_control_option(*app, options->against_control, "--against-control", "the systems of --against");
  app->add_flag("--paired", options->paired, "The i-th system with the i-th of --against alone: one value a pair")
      ->group("Input");
  add_output(*app, "--alignment", options->alignment,
             "The change of basis C of every pair, A nearest to C B C^T by dsa: .npz, one array ROW|COLUMN a pair");
  return comparison_command(app, options, [options] {
    return RunPlan{"cross", *options, [options](const Console& console) { return read(*options, console); },
                   "Distances between two collections"};
  });
}

}  // namespace kindred::cli
