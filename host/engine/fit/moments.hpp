#pragma once
/// Step 2 of a fit (fit.hpp): second moments of the rows of W = H V_r, one step apart, from which every estimator takes
/// its operator.
#include "host/engine/fit/directions.hpp"

#include <span>

namespace kindred::host {

/// Fills out[b].moments for every member whose directions are usable and whose numerical rank is not zero.
void take_moments(Batch& batch, const Directions& directions, std::span<Fitted> out);

}  // namespace kindred::host
