#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/network_options.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"

#include <kindred/io.hpp>
#include <kindred/networks.hpp>

#include <memory>

namespace kindred::cli {
namespace {

struct TrainOptions {
  std::string kind, group = "master";
  std::uint64_t seed = 0;
  NetworkOptions network;
  SayOptions say;
  std::string out, record;
  bool no_clobber = false;
};

/// The groups trained more than once are told apart by their streams alone.
constexpr index_t masters = 10;

Json evaluations(const train::Network& network) {
  Json phases = Json::array();
  for (const auto& phase : network.phases) {
    Json curve = Json::array();
    for (const auto& one : phase) {
      curve.push_back(Json{{"updates", one.updates}, {"loss", one.loss}, {"accuracy", one.accuracy}});
    }
    phases.push_back(std::move(curve));
  }
  return phases;
}

std::string in_words(const testcase::NetworkGroup& group, const train::Network& network) {
  std::string out = group.name + ": " + std::string(train::status_name(network.status));
  for (std::size_t i = 0; i < network.phases.size(); ++i) {
    char text[96];
    std::snprintf(text, sizeof text, "%s %lld updates to accuracy %.4f", i == 0 ? ";" : ", then",
                  static_cast<long long>(network.updates(i)), network.final_accuracy(i));
    out += text;
  }
  return out + (network.reason.empty() ? "" : "; " + network.reason);
}

void run(const TrainOptions& o, const Call& call) {
  refuse_other_networks(call.app, {o.kind});
  const Console console(o.say.quiet, o.say.json);
  if (o.out.empty() && o.record.empty()) {
    throw Error(ErrorCode::invalid_argument, "nothing to write: give --out or --record");
  }
  Outputs outputs;
  outputs.add("--out", o.out, {".npz"});
  outputs.add("--record", o.record, {".npy"});
  outputs.check({}, o.no_clobber);
  const auto settings = network_settings(o.kind, o.network);
  const auto group = testcase::network_group(o.group, masters);
  const auto plan = testcase::network_plan(settings, group);
  TrainingMeter meter(console);
  const auto network = train::train(plan, o.seed, group.stream, [&](const train::TrainingEvent& event) {
    return meter.show({0, 1, o.seed, group.name, event.phase + 1 < plan.phases.size(), event.updates, event.accuracy});
  });
  if (!o.out.empty()) testcase::save_network(o.out, network);
  simulate::Recording recording;
  if (!o.record.empty()) {
    recording = testcase::record_network(settings, network.parameters, testcase::recorded_trials(settings, o.seed));
    save_npy(o.record, {recording.trials, recording.steps, recording.channels}, recording.values.data());
  }
  if (o.say.json) {
    Json arrays = Json::array();
    for (const auto& array : train::parameter_arrays(plan.model, plan.inputs, plan.classes)) {
      arrays.push_back(
          Json{{"name", array.name}, {"rows", array.rows}, {"columns", array.columns}, {"offset", array.offset}});
    }
    console.result(text_of(Json{{"network", o.kind},
                                {"group", group.name},
                                {"seed", o.seed},
                                {"status", train::status_name(network.status)},
                                {"reason", network.reason},
                                {"parameters", std::move(arrays)},
                                {"curves", evaluations(network)}}));
  }
  console.print(in_words(group, network) + "\n");
  if (!o.out.empty()) console.print("wrote " + o.out + ": parameters, checkpoints, learning curves\n");
  if (!o.record.empty()) {
    console.print("wrote " + o.record + ": " + std::to_string(recording.trials) + " trials x " +
                  std::to_string(recording.steps) + " steps x " + std::to_string(recording.channels) + " channels\n");
  }
}

void declare(CLI::App& app, TrainOptions& o) {
  app.add_option("NETWORK", o.kind, "rnn or mamba")
      ->required()
      ->check(CLI::IsMember({"rnn", "mamba"}))
      ->default_str("");
  app.add_option(
         "--group", o.group,
         "How it is trained: untrained, master, \"master 2\" ..., \"master frozen\", full, \"full unfrozen\", basic, "
         "anti, delay, basic+anti, basic+delay, anti+delay")
      ->capture_default_str();
  app.add_option("--seed", o.seed, "Seed of its initial values and trials")->check(whole_number(0));
  add_network_options(app, o.network, "Network");
  app.add_option("-o,--out", o.out, "Parameters, checkpoints and learning curves: .npz")->group("Output");
  app.add_option("--record", o.record, "Its states while it watches the stimulus: .npy, trials x steps x channels")
      ->group("Output");
  add_output_flag(app, "--no-clobber", o.no_clobber, "Refuse to replace an output that is there");
  add_say_options(app, o.say);
}

}  // namespace

Command train_command(CLI::App* app) { return make_command<TrainOptions>(app, declare, run); }

}  // namespace kindred::cli
