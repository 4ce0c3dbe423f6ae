#pragma once
/// What every metric is to the engine: everything prepared once per system, and pairs scored on request.
#include <kindred/distances.hpp>
#include <kindred/types.hpp>

#include <span>

namespace kindred::host {

/// Row system i against column system j.
struct PairIndex {
  index_t i;
  index_t j;
};

/// Scores lists of pairs of operators.
class OperatorScorer {
 public:
  OperatorScorer() = default;
  OperatorScorer(const OperatorScorer&) = delete;
  OperatorScorer& operator=(const OperatorScorer&) = delete;
  virtual ~OperatorScorer() = default;

  /// Scores pairs[k] into out[k]. A result depends on the two systems and the configuration alone: not on the list, its
  /// length or order, nor on the number of threads; (i, j) and (j, i) of one collection give the same bits.
  virtual void run(std::span<const PairIndex> pairs, std::span<PairResult> out) = 0;

  /// Pairs worth handing over at once: enough to keep the device busy, few enough for timely progress.
  [[nodiscard]] virtual index_t preferred_tile() const = 0;
};

}  // namespace kindred::host
