#pragma once
/// Proven lower bounds of the distances between operators, at the price of products of matrices.
#include "host/backend/backend.hpp"
#include "host/base/index.hpp"
#include "host/engine/pairs/pair_scorer.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace kindred::host {

/// How a metric bounds its distances by Euclidean ones: `kinds` vectors of 2 r numbers an operator, of which each is an
/// invariant that no two operators differ in by more than their distance. The best bound of a pair is the largest. All
/// vectors of an operator have one norm.
struct BoundRule {
  index_t kinds = 0;
  /// The vectors of an operator at size r (its own, or that of a larger partner), one behind the other; false where the
  /// operator cannot be compared.
  std::function<bool(const Operator&, index_t r, double* out)> vectors;
  double (*score)(double distance) = nullptr;  ///< a distance as the metric reports it; grows with it
  double (*distance)(double score) = nullptr;  ///< the inverse of that
};

/// Procrustes analysis over vector fields, ||A - C B C^T||_F. With S and K the symmetric and the skew part of A, both
///     H(phi) = cos phi S + i sin phi K   and   H(phi + 90 degrees)
/// are Hermitian, turn with A, and share its norm: ||A||^2 = ||H(phi)||^2 + ||H(phi + 90)||^2 for every phi. By the
/// theorem of Hoffman and Wielandt (doi 10.1215/S0012-7094-53-02004-3) the sorted eigenvalues of each differ by no more
/// than the matrices do. phi = 0, 15, 30 and 45 degrees; those of phi + 90 are those of -H(90 - phi).
/// A system costs seven Hermitian eigenproblems.
[[nodiscard]] BoundRule bound_rule(const Dsa& config, std::span<const Operator> rows,
                                   std::span<const Operator> columns);

/// The optimal transport of spectra, W2. A projection onto a line brings no two points further apart, and on a line the
/// sorted order is optimal; of two lines at a right angle the squares add up. The eigenvalues are folded onto the upper
/// half plane, which the distance does not see; lines at 0, 30 and 60 degrees, each with its partner.
/// A system costs its eigenvalues.
[[nodiscard]] BoundRule bound_rule(const Spectral& config, std::span<const Operator> rows,
                                   std::span<const Operator> columns);

/// Bytes that the vectors of an operator of size r take at most while they are made and kept.
[[nodiscard]] inline std::size_t prepared_bytes(index_t r, const BoundRule& rule) {
  return at(rule.kinds * 2 * r) * 2 * sizeof(double) + 128;
}

/// The bounds of all pairs of one collection (empty `columns`), or of two.
///
/// With u and v the vectors of a pair, ||u - v||^2 = ||u||^2 + ||v||^2 - 2 <u, v>, less what rounding can have added: a
/// bound is never above the distance that a search reports, and two operators of unit norm within about 1e-7 of each
/// other are not told apart. Its bits depend on the two operators and the metric alone, and not on which comes first.
/// Cost: 4 r flops a kind and pair, and a pass that leaves a processor's first-level cache with one number a pair; 16 r
/// bytes a kind and operator on the device.
class OperatorBounds {
 public:
  /// Throws Error{cancelled}.
  OperatorBounds(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns, BoundRule rule,
                 const Progress& progress);

  /// The bounds of a tile as Euclidean distances, row-major; NaN for a pair that cannot be compared.
  void of(const Tile& tile, std::span<double> out);
  /// Rows of a square tile that has work for all of the device and whose bounds stay in a processor's caches.
  [[nodiscard]] index_t preferred_side() const { return side_; }

  /// A bound as a score of the metric.
  [[nodiscard]] double score(double bound) const { return rule_.score(bound); }
  /// A bound above this is one of a score above `limit`. The inverse, and a little more for its rounding.
  [[nodiscard]] double within(double limit) const { return rule_.distance(limit) * (1 + 1e-12); }

 private:
  /// The vectors of one side's operators at one size.
  struct Vectors {
    std::vector<index_t> position;  ///< of each system: how many before it are here; those that are larger are not
    Buffer<double> stack;           ///< a system a column, in panels, one kind behind the other
    /// ||u||^2 of each column, NaN where it cannot be compared, -infinity where a square overflows; then the roots.
    Buffer<double> norms;
    index_t columns = 0;  ///< of one kind: whole panels
  };
  struct OneSize {
    Vectors rows, columns;  ///< no columns where there is one collection
  };

  [[nodiscard]] Vectors vectors_of(std::span<const Operator> operators, index_t r) const;
  /// Bounds of those pairs of a tile whose larger operator is of size r; ld: columns of the array at `out`.
  void of_size(index_t r, const OneSize& prepared, const Tile& tile, std::span<double> out, index_t ld);
  /// Where the systems of a tile are among u's and v's columns.
  [[nodiscard]] static Tile places_of(const Vectors& u, const Vectors& v, const Tile& tile);
  /// Writes the bounds of the columns of u's and v's stacks that `places` gives to `out` on the device.
  void launch(index_t r, const Vectors& u, const Vectors& v, const Tile& places, double* out, index_t ld);

  Backend& backend_;
  BoundRule rule_;
  index_t panel_, side_;
  std::vector<index_t> row_sizes_, column_sizes_;
  std::map<index_t, OneSize> prepared_;
  bool symmetric_;
  Buffer<double> bounds_;
  std::vector<double> fetched_;
};

/// Scores every pair with its bound alone: PairStatus::bound.
[[nodiscard]] std::unique_ptr<PairScorer> make_bound_scorer(Backend& backend, std::span<const Operator> rows,
                                                            std::span<const Operator> columns, BoundRule rule,
                                                            const Progress& progress);

}  // namespace kindred::host
