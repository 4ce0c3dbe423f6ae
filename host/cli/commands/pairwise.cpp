#include "host/cli/commands/commands.hpp"
#include "host/cli/commands/run_comparison.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/split.hpp"

#include <kindred/error.hpp>

#include <utility>

namespace kindred::cli {
namespace {

struct PairwiseOptions : ComparisonOptions {
  index_t split = 0;
};

Sides read(const PairwiseOptions& o, const Console& console) {
  if (o.operators.empty() == o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, o.files.empty() ? "no input: give recordings (FILES) or --operators"
                                                             : "give recordings (FILES) or --operators, not both");
  }
  Sides sides;
  sides.rows = o.files.empty() ? read_operators(o.operators, o.input) : read_systems(o.files, o.input, console);
  if (o.split > 0) {
    if (sides.rows.from_operators)
      throw Error(ErrorCode::invalid_argument, "--split takes recordings apart; --operators has none");
    Parts parts = split_systems(sides.rows, o.split);
    sides.rows = std::move(parts.collection);
    sides.part_of = std::move(parts.part_of);
  }
  return sides;
}

}  // namespace

Command pairwise_command(CLI::App* app) {
  auto options = std::make_shared<PairwiseOptions>();
  add_comparison_options(*app, *options, /*one_collection=*/true);
  add_name_options(*app, options->input);
  add_control_option(*app, options->input);
  app->add_option(
         "--split", options->split,
         "Take each recording apart, into so many parts of its trials (or, with fewer trials, of its time), and "
         "compare these: how far equal systems are apart, the noise floor (0: whole recordings)")
      ->check(CLI::Validator(
          [](std::string& text) {
            const std::string wrong = whole_number(0, 1000)(text);
            return !wrong.empty() ? wrong
                   : text == "1"  ? "'1' is no number of parts, expected 2 or more"
                                  : std::string();
          },
          ""))
      ->group("Preprocessing");
  return comparison_command(app, options, [options] {
    return RunPlan{"pairwise", *options, [options](const Console& console) { return read(*options, console); },
                   "Distances between systems"};
  });
}

}  // namespace kindred::cli
