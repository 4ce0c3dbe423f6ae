#pragma once
/// Step 1 of a fit (fit.hpp): the leading right singular vectors of the tall matrices of a batch (H, or H^T on the row
/// side), and their singular values.
#include "host/engine/fit/fit_batch.hpp"

#include <span>
#include <vector>

namespace kindred::host {

struct Directions {
  MatrixBatch<const double> vectors;      ///< of every member, in rows, on the device
  bool ascending = false;                 ///< order of the singular values they belong to
  std::vector<bool> usable;               ///< by member: accurate enough for the rank asked for
  bool shifted = false;                   ///< moments of all columns are in the workspace, by the shift structure
  MatrixBatch<const double> projected{};  ///< W = H V for the leading vectors, where it is known already; else null

  /// The r leading vectors of members from `first` on.
  [[nodiscard]] MatrixBatch<const double> leading(index_t first, index_t r) const {
    MatrixBatch<const double> out = vectors.block(ascending ? vectors.rows - r : 0, 0, r, vectors.columns);
    out.data += first * out.stride;
    return out;
  }
};

/// Directions of every member by the Gram or the orthogonal route; fills sigma and numerical_rank of out[b]. They lie
/// in the workspace until the next call.
[[nodiscard]] Directions directions(Batch& batch, Route route, std::span<Fitted> out);

}  // namespace kindred::host
