#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/tables.hpp"

#include <algorithm>

namespace kindred::cli {
namespace {

constexpr index_t largest_table = 12;  // rows and columns of a matrix that is printed

struct Options : CompareOptions {
  std::vector<std::string> against;
};

std::pair<Collection, Collection> read(const Options& o, const Console& console) {
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

void run(const Options& o) {
  const Console console(o.say.quiet, o.say.json);
  const auto metrics = metric_list(o.metric);
  warn_of_unused(o, metrics, console);
  const Outputs outputs = outputs_of(o, metrics);
  auto [rows, columns] = read(o, console);
  check_report_size(o.report, std::max(rows.size(), columns.size()));
  auto files = rows.files;
  files.insert(files.end(), columns.files.begin(), columns.files.end());
  outputs.check(files, o.no_clobber);
  Engine engine = make_engine(o.device, console);
  const Json preprocessed = preprocess(engine, rows, o);
  preprocess(engine, columns, o);
  const Comparison comparison = compare(engine, rows, &columns, metrics, o.journal, console);
  warn_about(comparison, console);

  const Json document =
      compile_sidecar({"cross", o, outputs, preprocessed}, engine.device(), comparison, rows, &columns);
  write_outputs(comparison, o, document, [&, &left = rows, &top = columns] {
    return report::render(report_of(comparison, left, top, document));
  });

  if (o.say.json) console.result(text_of(with_distances(document, comparison), -1));
  for (const Compared& result : comparison.metrics) {
    console.print(result.entry.name + " (" + unit_of(result.entry.metric) +
                  "): " + std::to_string(result.matrix.rows()) + " x " + std::to_string(result.matrix.columns()) +
                  " systems\n");
    if (result.matrix.rows() <= largest_table && result.matrix.columns() <= largest_table) {
      console.print(matrix_table(result.matrix));
    }
  }
  for (const auto& output : outputs.list()) console.print("wrote " + output.second.string() + "\n");
}

}  // namespace

Command cross_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("cross", "Distances between two collections: rows against columns");
  auto options = std::make_shared<Options>();
  add_compare_options(*app, *options);
  app->add_option("--against", options->against, "The systems of the columns: recordings, or one file of operators")
      ->default_str("")
      ->group("Input");
  app->footer(
      "Examples:\n"
      "  kindred cross models/*.npy --against brain/*.npy --delays 20 --rank 15 --out D.npy\n"
      "  kindred cross --operators A.npy --against B.npy --out D.npy");
  return {app, [app, options](const std::vector<std::string>& arguments) {
            options->arguments = arguments;
            options->given = given_options(*app);
            run(*options);
          }};
}

}  // namespace kindred::cli
