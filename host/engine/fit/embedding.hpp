#pragma once
#include "host/engine/recordings/value_scan.hpp"

#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <span>
#include <string>
#include <vector>

namespace kindred::host {

/// The delay embedding of one system and what its values allow.
struct Embedding {
  index_t channels = 0;
  index_t columns = 0;              ///< d C
  index_t rows = 0;                 ///< sum over trials of T_k - (d - 1) tau
  index_t windows_left_out = 0;     ///< rows more that the recording would have without gaps (TrajectorySet::gaps)
  index_t transitions = 0;          ///< rows that have a successor `steps_ahead` later in their trial
  std::vector<index_t> trial_rows;  ///< rows of each trial, at least steps_ahead + 1
  double scale = 1;  ///< power of two that brings the largest value into [1/2, 1); the operator does not change
  FitStatus status = FitStatus::ok;  ///< ok, constant_channel or failed
  std::string detail;
};

/// Plans the embedding of one system. Throws Error{invalid_data} for a trial with too few steps (states T, d, tau and
/// the largest d that fits); Error{invalid_argument} for a rank above the rows or columns. A system in which no channel
/// ever changes is not an error of the call: its status is failed; nor is one that was cut at missing samples and is
/// left without a piece long enough, or with fewer rows than the rank.
[[nodiscard]] Embedding plan_embedding(const TrajectorySet& system, const ValueScan& values, const Dmd& dmd);

/// The systems with, of those that were cut at missing samples, the pieces alone that hold a transition: shorter ones
/// have no place in an embedding. Empty if none was cut. One Dmd a system.
[[nodiscard]] std::vector<TrajectorySet> without_short_pieces(std::span<const TrajectorySet> systems,
                                                              std::span<const Dmd> dmds);

}  // namespace kindred::host
