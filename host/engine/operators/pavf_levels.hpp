#pragma once
/// How long the PAVF search looks for a minimum: one table of what was measured.
#include "kernels/pavf/search.hpp"

#include <kindred/metrics.hpp>

namespace kindred::host {

/// The search at one level of effort for operators of size r. `slots` is 1: see pavf_rotation_slots.
[[nodiscard]] kernels::PavfLevel pavf_level(Effort effort, index_t r);

/// Rotations of one refinement that are kept until their product is asked for, in memory of a processor: 4 MiB of
/// them, at most 128. A GPU's shared memory has no room for them: it keeps one.
template <class T>
[[nodiscard]] index_t pavf_rotation_slots(index_t r);

}  // namespace kindred::host
