#include "host/cli/commands/commands.hpp"
#include "host/cli/commands/run_comparison.hpp"

#include <kindred/error.hpp>

namespace kindred::cli {
namespace {

struct Options : ComparisonOptions {
  std::vector<std::string> against;
};

Sides read(const Options& o, const Console& console) {
  if (o.operators.empty() == o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, "give either recordings (FILES) or --operators");
  }
  if (o.against.empty()) throw Error(ErrorCode::invalid_argument, "give the systems to compare with: --against FILES");
  if (o.operators.empty()) {
    return {read_systems(o.files, o.input, console), read_systems(o.against, o.input, console)};
  }
  if (o.against.size() != 1) {
    throw Error(ErrorCode::invalid_argument, "with --operators, --against takes one file of operators");
  }
  return {read_operators(o.operators, o.input), read_operators(o.against.front(), o.input)};
}

}  // namespace

Command cross_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("cross", "Distances between two collections: rows against columns");
  auto options = std::make_shared<Options>();
  add_comparison_options(*app, *options, /*one_collection=*/false);
  app->add_option("--against", options->against, "The systems of the columns: recordings, or one file of operators")
      ->default_str("")
      ->group("Input");
  app->footer(
      "Examples:\n"
      "  kindred cross models/*.npy --against brain/*.npy --delays 20 --rank 15 --out D.npy\n"
      "  kindred cross --operators A.npy --against B.npy --out D.npy");
  return comparison_command(app, options, [options] {
    return RunPlan{.command = "cross",
                   .options = *options,
                   .read = [options](const Console& console) { return read(*options, console); },
                   .title = "Distances between two collections",
                   .opening = {}};
  });
}

}  // namespace kindred::cli
