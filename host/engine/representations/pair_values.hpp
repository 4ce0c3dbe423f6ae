#pragma once
/// What the metrics of recordings share: the factors of both sides, numbers of the cross-products of pairs, and angles.
#include "host/base/index.hpp"
#include "host/engine/pairs/pair_scorer.hpp"
#include "host/engine/representations/factor.hpp"
#include "host/engine/representations/factor_products.hpp"

#include <kindred/metrics.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kindred::host {

/// Two collections, or one against itself.
struct Collections {
  std::span<const TrajectorySet> rows;
  std::span<const TrajectorySet> columns;  ///< not looked at when symmetric
  bool symmetric = false;
  Progress progress = {};  ///< told while they are read for the first time
};

/// Factors of both collections; one copy when they are the same.
struct Factors {
  std::vector<Factor> rows, columns;
  bool symmetric = false;

  /// Throws what survey and require_equal_rows throw.
  Factors(Backend& backend, const Collections& sets, bool centre = true);
  [[nodiscard]] const std::vector<Factor>& right() const { return symmetric ? rows : columns; }
  [[nodiscard]] const Factor& row(index_t i) const { return rows[at(i)]; }
  [[nodiscard]] const Factor& column(index_t j) const { return right()[at(j)]; }
  [[nodiscard]] bool same_recording(index_t i, index_t j) const { return row(i).survey == column(j).survey; }
  /// Both sides have a system.
  [[nodiscard]] bool has_pairs() const { return !rows.empty() && !right().empty(); }
  template <class F>
  void for_each_set(F&& f) {
    f(rows);
    if (!symmetric) f(columns);
  }
};

/// The number that a pair's cross-product M = F_i^T F_j gives.
enum class BlockValue {
  squared_norm,  ///< ||M||_F^2
  sum,           ///< sum of the entries of M; of factors of one column, their inner product
  nuclear_norm,  ///< ||M||_*
};

/// Numbers of the cross-products of a tile's pairs, and of every system with itself.
class PairValues {
 public:
  /// The factors are read later, as the tiles are asked for.
  PairValues(Backend& backend, Operands operands, BlockValue value, ProductPrecision precision, std::size_t budget);
  /// The same with one factor a system, within the backend's budget.
  PairValues(Backend& backend, std::span<const Factor> rows, std::span<const Factor> columns, bool symmetric,
             BlockValue value, ProductPrecision precision);

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const;
  /// The values of each product, row-major in the tile; NaN where a system is unusable.
  [[nodiscard]] std::vector<std::vector<double>> of(const Tile& tile);
  /// The first product's values of a system of the rows (columns) with itself; NaN if it is unusable. Where a tile's
  /// product holds them they come with it, otherwise they are made when they are first asked for.
  [[nodiscard]] double row_self(index_t i);
  [[nodiscard]] double column_self(index_t j);

  /// Bytes of device memory that it keeps at most.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Self {
    std::vector<double> value;
    std::vector<char> known;
  };
  [[nodiscard]] static Self self_of(std::span<const Factor> factors);
  /// The value of system i, made by multiply(products, take) if it is not known.
  template <class Multiply>
  [[nodiscard]] double self(Self& side, index_t i, Multiply&& multiply);

  Backend& backend_;
  BlockValue value_;
  bool symmetric_;
  std::size_t count_;  // of products
  std::variant<std::unique_ptr<FactorProducts<float>>, std::unique_ptr<FactorProducts<double>>> products_;
  Self row_self_, column_self_;  // the latter not used when symmetric
};

/// The angle between unit vectors whose distance is `chord`.
[[nodiscard]] double angle_of_chord(double chord);
/// The angle whose cosine is s, given 1 - s.
[[nodiscard]] double angle_of(double one_minus_s);
/// What is reported of a similarity whose angle is known: the angle times `scale`, or the distance or its square's half
/// that goes with it.
[[nodiscard]] double reported(SimilarityScore score, double angle, double scale);
/// What an angle is multiplied by: 2 / pi if it is reported as a share of a right angle.
[[nodiscard]] double scale_of(bool over_half_pi);

/// Fills a tile by score(i, j, k) of its pairs, k their place in the tile: a finite number is an exact result, anything
/// else a failed pair.
template <class F>
void fill(const Tile& tile, bool symmetric, std::span<PairResult> out, F&& score) {
  for_each_pair(tile, symmetric,
                [&](index_t i, index_t j, std::size_t k) { out[k] = exact_or_failed(score(i, j, k)); });
}

/// The weights of a factor's principal directions, from their singular values.
using Weights = std::function<std::vector<double>(const std::vector<double>& sigma, Factor& factor)>;
/// Gives every usable factor the basis of its leading principal directions with these weights; one without any becomes
/// unusable.
void use_principal(Backend& backend, Factors& factors, const Weights& weights);
/// Weights of whitened coordinates, of the leading directions that carry `share` of the variance; `most` of them at
/// most, 0: any number.
[[nodiscard]] Weights whitening(double share, index_t most = 0);
/// Weights of X (alpha + (1 - alpha) (X^T X)^(-1/2)) in the units of the data; with `preserve` scaled back to the norm
/// of X.
[[nodiscard]] Weights partial_whitening(double alpha, bool preserve);

/// Throws Error{invalid_argument} where one direction of a comparison is asked for within one collection, whose matrix
/// has one value for (i, j) and (j, i). `field`: "LinearRegression::direction".
void require_two_collections(bool one_direction, bool symmetric, const std::string& field);

}  // namespace kindred::host
