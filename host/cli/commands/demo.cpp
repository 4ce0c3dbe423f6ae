#include "host/cli/commands/commands.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/tables.hpp"

#include <kindred/simulate.hpp>

#include <array>
#include <filesystem>

namespace kindred::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  CompareOptions compare;
  std::string folder = "demo";
};

/// Nine Lorenz systems in three regimes, 200 trials of 200 steps each (arXiv 2410.24070, section 3).
Collection lorenz_regimes(std::uint64_t seed) {
  struct Regime {
    const char* label;
    std::array<double, 3> rho;
  };
  const std::array<Regime, 3> regimes = {
      {{"one attractor", {0.25, 0.5, 0.75}}, {"two attractors", {5, 10, 15}}, {"chaos", {30, 40, 50}}}};
  Collection collection;
  for (const Regime& regime : regimes) {
    for (const double rho : regime.rho) {
      char name[32];
      std::snprintf(name, sizeof name, "rho %g", rho);
      const simulate::Lorenz parameters{.rho = rho, .seed = seed, .stream = collection.size()};
      collection.systems.push_back(simulate::own(simulate::lorenz(parameters), name, regime.label));
    }
  }
  return collection;
}

void run(const Options& o) {
  CompareOptions compare_options = o.compare;
  const Console console(o.compare.say.quiet, o.compare.say.json);
  const auto metrics = metric_list(o.compare.metric);
  const fs::path folder = o.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::io, o.folder + ": cannot be made a folder: " + error.message());
  compare_options.out = (folder / (metrics.size() > 1 ? "distances.npz" : "distances.npy")).string();
  compare_options.report = (folder / "report.html").string();
  const Outputs outputs = outputs_of(compare_options, metrics);
  outputs.check({}, o.compare.no_clobber);

  const Collection collection = lorenz_regimes(seed_of(o.compare.metric));
  Engine engine = make_engine(o.compare.device, console);
  const Comparison comparison = compare(engine, collection, nullptr, metrics, {}, console);
  warn_about(comparison, console);
  const Json document = compile_sidecar({"demo", compare_options, outputs}, engine.device(), comparison, collection);
  write_outputs(comparison, compare_options, document,
                [&] { return report::render(report_of(comparison, collection, document, "Nine Lorenz systems")); });

  if (o.compare.say.json) console.result(text_of(with_distances(document, comparison), -1));
  console.print(
      "Nine Lorenz systems, 200 trials x 200 steps x 3 channels: one attractor (rho 0.25, 0.5, 0.75), two "
      "attractors (5, 10, 15), chaos (30, 40, 50)\n");
  char fit_line[64];
  std::snprintf(fit_line, sizeof fit_line, "fit of nine operators: %.3g s\n", comparison.fit_seconds);
  if (comparison.fit_seconds > 0) console.print(fit_line);
  for (const Compared& result : comparison.metrics) {
    console.print("\n" + metric_summary(result, collection.labels()) + matrix_table(result.matrix));
  }
  console.print("\n");
  for (const auto& output : outputs.list()) console.print("wrote " + output.second.string() + "\n");
}

}  // namespace

Command demo_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("demo", "Nine Lorenz systems in three regimes, compared and pictured");
  app->footer("Examples:\n  kindred demo --out demo\n  kindred demo --metric dsa --rank 10 --out demo10");
  auto options = std::make_shared<Options>();
  MetricOptions& metric = options->compare.metric;
  metric.metrics = "dsa,cka,procrustes";
  metric.fields = {{"delays", "33"}, {"interval", "6"}, {"rank", "20"}, {"over_half_pi", "yes"}};  // as in the paper
  app->add_option("-o,--out", options->folder, "Folder of the results, made if it is not there")->group("Output");
  app->add_flag("--no-clobber", options->compare.no_clobber, "Refuse to replace outputs that are there")
      ->group("Output");
  add_metric_options(*app, metric);
  add_say_options(*app, options->compare.say);
  add_device_options(*app, options->compare.device);
  return {app, [options](const std::vector<std::string>& arguments) {
            options->compare.arguments = arguments;
            run(*options);
          }};
}

}  // namespace kindred::cli
