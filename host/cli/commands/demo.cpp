#include "host/cli/commands/commands.hpp"
#include "host/cli/commands/run_comparison.hpp"

#include <kindred/error.hpp>
#include <kindred/simulate.hpp>

#include <array>
#include <filesystem>

namespace kindred::cli {
namespace {

namespace fs = std::filesystem;

struct DemoOptions : ComparisonOptions {
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

std::string opening(const RunSummary& run) {
  std::string text =
      "Nine Lorenz systems, 200 trials x 200 steps x 3 channels: one attractor (rho 0.25, 0.5, 0.75), two "
      "attractors (5, 10, 15), chaos (30, 40, 50)\n";
  char fit[64];
  std::snprintf(fit, sizeof fit, "fit of nine operators: %.3g s\n", run.fit_seconds);
  if (run.fit_seconds > 0) text += fit;
  return text;
}

RunPlan plan(const DemoOptions& o) {
  RunPlan plan{.command = "demo",
               .options = o,
               .read =
                   [seed = seed_of(o.metric)](const Console&) {
                     return Sides{lorenz_regimes(seed), {}};
                   },
               .title = "Nine Lorenz systems",
               .opening = opening};
  const bool several = metric_list(o.metric).size() > 1;
  const fs::path folder = o.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::io, o.folder + ": cannot be made a folder: " + error.message());
  plan.options.out = (folder / (several ? "distances.npz" : "distances.npy")).string();
  plan.options.report = (folder / "report.html").string();
  return plan;
}

}  // namespace

Command demo_command(CLI::App* app) {
  auto options = std::make_shared<DemoOptions>();
  MetricOptions& metric = options->metric;
  metric.metrics = "dsa,cka,procrustes";
  metric.fields = {{"delays", "33"}, {"interval", "6"}, {"rank", "20"}, {"over_half_pi", "yes"}};  // as in the paper
  app->add_option("-o,--out", options->folder, "Folder of the results, made if it is not there")->group("Output");
  add_output_flag(*app, "--no-clobber", options->no_clobber, "Refuse to replace outputs that are there");
  add_metric_options(*app, metric);
  add_say_options(*app, options->say);
  add_device_options(*app, options->device);
  return comparison_command(app, options, [options] { return plan(*options); });
}

}  // namespace kindred::cli
