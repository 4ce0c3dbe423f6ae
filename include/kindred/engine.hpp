#pragma once
#include <kindred/device.hpp>
#include <kindred/dmd.hpp>
#include <kindred/error.hpp>
#include <kindred/export.hpp>
#include <kindred/job.hpp>
#include <kindred/journal.hpp>
#include <kindred/metrics.hpp>
#include <kindred/nearest.hpp>
#include <kindred/prediction.hpp>
#include <kindred/preprocess.hpp>
#include <kindred/progress.hpp>
#include <kindred/results.hpp>
#include <kindred/trajectories.hpp>

#include <memory>
#include <span>
#include <vector>

namespace kindred {

struct EngineOptions {
  /// Bytes of workspace the engine may hold at once (host or device); 0: a quarter of what is free.
  std::size_t memory_budget = 0;
  /// At most so many pairs are handed to the device at once; 0: chosen by the engine. Results do not depend on it.
  index_t tile_pairs = 0;
  /// Whether fits tell the eigenvalues of their operators with residuals (FitFacts::spectrum): some 30 r^3 flops more a
  /// system.
  bool spectra = false;
  /// Whether fits keep the coordinates of their operators and the singular values (Operator::basis, singular_values): 8
  /// bytes x delays x channels x rank a system. Subspace identification has none.
  bool bases = false;
};

/// Runs everything. Owns its threads' or streams' handles and workspaces; two engines in two threads are
/// independent; one engine must not be used from two threads at once.
class KINDRED_EXPORT Engine {
 public:
  explicit Engine(Device device = Device::best(), EngineOptions options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  [[nodiscard]] DeviceInfo device() const;

  /// Has later fits keep what `metric` looks at beside the operators' values, as if EngineOptions::spectra or bases
  /// said so.
  void keep_for(const Metric& metric);

  /// DMD operators, one a system. O(N). A system that cannot be fitted gets FitStatus::failed and spoils no
  /// other.
  /// Throws invalid_argument (parameters), invalid_data (NaN, Inf, empty, mismatched trials; names
  /// system, trial, time, channel; too few steps, states the largest number of delays that fits).
  [[nodiscard]] OperatorSet fit(std::span<const TrajectorySet> systems, const Dmd& dmd, const Progress& progress = {});
  /// The same, each system by its own parameters, dmds[i] for systems[i]: other delays, intervals, ranks or sampling
  /// rates. Dmd::rank_shared and Dmd::rank_excess hold for the collection and must be equal in all. Throws as fit, and
  /// invalid_argument unless there are as many parameters as systems.
  [[nodiscard]] OperatorSet fit_each(std::span<const TrajectorySet> systems, std::span<const Dmd> dmds,
                                     const Progress& progress = {});
  /// Operators at several ranks, one set a rank, for little more than the time of one fit: each system is embedded and
  /// factored once, for the largest rank. They are those of separate fits, to rounding. `dmd.rank` is not looked at;
  /// throws as fit, and invalid_argument for a rank below 1.
  [[nodiscard]] std::vector<OperatorSet> fit(std::span<const TrajectorySet> systems, const Dmd& dmd,
                                             std::span<const index_t> ranks, const Progress& progress = {});

  /// The eigenfunctions of the operators that fit gives, along the recordings; of a system that could not be fitted
  /// none. Cost: a fit, and 2 m r (n + r) flops for m rows of n columns. Throws as fit, and invalid_argument for
  /// subspace identification, whose states are not rows of an embedding.
  [[nodiscard]] std::vector<Eigenfunctions> eigenfunctions(std::span<const TrajectorySet> systems, const Dmd& dmd,
                                                           const Progress& progress = {});

  /// How operators fitted to `systems` predict `held_out`, the same systems at other times (split of
  /// kindred/prediction.hpp): one list a rank, at dmd.rank without ranks, of one prediction a system, which is factored
  /// once. Inputs act as in the fit, those of step t on step t + 1. Dmd::dt plays no part. Throws as fit;
  /// invalid_argument for another number of recordings, invalid_data for other channels or inputs.
  [[nodiscard]] std::vector<std::vector<Prediction>> predict(std::span<const TrajectorySet> systems,
                                                             std::span<const TrajectorySet> held_out, const Dmd& dmd,
                                                             std::span<const index_t> ranks = {},
                                                             const PredictOptions& options = {},
                                                             const Progress& progress = {});

  /// The same at every point of a grid, other parameters as in `base`: every point scores the same steps, those that
  /// all feasible ones predict. Cost: one fit at the largest rank for each delays and interval. Throws invalid_argument
  /// for an empty grid and one without a feasible point, and what split and fit throw. Points that the store has are
  /// not computed again.
  [[nodiscard]] SweepResult sweep(std::span<const TrajectorySet> systems, const Dmd& base, const SweepGrid& grid,
                                  const HoldOut& hold_out = {}, const PredictOptions& options = {},
                                  const Progress& progress = {}, SweepStore* store = nullptr);

  /// Recordings prepared as `steps` says, each with its own changes of them (preprocess_of): new ones in float64 that
  /// own their memory; names and labels are kept. Throws invalid_argument (parameters), invalid_data (naming the system
  /// that cannot be so treated).
  [[nodiscard]] std::vector<TrajectorySet> preprocess(std::span<const TrajectorySet> systems, const Preprocess& steps);

  /// All pairs of one collection: symmetric to the bit, zero diagonal (NaN for a system that failed). O(N) fits, O(N^2)
  /// comparisons.
  /// With a `store`, pairs that it keeps are not computed again and new ones are added to it:
  /// a run that was cancelled or killed gives the bits that it would have given (kindred/journal.hpp).
  /// Throws what fit throws, invalid_argument (parameters of the metric; a store of another comparison),
  /// out_of_memory, cancelled.
  [[nodiscard]] DistanceMatrix pairwise(std::span<const TrajectorySet> systems, const Metric& metric,
                                        const Progress& progress = {}, PairStore* store = nullptr);
  /// The same from operators, for the metrics of operators (Dsa, Spectral); skips the fit.
  [[nodiscard]] DistanceMatrix pairwise(const OperatorSet& operators, const Metric& metric,
                                        const Progress& progress = {}, PairStore* store = nullptr);

  /// Every system of `rows` against every system of `columns`; else as pairwise.
  [[nodiscard]] DistanceMatrix cross(std::span<const TrajectorySet> rows, std::span<const TrajectorySet> columns,
                                     const Metric& metric, const Progress& progress = {}, PairStore* store = nullptr);
  [[nodiscard]] DistanceMatrix cross(const OperatorSet& rows, const OperatorSet& columns, const Metric& metric,
                                     const Progress& progress = {}, PairStore* store = nullptr);

  /// The pairs of one collection, or of two, tile by tile into `out` (kindred/job.hpp): those that pairwise or cross
  /// would give, with the same bits, whatever the part and the order. Nothing of the size of the matrix is held. Throws
  /// what pairwise throws, and what the sink throws.
  void score(std::span<const TrajectorySet> systems, const Metric& metric, PairSink& out, const JobOptions& job = {});
  void score(const OperatorSet& operators, const Metric& metric, PairSink& out, const JobOptions& job = {});
  void score(std::span<const TrajectorySet> rows, std::span<const TrajectorySet> columns, const Metric& metric,
             PairSink& out, const JobOptions& job = {});
  void score(const OperatorSet& rows, const OperatorSet& columns, const Metric& metric, PairSink& out,
             const JobOptions& job = {});

  /// The nearest systems of every system of a collection, or of every query, without all pairs: candidates are taken in
  /// the order of proven lower bounds of their distances, and those that cannot enter are skipped. They are the
  /// neighbours that pairwise or cross would give, with the same bits; with Effort::bound, those by the bounds alone.
  /// For Dsa and Spectral. Memory: the operators, and 17 bytes for each system and query of a strip of queries that
  /// fits the budget.
  /// Throws what pairwise throws, and invalid_argument (options; a metric of recordings).
  [[nodiscard]] Neighbours nearest(std::span<const TrajectorySet> systems, const Metric& metric,
                                   const NearestOptions& options = {}, const Progress& progress = {});
  [[nodiscard]] Neighbours nearest(const OperatorSet& operators, const Metric& metric,
                                   const NearestOptions& options = {}, const Progress& progress = {});
  [[nodiscard]] Neighbours nearest(std::span<const TrajectorySet> queries, std::span<const TrajectorySet> systems,
                                   const Metric& metric, const NearestOptions& options = {},
                                   const Progress& progress = {});
  [[nodiscard]] Neighbours nearest(const OperatorSet& queries, const OperatorSet& operators, const Metric& metric,
                                   const NearestOptions& options = {}, const Progress& progress = {});

  /// The pair (a, b) by Dsa, with the change of basis that the distance belongs to. Throws invalid_argument for
  /// operators of unequal size without Dsa::zero_pad, and what pairwise throws. A pair that cannot be compared has
  /// status failed, and C is the identity.
  [[nodiscard]] Alignment align(const Operator& a, const Operator& b, const Dsa& metric = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kindred
