#include "host/cli/commands/testcase_networks.hpp"

#include "host/cli/options/arguments.hpp"

#include <filesystem>

namespace kindred::cli {

void add_network_case_options(CLI::App& app, NetworkCaseOptions& o) {
  const std::string group = "Networks (of the cases rnn and mamba)";
  app.add_option("--networks", o.masters, "Masters of every seed: distances to the master are the mean over them")
      ->check(whole_number(2, 100))
      ->group(group)
      ->capture_default_str();
  add_network_options(app, o.network, group);
  app.add_option("--least-accuracy", o.network.least_master, "A master that ends below is left out")
      ->check(number(0))
      ->group(group)
      ->capture_default_str();
  app.add_option("--keep", o.keep, "Folder that keeps trained networks: what it holds is not trained again")
      ->group(group);
  app.add_flag("--published-handling", o.published,
               "Also what the published pipeline does to recordings: axes swapped, trials shuffled, an early window")
      ->group(group);
  app.add_flag("--with-networks", o.with_all, "With all: rnn and mamba too")->group(group);
}

std::vector<std::string> network_cases(const std::string& which, const NetworkCaseOptions& options) {
  if (which == "rnn" || which == "mamba") return {which};
  if (which == "all" && options.with_all) return {"rnn", "mamba"};
  return {};
}

void refuse_idle_network_options(const CLI::App& app, const std::string& which, const std::vector<std::string>& kinds) {
  if (which.empty()) return;  // refused as such
  if (app.count("--with-networks") > 0 && which != "all") {
    throw Error(ErrorCode::invalid_argument, "--with-networks goes with all, not with " + which);
  }
  if (!kinds.empty()) return refuse_other_networks(app, kinds);
  for (const char* option : {"--networks", "--units", "--activation", "--width", "--layers", "--updates",
                             "--part-updates", "--least-accuracy", "--keep", "--published-handling"}) {
    if (app.count(option) == 0) continue;
    throw Error(ErrorCode::invalid_argument, std::string(option) + " goes with rnn and mamba; " + which +
                                                 " trains no networks" +
                                                 (which == "all" ? " unless --with-networks is given" : ""));
  }
}

testcase::NetworkStudy run_network_case(const std::string& kind, const NetworkCaseOptions& options, Engine& engine,
                                        const std::vector<testcase::Measure>& measures, const testcase::Options& how,
                                        int threads, const Console& console) {
  auto settings = network_settings(kind, options.network);
  settings.masters = options.masters;
  TrainingMeter meter(console);
  testcase::NetworkRun run;
  run.seeds = how.seeds;
  run.first_seed = how.first_seed;
  run.threads = threads;
  // Both kinds may be kept in one folder.
  if (!options.keep.empty()) run.keep = std::filesystem::path(options.keep) / kind;
  run.progress = [&meter](const testcase::NetworkEvent& event) { return meter.show(event); };
  return testcase::study_networks(engine, settings, measures, run, how, options.published);
}

}  // namespace kindred::cli
