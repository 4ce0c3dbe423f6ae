#pragma once
/// Panels of the delay embeddings of a batch of systems, written to device memory by one launch each.
#include "host/backend/backend.hpp"
#include "host/base/matrix_view.hpp"
#include "host/engine/fit/embedding.hpp"

#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// Rows first .. first + rows - 1 of one trial's embedding.
struct Segment {
  index_t trial = 0, first = 0, rows = 0;
};
using Panel = std::vector<Segment>;
/// Panels of every member of a batch, in order.
using Cuts = std::vector<std::vector<Panel>>;

/// Cuts the rows of a system's trials, in order, into panels of at most `capacity` rows. A trial that is cut repeats
/// `overlap` rows: its next segment starts that many rows before the end of the last, so that every window of overlap +
/// 1 rows lies in exactly one segment. Preconditions: capacity > overlap, every trial has more than `overlap` rows.
[[nodiscard]] std::vector<Panel> cut_into_panels(std::span<const index_t> trial_rows, index_t capacity,
                                                 index_t overlap);

class FitInputs;

/// One system of a batch.
struct BatchMember {
  const TrajectorySet* system;
  const Embedding* embedding;
  const FitInputs* inputs = nullptr;  ///< of a system in a fit; null or of no columns where nothing acts on it
};

/// Writes panels for a batch whose members have one element type and one number of columns. Samples that lie on the
/// host cross to a device while it still works on the panel before.
class EmbeddingPanels {
 public:
  EmbeddingPanels(Backend& backend, std::span<const BatchMember> members, const Dmd& dmd);

  /// H by rows: panels[b] (null: no rows) of member b to the first rows of out[b], zeros to those up to `rows`.
  void write_rows(std::span<const Panel* const> panels, index_t rows, const MatrixBatch<double>& out);

  /// H^T by rows: columns first .. first + count - 1 of H of member b, each all rows of the system long, to the first
  /// rows of out[b].
  void write_columns(index_t first, index_t count, const MatrixBatch<double>& out);

 private:
  template <class T>
  class Writer;

  Backend& backend_;
  std::vector<BatchMember> members_;
  index_t columns_;
  index_t reach_;  ///< (d - 1) tau
  std::vector<Panel> whole_;
  Buffer<index_t> lag_;
  Buffer<index_t> channel_;
  std::unique_ptr<Feed> tiles_;
  std::unique_ptr<Feed> samples_;
};

}  // namespace kindred::host
