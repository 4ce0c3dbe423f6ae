#include "host/base/text.hpp"
#include "host/io/owners.hpp"

#include <kindred/io.hpp>

#include <utility>

namespace kindred {

using host::fail;

void add_inputs(std::vector<TrajectorySet>& systems, const std::vector<TrajectorySet>& inputs) {
  if (inputs.size() != systems.size()) {
    fail(ErrorCode::invalid_data, "the number of systems is ", systems.size(), ", that of their inputs ", inputs.size(),
         "; expected inputs of each system, in the same order");
  }
  for (std::size_t i = 0; i < systems.size(); ++i) {
    TrajectorySet& system = systems[i];
    const TrajectorySet& given = inputs[i];
    if (given.trial_count() != system.trial_count()) {
      fail(ErrorCode::invalid_data, "inputs ", host::in_quotes(given.name), " have ", given.trial_count(),
           " trials, expected ", system.trial_count(), " as system ", host::in_quotes(system.name));
    }
    for (index_t k = 0; k < system.trial_count(); ++k) {
      if (given.steps(k) == system.steps(k)) continue;
      fail(ErrorCode::invalid_data, "inputs ", host::in_quotes(given.name), ", trial ", k, ": ", given.steps(k),
           " steps, expected ", system.steps(k), " as in system ", host::in_quotes(system.name));
    }
    system.inputs = given.trials;
    system.storage = io::owned_together({system.storage, given.storage});
  }
}

}  // namespace kindred
