#pragma once
#include "host/engine/recordings/recordings.hpp"

#include <kindred/preprocess.hpp>
#include <kindred/trajectories.hpp>

#include <vector>

namespace kindred::host {

/// New recordings in float64, which own their memory; names and labels are kept.
/// Throws Error{invalid_argument} for parameters out of range, or that contradict each other; Error{invalid_data}
/// naming the system for what read_samples and prepare_in_time refuse, fewer samples or channels than components, or
/// channel counts that differ where a common basis is asked for.
/// Observables as observables.hpp says.
/// Cost O(values), thrice for a common basis, and for components 2 m C^2 + O(C^3) flops a system (one C^3 for all in a
/// common basis). Memory: the results, and one system as it is worked on.
[[nodiscard]] std::vector<TrajectorySet> preprocess(Recordings& recordings, const Preprocess& steps);

}  // namespace kindred::host
