#pragma once
/// Steps 1 and 2 of the fit of a collection (fit.hpp), and what follows from them at one rank or several.
#include "host/base/index.hpp"
#include "host/engine/fit/fit.hpp"
#include "host/engine/fit/fit_batch.hpp"
#include "host/engine/recordings/recordings.hpp"

#include <kindred/progress.hpp>

#include <optional>
#include <span>
#include <vector>

namespace kindred::host {

class Fits {
 public:
  /// One Dmd a system. `keep_directions`: as Batch::keep_directions.
  Fits(Recordings& recordings, std::vector<Dmd> dmds, const Progress& progress, bool keep_directions = false);

  /// Step 3, at the ranks of the fits or, where one is given, at that, which must not be larger; with the extras that
  /// are asked for (bases: where directions are kept).
  [[nodiscard]] OperatorSet operators(std::optional<index_t> rank = std::nullopt, FitExtras extras = {}) const;

  [[nodiscard]] const Fitted& fitted(index_t i) const { return fits_[at(i)]; }
  [[nodiscard]] const Embedding& embedding(index_t i) const { return embeddings_[at(i)]; }
  /// The system, without pieces too short for a window.
  [[nodiscard]] const TrajectorySet& system(index_t i) const { return systems_[at(i)]; }
  [[nodiscard]] const Dmd& dmd(index_t i) const { return dmds_[at(i)]; }
  /// Of no columns where the system has none.
  [[nodiscard]] const FitInputs& inputs(index_t i) const { return inputs_[at(i)]; }

 private:
  [[nodiscard]] index_t count() const { return std::ssize(systems_); }
  [[nodiscard]] std::vector<index_t> settle(std::span<const Dmd> dmds) const;
  void raise_to_shared_rank(const Progress& progress);
  void run_subspaces(const std::vector<index_t>& which, std::span<const Dmd> dmds);
  void run(const std::vector<index_t>& which, std::span<const Dmd> dmds, const Progress& progress);

  Backend& backend_;
  std::vector<Dmd> dmds_;
  std::vector<TrajectorySet> pieces_;  ///< the systems, if one was cut at missing samples
  std::span<const TrajectorySet> systems_;
  std::span<const TrajectorySet> on_host_;  ///< the same in host memory, for subspace identification
  std::vector<FitInputs> inputs_;           ///< of each system
  bool keep_directions_;
  std::vector<Embedding> embeddings_;
  std::vector<Fitted> fits_;
};

}  // namespace kindred::host
