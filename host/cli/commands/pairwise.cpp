#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/tables.hpp"

namespace kindred::cli {
namespace {

constexpr index_t largest_table = 12;  // systems whose matrix is printed

using Options = CompareOptions;

Collection read(const Options& o, const Console& console) {
  if (o.operators.empty() == o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, o.files.empty() ? "no input: give recordings (FILES) or --operators"
                                                             : "give recordings (FILES) or --operators, not both");
  }
  return o.files.empty() ? read_operators(o.operators, o.input) : read_systems(o.files, o.input, console);
}

void run(const Options& o) {
  const Console console(o.say.quiet, o.say.json);
  const auto metrics = metric_list(o.metric);
  warn_of_unused(o, metrics, console);
  const Outputs outputs = outputs_of(o, metrics);
  Collection collection = read(o, console);
  check_report_size(o.report, collection.size());
  outputs.check(collection.files, o.no_clobber);
  Engine engine = make_engine(o.device, console);
  const Json preprocessed = preprocess(engine, collection, o);
  const Comparison comparison = compare(engine, collection, nullptr, metrics, o.journal, console);
  warn_about(comparison, console);

  const Json document =
      compile_sidecar({"pairwise", o, outputs, preprocessed}, engine.device(), comparison, collection);
  write_outputs(comparison, o, document, [&] {
    return report::render(report_of(comparison, collection, document, "Distances between systems"));
  });

  if (o.say.json) console.result(text_of(with_distances(document, comparison), -1));
  for (const Compared& result : comparison.metrics) {
    console.print(metric_summary(result, collection.labels()));
    if (result.matrix.rows() <= largest_table) console.print(matrix_table(result.matrix));
  }
  for (const auto& output : outputs.list()) console.print("wrote " + output.second.string() + "\n");
}

}  // namespace

Command pairwise_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("pairwise", "Distances between all pairs of one collection of systems");
  auto options = std::make_shared<Options>();
  add_compare_options(*app, *options);
  add_name_options(*app, options->input);
  app->add_flag("--common-basis", options->preprocess.common_basis, "The components of all systems together")
      ->group("Preprocessing");
  app->footer(
      "Examples:\n"
      "  kindred pairwise runs/*.npy --delays 33 --interval 6 --rank 20 --out D.npy --report report.html\n"
      "  kindred pairwise --operators ops.npy --effort thorough --certify --out D.npy --lower-bound L.npy\n"
      "  kindred pairwise systems.json --metric dsa,spectral --delays 10 --rank 12 --out results.npz\n"
      "  kindred pairwise runs/ --rank 10 --json --quiet | jq '.metrics[0].distances'");
  return {app, [app, options](const std::vector<std::string>& arguments) {
            options->arguments = arguments;
            options->given = given_options(*app);
            run(*options);
          }};
}

}  // namespace kindred::cli
