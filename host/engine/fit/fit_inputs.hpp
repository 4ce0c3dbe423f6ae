#pragma once
/// Inputs of systems in a fit: DMD with control, x(t+1) = A x(t) + B u(t) (Proctor et al. 2016,
/// doi 10.1137/15M1013857). A pair of rows of the embedding and the input between them are of one trial; the input is
/// that of the newest step of the earlier row, and is not delayed.
#include "host/base/index.hpp"
#include "host/engine/fit/embedding_panels.hpp"

#include <vector>

namespace kindred::host {

/// The inputs of one system, each column over its norm: a ridge and rounding then weigh alike on states and inputs.
class FitInputs {
 public:
  FitInputs() = default;
  /// `rows`: all steps of all trials x count, row-major.
  FitInputs(const TrajectorySet& system, std::vector<double> rows, index_t count);

  [[nodiscard]] index_t count() const { return count_; }
  /// An input matrix (r x count, row-major) of these columns as that of the inputs as they were given.
  [[nodiscard]] std::vector<double> in_own_units(std::vector<double> input_matrix) const;

  /// The input at a step of a trial, `count` values; of steps after it, they follow.
  [[nodiscard]] const double* at(index_t trial, index_t step) const {
    return rows_.data() + (first_[host::at(trial)] + step) * count_;
  }

  /// The input of each row of a panel that has a successor `ahead` rows later, in their order, to the rows of `out`. A
  /// row reaches over `reach` steps before its newest one.
  void gather(const Panel& panel, index_t ahead, index_t reach, double* out) const;

 private:
  index_t count_ = 0;
  std::vector<double> rows_;
  std::vector<double> norms_;   ///< what each column was divided by; 0: an input that never acts
  std::vector<index_t> first_;  ///< row at which each trial begins
};

}  // namespace kindred::host
