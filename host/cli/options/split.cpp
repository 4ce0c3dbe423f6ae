#include "host/cli/options/split.hpp"

#include "host/base/text.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cstddef>

namespace kindred::cli {
namespace {

/// Part `k` of `parts`.
template <class T>
std::vector<TrialView<T>> part_of(const std::vector<TrialView<T>>& trials, index_t parts, index_t k) {
  const index_t each = std::ssize(trials) / parts;
  if (each > 0) return {trials.begin() + k * each, trials.begin() + (k + 1) * each};
  std::vector<TrialView<T>> out = trials;
  for (TrialView<T>& trial : out) {
    const index_t steps = trial.steps / parts;
    trial.data += k * steps * trial.time_stride;
    trial.steps = steps;
  }
  return out;
}

void check_steps(const TrajectorySet& system, index_t parts) {
  index_t shortest = 0;
  for (index_t k = 0; k < system.trial_count(); ++k) {
    shortest = k == 0 ? system.steps(k) : std::min(shortest, system.steps(k));
  }
  if (system.trial_count() >= parts || shortest >= parts) return;
  throw Error(ErrorCode::invalid_data, "system '" + host::printable(system.name) + "' has " +
                                           std::to_string(system.trial_count()) + " trials, the shortest of " +
                                           std::to_string(shortest) + " steps: too few to split in " +
                                           std::to_string(parts) + " parts");
}

}  // namespace

Parts split_systems(const Collection& collection, index_t parts) {
  Parts out;
  out.collection.files = collection.files;
  for (std::size_t i = 0; i < collection.systems.size(); ++i) {
    const TrajectorySet& system = collection.systems[i];
    check_steps(system, parts);
    for (index_t k = 0; k < parts; ++k) {
      if (i < collection.fits.size()) out.collection.fits.push_back(collection.fits[i]);
      TrajectorySet part = system;
      part.name += "[" + std::to_string(k + 1) + "]";
      if (part.label.empty()) part.label = system.name;
      std::visit([&](auto& trials) { trials = part_of(trials, parts, k); }, part.trials);
      out.collection.systems.push_back(std::move(part));
      out.part_of.push_back(system.name);
    }
  }
  return out;
}

}  // namespace kindred::cli
