#pragma once
/// Segments of the recordings of a batch of systems, written to device memory by one launch.
#include "host/engine/fit/embedding_panels.hpp"

#include <kindred/dmd.hpp>

#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// Samples as float64, scaled as the embeddings are.
class SamplePanels {
 public:
  /// For `segments` segments of each member at once.
  SamplePanels(Backend& backend, std::span<const BatchMember> members, const Dmd& dmd, index_t segments);

  /// Samples first .. first + rows - 1 of a trial for each of members x `segments` segments (none where rows is 0), to
  /// the top of the matrix of `out` in that place, time x channels; zeros below.
  void write(std::span<const Segment> segments, const MatrixBatch<double>& out);

 private:
  std::vector<Embedding> samples_;  ///< of every member, with one delay
  std::unique_ptr<EmbeddingPanels> panels_;
};

/// Each trial's rows but the last `less`, in segments of at most `rows`.
[[nodiscard]] std::vector<Segment> cut_into_segments(std::span<const index_t> trial_rows, index_t less, index_t rows);

/// f(rows) for the sizes worth trying where trials of `longest` rows are cut into equal segments: one segment, two,
/// ...; an eighth more each time when they are many.
template <class Function>
void for_each_cut(index_t longest, Function&& f) {
  for (index_t parts = 1; parts <= longest; parts += std::max<index_t>(1, parts / 8)) f((longest + parts - 1) / parts);
}

}  // namespace kindred::host
