#include <kindred/networks.hpp>

#include "host/base/text.hpp"

#include <limits>

namespace kindred::testcase {
namespace {

using train::Rule;

/// Sub-streams of a seed beyond those of the groups.
constexpr std::uint64_t recorded_stream = 1u << 21;

}  // namespace

NetworkSettings rnn_settings() { return {}; }

NetworkSettings mamba_settings() {
  NetworkSettings out;
  out.model = train::Mamba{};
  out.optimiser.learning_rate = 0.005;
  out.updates = 1000;
  out.part_updates = 3000;
  out.evaluate_every = 20;
  out.early_every = 0;
  return out;
}

std::vector<NetworkGroup> network_groups(index_t masters) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  constexpr Rule basic = Rule::basic, anti = Rule::anti, delay = Rule::delay;
  std::vector<NetworkGroup> out{
      {"untrained", {}, false, false, false, none, 0},
      {"master frozen", {}, true, true, false, 0, 1},
      {"basic", {basic}, true, true, false, 1.0 / 3, 2},
      {"anti", {anti}, true, true, false, 1.0 / 3, 3},
      {"delay", {delay}, true, true, false, 1.0 / 3, 4},
      {"basic+anti", {basic, anti}, true, true, false, 2.0 / 3, 5},
      {"basic+delay", {basic, delay}, true, true, false, 2.0 / 3, 6},
      {"anti+delay", {anti, delay}, true, true, false, 2.0 / 3, 7},
      {"full", {basic, anti, delay}, true, true, false, 1, 8},
      {"full unfrozen", {basic, anti, delay}, true, false, false, none, 9},
  };
  for (index_t k = 0; k < masters; ++k) {
    out.push_back({k == 0 ? "master" : "master " + std::to_string(k + 1),
                   {},
                   true,
                   false,
                   true,
                   none,
                   100 + static_cast<std::uint64_t>(k)});
  }
  return out;
}

NetworkGroup network_group(const std::string& name, index_t masters) {
  std::string names;
  for (const auto& group : network_groups(masters)) {
    if (group.name == name) return group;
    names += (names.empty() ? "" : ", ") + group.name;
  }
  host::fail(ErrorCode::invalid_argument, "there is no group '", host::printable(name), "'; expected one of ", names);
}

train::Plan network_plan(const NetworkSettings& settings, const NetworkGroup& group) {
  train::Plan out;
  out.model = settings.model;
  out.optimiser = settings.optimiser;
  out.evaluation_trials = settings.evaluation_trials;
  if (!group.parts.empty()) {
    train::Phase first;
    for (const Rule rule : group.parts) first.tasks.push_back(train::perceptual(rule, settings.trials));
    first.updates = settings.part_updates * static_cast<index_t>(group.parts.size());
    first.target = settings.target;
    first.evaluate_every = settings.evaluate_every;
    out.phases.push_back(std::move(first));
  }
  if (group.trained) {
    train::Phase last;
    last.tasks = {train::perceptual(Rule::anti_delay, settings.trials)};
    last.part = group.frozen ? train::Part::inputs : train::Part::all;
    last.updates = settings.updates;
    last.target = settings.target;
    last.evaluate_every = settings.evaluate_every;
    last.early_every = settings.early_every;
    last.keep_checkpoints = true;
    out.phases.push_back(std::move(last));
  }
  return out;
}

train::Batch recorded_trials(const NetworkSettings& settings, std::uint64_t seed) {
  train::Perceptual how = settings.trials;
  how.fixation = {settings.recorded_fixation};
  how.stimulus = {settings.recorded_stimulus};
  how.delay = {settings.recorded_delay};
  how.decision = {settings.recorded_decision};
  how.balanced = true;
  simulate::Random random(seed, recorded_stream);
  train::Batch out;
  train::perceptual(Rule::anti_delay, how).draw(random, settings.recorded_trials, out);
  return out;
}

simulate::Recording record_network(const NetworkSettings& settings, const std::vector<float>& parameters,
                                   const train::Batch& trials) {
  return train::record(settings.model, train::perceptual_classes, parameters, trials, settings.recorded_fixation,
                       settings.recorded_stimulus);
}

}  // namespace kindred::testcase
