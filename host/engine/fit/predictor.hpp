#pragma once
/// Prediction of recordings by a fitted operator, on the host, whatever device fitted it.
///
/// A row h of the delay embedding has coordinates u = E h (p), E = T^T K: K leads to the coordinates of the moments
/// (V^T, or S^-1 V^T where H has few rows), T to orthonormal ones (whitened.hpp). The first prediction of a chain is
/// z = F u (r), each further one A z, and x = L z the newest samples. T is triangular, so that the coordinates at rank
/// r are the first r at every larger one. By reduced-rank regression F = W^T B^T and L = L_p W; else F = A, p = r.
/// Of a system with m inputs every prediction adds B c, B (r x m) in the inputs' own units and c the recorded input of
/// the newest step of the row that is predicted from, as in the fit (fit_inputs.hpp).
/// Cost: 2 M n p flops for the coordinates of M rows, then 2 M r (r + m + C) a rank.
#include "host/engine/fit/fit_batch.hpp"

#include <kindred/prediction.hpp>

namespace kindred::host {

class Predictor {
 public:
  /// `fit` with its directions, of a system with this embedding, these inputs and these parameters; `held_out`: what is
  /// predicted, in host memory, with as many inputs.
  Predictor(const Fitted& fit, const Embedding& embedding, const FitInputs& inputs, const Dmd& dmd,
            const TrajectorySet& held_out);

  /// Rows of `held_out` in the coordinates u, those of all trials one after another; rows of each trial.
  [[nodiscard]] const DenseMatrix& coordinates() const { return coordinates_; }
  [[nodiscard]] std::vector<index_t> trial_rows() const {
    std::vector<index_t> out;
    for (const Trial& trial : trials_) out.push_back(trial.rows);
    return out;
  }

  /// At `rank`, no larger than the fit's. `out.facts` stays as it is.
  void run(index_t rank, const PredictOptions& options, Prediction& out) const;

 private:
  /// Rows of a trial's embedding, and the sample of its first row's newest block.
  struct Trial {
    index_t rows = 0, first_row = 0;
  };

  /// Rows of z: what is predicted of each row of the embedding, in chains that start from the record as `reseed` says,
  /// by [F, B] from the record and by [A, B] from a prediction.
  [[nodiscard]] DenseMatrix chains(const DenseMatrix& lead, const DenseMatrix& step, index_t reseed) const;

  const Fitted& fit_;
  const FitInputs& fit_inputs_;
  Dmd dmd_;
  index_t channels_, reach_;  ///< (d - 1) tau
  std::vector<Trial> trials_;
  std::vector<std::vector<double>> samples_;  ///< of each trial, steps x channels
  std::vector<double> inputs_;                ///< of the newest step of each row, rows x m, in their own units
  DenseMatrix t_;                             ///< p x p, with 1 on the diagonal of directions the data do not contain
  DenseMatrix coordinates_;                   ///< of all rows, rows x p
};

}  // namespace kindred::host
