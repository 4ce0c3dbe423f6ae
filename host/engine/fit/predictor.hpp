#pragma once
/// Prediction of recordings by a fitted operator, on the host, whatever device fitted it.
///
/// A row h of the delay embedding has coordinates u = E h (p), E = T^T K: K leads to the coordinates of the moments
/// (V^T, or S^-1 V^T where H has few rows), T to orthonormal ones (whitened.hpp). The first prediction of a chain is
/// z = F u (r), each further one A z, and x = L z the newest samples. T is triangular, so that the coordinates at rank
/// r are the first r at every larger one. By reduced-rank regression F = W^T B^T and L = L_p W; else F = A, p = r.
/// Cost: 2 m n p flops for the coordinates of m rows, then 2 m r (r + C) a rank.
#include "host/engine/fit/fit_batch.hpp"

#include <kindred/prediction.hpp>

namespace kindred::host {

class Predictor {
 public:
  /// `fit` with its directions, of a system with this embedding and these parameters; `held_out`: what is predicted, in
  /// host memory.
  Predictor(const Fitted& fit, const Embedding& embedding, const Dmd& dmd, const TrajectorySet& held_out);

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

  /// Rows of z: what is predicted of each row of the embedding, in chains that start from the record as `reseed` says.
  [[nodiscard]] DenseMatrix chains(const DenseMatrix& lead, const DenseMatrix& step, index_t reseed) const;

  const Fitted& fit_;
  Dmd dmd_;
  index_t channels_, reach_;  ///< (d - 1) tau
  std::vector<Trial> trials_;
  std::vector<std::vector<double>> samples_;  ///< of each trial, steps x channels
  DenseMatrix t_;                             ///< p x p, with 1 on the diagonal of directions the data do not contain
  DenseMatrix coordinates_;                   ///< of all rows, rows x p
};

}  // namespace kindred::host
