#pragma once
/// Systems of one shape that are fitted together: what they share, the memory they work in, and the panels of their
/// embeddings, for the stages of a fit (directions.hpp, moments.hpp).
#include "host/engine/fit/delay_gram.hpp"
#include "host/engine/fit/embedding_operator.hpp"
#include "host/engine/fit/embedding_panels.hpp"
#include "host/engine/fit/estimators/estimate.hpp"
#include "host/engine/fit/fit_inputs.hpp"
#include "host/engine/fit/ranks.hpp"

#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <compare>
#include <optional>
#include <vector>

namespace kindred::host {

/// How the directions of a batch are found (directions.hpp), each more robust and more expensive than the one before.
enum class Route { krylov, gram, orthogonal };

/// What the members of one batch share; everything that decides the arithmetic of a system.
struct FitShape {
  bool is_float32 = false;
  bool row_side = false;            ///< H has fewer rows than columns: H^T takes its place
  bool short_ends = false;          ///< the Gram route may use the shift structure (delay_gram.hpp)
  Route route = Route::orthogonal;  ///< that is tried first
  index_t channels = 0;
  index_t columns = 0;    ///< of H
  index_t rows = 0;       ///< of H, rounded unless row_side
  index_t pairs = 0;      ///< rows with a successor, rounded
  index_t last = 0;       ///< rows without, rounded
  index_t inputs = 0;     ///< columns of what acts on the system
  Segmentation segments;  ///< of the products of the Krylov route; else none

  auto operator<=>(const FitShape&) const = default;

  [[nodiscard]] index_t width() const { return row_side ? rows : columns; }
  [[nodiscard]] index_t height() const { return row_side ? columns : rows; }
  /// Too wide for the orthogonal route to be affordable where another will do.
  [[nodiscard]] bool is_large() const;
  /// Rows of one panel of the tall matrix.
  [[nodiscard]] index_t panel(index_t overlap) const;
  /// How the shift structure is used.
  [[nodiscard]] DelayGramPlan delay_gram_plan(const Dmd& dmd) const;
};

[[nodiscard]] FitShape shape_of(const TrajectorySet& system, const Embedding& embedding, const Dmd& dmd);

/// Bytes of workspace that one system of a batch takes.
[[nodiscard]] std::size_t fit_bytes(const FitShape& shape, const Dmd& dmd);

/// What the directions and moments of one system come to; estimators need nothing else of it.
struct Fitted {
  std::vector<double> sigma;  ///< descending; NaN: the iteration did not converge
  index_t numerical_rank = 0;
  bool numerical_rank_is_bound = false;  ///< a lower bound, where only the leading directions were found
  index_t rank = 0;                      ///< by the rule of the caller; 0: no direction satisfies it
  Moments moments;
  /// Where directions are kept: the way from a row of samples (d C of them) to the coordinates of the moments, rank x
  /// columns, and from there to the newest C samples, C x rank.
  DenseMatrix encoder, decoder;
  /// Of subspace identification, C in the coordinates of the moments and the embedding's scale, C x rank; else empty.
  DenseMatrix outputs;
};

/// Device memory of one batch, kept from batch to batch.
struct FitWorkspace {
  Buffer<double> panel, vectors, sigma, projected, gathered, moments;
  Buffer<double> inputs, input_moments;
  Buffer<double> now_next, first, last;  ///< of all columns, where the shift structure is used
  Buffer<index_t> index;
  DelayGramWorkspace delay_gram;
};

class Batch {
 public:
  Batch(Backend& backend, FitWorkspace& work, const FitShape& shape, const Dmd& dmd, std::vector<BatchMember> members);

  [[nodiscard]] Backend& backend() const { return backend_; }
  [[nodiscard]] FitWorkspace& work() const { return work_; }
  [[nodiscard]] const FitShape& shape() const { return shape_; }
  [[nodiscard]] const Dmd& dmd() const { return dmd_; }
  /// Asks for Fitted::encoder and decoder.
  void keep_directions(bool keep) { keeps_directions_ = keep; }
  [[nodiscard]] bool keeps_directions() const { return keeps_directions_; }
  /// Directions that are needed of every member; 0: this follows from its singular values.
  [[nodiscard]] index_t directions_asked() const { return host::directions_asked(dmd_, shape_.width()); }
  /// Fills the rank of member b from its singular values and numerical rank; returns the directions that are needed.
  index_t settle_rank(index_t b, Fitted& fit) const;
  [[nodiscard]] std::span<const BatchMember> members() const { return members_; }
  [[nodiscard]] const Embedding& embedding(index_t b) const { return *members_[b].embedding; }
  [[nodiscard]] index_t count() const { return static_cast<index_t>(members_.size()); }

  /// The batch of the members that `which` lists.
  [[nodiscard]] Batch subset(std::span<const index_t> which) const;

  /// The members' embeddings.
  [[nodiscard]] EmbeddingPanels& source();
  /// Every member's rows in panels (cut_into_panels).
  [[nodiscard]] Cuts cut(index_t capacity, index_t overlap) const;
  /// Panel `p` of members first .. first + count - 1; null where a member has fewer.
  [[nodiscard]] static std::vector<const Panel*> panels_at(const Cuts& cuts, index_t p, index_t first, index_t count);
  /// Panel `p` of the tall matrices, in panels of `capacity` rows, to the top of `out`; returns its rows.
  index_t write_panel(const Cuts& cuts, index_t p, index_t capacity, const MatrixBatch<double>& out);

 private:
  Backend& backend_;
  FitWorkspace& work_;
  FitShape shape_;
  Dmd dmd_;
  std::vector<BatchMember> members_;
  bool keeps_directions_ = false;
  std::optional<EmbeddingPanels> source_;  ///< made at first use
};

}  // namespace kindred::host
