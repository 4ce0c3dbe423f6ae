#pragma once
/// Steps 1 and 2 of a fit (host/engine/fit/fit.hpp) for systems of one shape, in one batch: the leading directions of
/// each delay embedding, and the second moments of its rows in them.
#include "host/backend/backend.hpp"
#include "host/engine/fit/delay_gram.hpp"
#include "host/engine/fit/embedding_panels.hpp"
#include "host/engine/fit/one_step.hpp"
#include "host/engine/recordings/checks.hpp"

#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <compare>
#include <span>
#include <vector>

namespace kindred::host {

/// What the members of one batch share; everything that decides the arithmetic of a system.
struct FitShape {
  bool is_float32 = false;
  bool row_side = false;    ///< H has fewer rows than columns: H^T takes its place
  bool short_ends = false;  ///< trials are long enough for the shift structure (delay_gram.hpp)
  index_t channels = 0;
  index_t columns = 0;  ///< of H
  index_t rows = 0;     ///< of H, rounded unless row_side
  index_t pairs = 0;    ///< rows with a successor, rounded
  index_t last = 0;     ///< rows without, rounded

  auto operator<=>(const FitShape&) const = default;

  [[nodiscard]] index_t width() const { return row_side ? rows : columns; }
  [[nodiscard]] index_t height() const { return row_side ? columns : rows; }
  /// Rows of one panel of the tall matrix.
  [[nodiscard]] index_t panel(index_t overlap) const;
};

[[nodiscard]] FitShape shape_of(const TrajectorySet& system, const Embedding& embedding, const Dmd& dmd);

/// What step 1 and 2 leave of one system.
struct Fitted {
  std::vector<double> sigma;  ///< descending; NaN: the iteration did not converge
  index_t numerical_rank = 0;
  Moments moments;
};

/// Device memory of one batch, kept from batch to batch.
struct FitWorkspace {
  Buffer<double> panel, vectors, sigma, projected, gathered, moments;
  Buffer<double> now_next, first, last;  ///< of all columns, where the shift structure is used
  Buffer<index_t> index;
  DelayGramWorkspace delay_gram;

  template <class T>
  static T* grown(Backend& backend, Buffer<T>& buffer, index_t n) {
    if (buffer.size() < n) buffer = Buffer<T>(backend, n);
    return buffer.data();
  }
};

/// Bytes of workspace that one system of a batch takes.
[[nodiscard]] std::size_t fit_bytes(const FitShape& shape, const Dmd& dmd);

/// Fills out[b] for every member. A result depends on its member, `shape` and `dmd` alone.
void fit_batch(Backend& backend, FitWorkspace& work, const FitShape& shape, const Dmd& dmd,
               std::vector<BatchMember> members, std::span<Fitted> out);

}  // namespace kindred::host
