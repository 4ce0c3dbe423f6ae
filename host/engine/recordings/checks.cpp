#include "host/engine/recordings/checks.hpp"

#include "host/base/text.hpp"

#include <cmath>
#include <limits>
#include <variant>

namespace kindred::host {
namespace {

template <class T>
void check_trials(const TrajectorySet& system, const std::vector<TrialView<T>>& trials) {
  if (trials.empty() && system.gaps.cut()) return;  // nothing is left of it
  if (trials.empty()) fail(ErrorCode::invalid_data, called(system), " has no trials, expected at least one");
  for (std::size_t k = 0; k < trials.size(); ++k) {
    const auto& trial = trials[k];
    if (trial.steps < 1 || trial.channels < 1) {
      fail(ErrorCode::invalid_data, called(system), ", trial ", k, " is empty (", trial.steps, " steps x ",
           trial.channels, " channels)");
    }
    if (trial.data == nullptr) {
      fail(ErrorCode::invalid_data, called(system), ", trial ", k, " has no data (null pointer)");
    }
    if (trial.channels != trials.front().channels) {
      fail(ErrorCode::invalid_data, called(system), ", trial ", k, " has ", trial.channels,
           " channels, but trial 0 has ", trials.front().channels, "; the trials of one system need the same channels");
    }
  }
}

}  // namespace

std::string called(const TrajectorySet& system) { return "system " + host::in_quotes(system.name); }

TrajectorySet inputs_of(const TrajectorySet& system) {
  TrajectorySet out;
  out.name = system.name + " (inputs)";
  out.trials = system.inputs;
  out.storage = system.storage;
  out.memory = system.memory;
  return out;
}

void check_shape(const TrajectorySet& system) {
  std::visit([&](const auto& trials) { check_trials(system, trials); }, system.trials);
  if (system.input_count() == 0) return;
  const TrajectorySet inputs = inputs_of(system);
  std::visit([&](const auto& trials) { check_trials(inputs, trials); }, inputs.trials);
  if (inputs.trial_count() != system.trial_count()) {
    fail(ErrorCode::invalid_data, called(system), " has ", system.trial_count(), " trials and inputs of ",
         inputs.trial_count(), "; expected inputs for every trial");
  }
  for (index_t k = 0; k < system.trial_count(); ++k) {
    if (inputs.steps(k) == system.steps(k)) continue;
    fail(ErrorCode::invalid_data, called(system), ", trial ", k, ": ", inputs.steps(k), " steps of inputs, expected ",
         system.steps(k), " as in the recording");
  }
}

void check_prepared(std::span<const TrajectorySet> systems) {
  for (const TrajectorySet& system : systems) {
    if (system.preprocess.empty()) continue;
    fail(ErrorCode::invalid_argument, called(system), " sets ", host::in_quotes(system.preprocess.front().first),
         " of its preparation (TrajectorySet::preprocess), which has not been done: call Engine::preprocess first");
  }
}

void check_matched(std::span<const TrajectorySet> systems) {
  for (const TrajectorySet& system : systems) {
    if (!system.gaps.cut()) continue;
    fail(ErrorCode::invalid_data, called(system), " was cut at missing samples (", system.gaps.steps,
         " steps), and this metric compares sample with sample: interpolate the gaps (Preprocess::nan = interpolate, "
         "Preprocess::largest_gap), or compare by dynamics (dsa)");
  }
}

void check_inputs(const TrajectorySet& system, const Dmd& dmd) {
  const bool known = dmd.regression == Regression::principal_components || is_subspace(dmd.regression);
  const char* change = dmd.steps_ahead != 1 ? "leave Dmd::steps_ahead at 1"
                       : !known             ? "choose one of these for Dmd::regression"
                                            : nullptr;
  if (change == nullptr) return;
  fail(ErrorCode::invalid_argument, called(system),
       " has inputs, which are fitted one step ahead, by principal components or subspace identification: ", change);
}

void check_parameters(const Dmd& dmd) {
  static constexpr index_t most = std::numeric_limits<std::int32_t>::max();
  const auto in_range = [](const char* what, index_t value, index_t least) {
    if (value < least || value > most) {
      fail(ErrorCode::invalid_argument, what, " is ", value, ", expected ", least, " .. ", most);
    }
  };
  in_range("Dmd::delays", dmd.delays, 1);
  in_range("Dmd::interval", dmd.interval, 1);
  in_range("Dmd::rank", dmd.rank.number, 0);
  if (!is_valid(dmd.rank)) {
    fail(ErrorCode::invalid_argument, "Dmd::rank is ", text_of(dmd.rank), ", expected ", rank_rule_forms);
  }
  in_range("Dmd::steps_ahead", dmd.steps_ahead, 1);
  if (!(dmd.ridge >= 0) || std::isinf(dmd.ridge)) {
    fail(ErrorCode::invalid_argument, "Dmd::ridge is ", dmd.ridge, ", expected a finite number >= 0");
  }
  if (is_subspace(dmd.regression) && (dmd.interval != 1 || dmd.steps_ahead != 1)) {
    fail(ErrorCode::invalid_argument, "Dmd::interval is ", dmd.interval, " and Dmd::steps_ahead ", dmd.steps_ahead,
         ": subspace identification is of neighbouring samples, with 1 for both");
  }
  if (!(dmd.dt >= 0) || std::isinf(dmd.dt)) {
    fail(ErrorCode::invalid_argument, "Dmd::dt is ", dmd.dt, ", expected a finite time >= 0 between samples");
  }
}

}  // namespace kindred::host
