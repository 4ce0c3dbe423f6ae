#pragma once
#include "host/engine/recordings/recordings.hpp"

#include <kindred/prediction.hpp>
#include <kindred/progress.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// As Engine::predict. Each system is factored once, for the largest rank.
[[nodiscard]] std::vector<std::vector<Prediction>> predict(Recordings& systems, Recordings& held_out, const Dmd& dmd,
                                                           std::span<const index_t> ranks,
                                                           const PredictOptions& options, const Progress& progress);

/// As Engine::eigenfunctions.
[[nodiscard]] std::vector<Eigenfunctions> eigenfunctions(Recordings& systems, const Dmd& dmd, const Progress& progress);

}  // namespace kindred::host
