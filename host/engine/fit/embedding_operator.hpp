#pragma once
/// Products with the delay embedding H of one system (m x n) and with its transpose, from the samples X; H is never
/// formed. Row s of H is the samples at d times side by side, so
///
///     (H V^T)[s, q] = sum over j of Y[s + (d - 1 - j) tau, q d + j],   Y = X V'^T,   row q d + j of V' is block j of
///                                                                                    vector q: V' is V, read anew
///     H^T W = blocks of X^T Z,   Z[t, j b + q] = W[t - (d - 1 - j) tau, q],   0 where there is no such row
///
/// in panels of trials. A product with b vectors takes 2 m n b flops, all of them in products of large matrices. Memory:
/// the samples as float64, two indices a sample and delay, and twice (2048 + (d - 1) tau) d b values.
#include "host/engine/fit/embedding_panels.hpp"

#include <kindred/dmd.hpp>

#include <vector>

namespace kindred::host {

class EmbeddingOperator {
 public:
  /// For blocks of `vectors` vectors.
  EmbeddingOperator(Backend& backend, const BatchMember& member, const Dmd& dmd, index_t vectors);
  EmbeddingOperator(const EmbeddingOperator&) = delete;
  EmbeddingOperator& operator=(const EmbeddingOperator&) = delete;

  /// Bytes of device memory for a system of that many samples, of all trials.
  [[nodiscard]] static std::size_t bytes(index_t samples, index_t channels, const Dmd& dmd, index_t vectors);

  /// W = H V^T: the vectors are the rows of v (b x n), W is m x b; both without gaps.
  void apply(const MatrixBatch<const double>& v, const MatrixBatch<double>& w);
  /// V = W^T H, likewise.
  void apply_transposed(const MatrixBatch<const double>& w, const MatrixBatch<double>& v);

 private:
  /// Consecutive rows of H, and the samples that they read, which lie side by side.
  struct Part {
    index_t first_sample, samples, first_row, rows;
    index_t fold = 0, spread = 0;  ///< where its indices start
  };

  [[nodiscard]] MatrixBatch<const double> samples(const Part& part) const {
    return packed<const double>(samples_.data() + part.first_sample * channels_, part.samples, channels_);
  }

  Backend& backend_;
  index_t channels_, delays_, interval_, vectors_;
  std::vector<Part> parts_;
  Buffer<double> samples_, shifted_, gathered_, blocks_, ones_;
  Buffer<index_t> fold_, spread_, by_vector_;
};

}  // namespace kindred::host
