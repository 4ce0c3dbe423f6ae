#pragma once
/// Products with the delay embedding H of one system (m x n) and with its transpose. H is never formed, nor are its
/// delays multiplied one by one: row t of H holds the samples x[t + l_j], l_j = (d - 1 - j) tau, so that both products
/// are correlations along time, which the discrete Fourier transform turns into one product a frequency.
///
/// The trials are cut into segments of L samples, of which each overlaps the next by the (d - 1) tau samples that a row
/// spans; a segment holds R = L - (d - 1) tau rows of H. With w = 2 pi f / L, f = 0 .. L / 2, and the weight g = 1 / L
/// for f = 0 and f = L / 2, else 2 / L, and v_j the block of a vector that belongs to delay j:
///
///     X_c = sum over t of x[t] cos w t,   X_s = sum over t of x[t] sin w t          of each segment and channel, once
///     V_c = g sum over j of cos(w l_j) v_j,   V_s = g sum over j of sin(w l_j) v_j
///     Y_c = X_c V_c + X_s V_s,   Y_s = X_s V_c - X_c V_s                            products over the channels
///     (H V^T)[t] = sum over f of Y_c cos w t + Y_s sin w t,   t = 0 .. R - 1
///
/// The other L - R values, into which the ends of the segment wrap, are not computed. The transpose takes the same
/// steps backwards. All of them are products of matrices; errors are rounding errors of sums of up to L C values.
///
/// Flops of a product with b vectors, F = L / 2 + 1 frequencies, S segments, C channels: 4 F b (S (2 C + R) + 2 d C),
/// about 4.2 m C b where L is many times the overlap; H itself would take 2 m d C b. Memory: 2 F S C values, about as
/// many as the recording has, and EmbeddingOperator::bytes in all. With one delay, H is the recording, and is
/// multiplied so. Source: overlap-save convolution (Oppenheim and Schafer, Discrete-Time Signal Processing, section
/// 8.7.3).
#include "host/engine/fit/embedding_panels.hpp"
#include "host/engine/fit/fourier.hpp"

#include <kindred/dmd.hpp>

#include <compare>
#include <optional>

namespace kindred::host {

/// How the trials of an embedding are cut for its products.
struct Segmentation {
  index_t length = 1;  ///< L, samples of a segment
  index_t rows = 1;    ///< R, rows of H in a segment; the last of a trial may hold fewer
  index_t count = 0;   ///< S, segments of all trials

  auto operator<=>(const Segmentation&) const = default;
  [[nodiscard]] index_t frequencies() const { return Fourier::frequencies(length); }
};

/// The cut that takes the fewest flops.
[[nodiscard]] Segmentation plan_segments(const Embedding& embedding, const Dmd& dmd);

class EmbeddingOperator {
 public:
  /// For blocks of `vectors` vectors.
  EmbeddingOperator(Backend& backend, const BatchMember& member, const Dmd& dmd, index_t vectors);
  EmbeddingOperator(const EmbeddingOperator&) = delete;
  EmbeddingOperator& operator=(const EmbeddingOperator&) = delete;

  /// Bytes of device memory for a system of `rows` rows.
  [[nodiscard]] static std::size_t bytes(const Segmentation& segments, index_t rows, index_t channels, const Dmd& dmd,
                                         index_t vectors);
  /// Flops of one product.
  [[nodiscard]] static double flops(const Segmentation& segments, index_t channels, const Dmd& dmd, index_t vectors);

  /// W = H V^T: the vectors are the rows of v (b x n), W is m x b; both without gaps.
  void apply(const MatrixBatch<const double>& v, const MatrixBatch<double>& w);
  /// V = W^T H, likewise.
  void apply_transposed(const MatrixBatch<const double>& w, const MatrixBatch<double>& v);

 private:
  void copy_recording(const BatchMember& member, const Dmd& dmd);
  void transform_recording(const BatchMember& member, const Dmd& dmd);
  void place_rows(const Embedding& embedding);
  /// f(band) for all frequencies, as many at once as V_c and V_s are held of.
  template <class Function>
  void for_all_bands(Function&& f);

  /// Of a band, what V_c and V_s, its rows in turn, take of the delays, its columns, to be multiplied by X_c or X_s.
  [[nodiscard]] MatrixBatch<const double> lags(const Band& band, index_t part) const;
  /// Frequency by frequency, S x 2 C: X_c and X_s side by side.
  [[nodiscard]] MatrixBatch<const double> spectrum(const Band& band) const;
  /// Frequency by frequency, S x 2 b: Y_c and Y_s side by side.
  [[nodiscard]] MatrixBatch<double> image(const Band& band) const;
  /// The same segment by segment, F x b, one part.
  [[nodiscard]] MatrixBatch<double> image_of_segments(index_t part) const;
  /// Frequency by frequency, 2 b x 2 C: what makes Y_c, then Y_s, of X_c and X_s.
  [[nodiscard]] MatrixBatch<double> turned() const;
  /// The same vector by vector, the rows frequencies with c and s in turn, one part of the columns.
  [[nodiscard]] MatrixBatch<double> turned_of_vectors(const Band& band, index_t part) const;

  Backend& backend_;
  index_t channels_, delays_, vectors_, rows_;
  Segmentation segments_;
  std::optional<Fourier> fourier_;  ///< none with one delay
  Buffer<double> spectrum_, lags_, turned_, image_, in_segments_;
  Buffer<index_t> from_segments_, to_segments_;  ///< row of the segments of each row of H, and back; -1: none
};

}  // namespace kindred::host
