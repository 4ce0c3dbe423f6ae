#include "host/cli/commands/commands.hpp"
#include "host/cli/commands/run_comparison.hpp"

#include <kindred/error.hpp>

namespace kindred::cli {
namespace {

Sides read(const ComparisonOptions& o, const Console& console) {
  if (o.operators.empty() == o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, o.files.empty() ? "no input: give recordings (FILES) or --operators"
                                                             : "give recordings (FILES) or --operators, not both");
  }
  return {o.files.empty() ? read_operators(o.operators, o.input) : read_systems(o.files, o.input, console), {}};
}

}  // namespace

Command pairwise_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("pairwise", "Distances between all pairs of one collection of systems");
  auto options = std::make_shared<ComparisonOptions>();
  add_comparison_options(*app, *options, /*one_collection=*/true);
  add_name_options(*app, options->input);
  add_control_option(*app, options->input);
  app->footer(
      "Examples:\n"
      "  kindred pairwise runs/*.npy --delays 33 --interval 6 --rank 20 --out D.npy --report report.html\n"
      "  kindred pairwise --operators ops.npy --effort thorough --certify --out D.npy --lower-bound L.npy\n"
      "  kindred pairwise systems.json --metric dsa,spectral --delays 10 --rank 12 --out results.npz\n"
      "  kindred pairwise runs/ --rank 10 --json --quiet | jq '.metrics[0].distances'");
  return comparison_command(app, options, [options] {
    return RunPlan{.command = "pairwise",
                   .options = *options,
                   .read = [options](const Console& console) { return read(*options, console); },
                   .title = "Distances between systems",
                   .opening = {}};
  });
}

}  // namespace kindred::cli
