#pragma once
/// Samples divided into folds, each judged by what the other samples say.
#include "host/engine/representations/factor.hpp"
#include "host/engine/representations/factor_products.hpp"

#include <kindred/metric_fields.hpp>

#include <span>
#include <string>
#include <vector>

namespace kindred::host {

/// Samples first .. last - 1, over trials.
struct SampleRange {
  index_t first, last;
};

/// How a metric divides the samples.
struct Folding {
  index_t folds;  ///< 0: it does not
  FoldBy by;
  std::string metric;  ///< "LinearRegression"
};
template <class M>
[[nodiscard]] Folding folding_of(const M& metric) {
  return {metric.folds, metric.fold_by, std::string(Description<M>::type)};
}

/// Throws Error{invalid_argument} for one fold, or fewer than none.
void check_fold_count(const Folding& folding);

/// Contiguous folds of samples or of trials, as those of scikit-learn's KFold. Both sides have a system. Throws
/// Error{invalid_argument} for fewer samples or trials than folds; Error{invalid_data} for folds by trials of systems
/// whose trials differ in length.
[[nodiscard]] std::vector<SampleRange> folds_of(std::span<const Factor> rows, std::span<const Factor> columns,
                                                const Folding& folding);

/// One collection in one fold: the samples that it is fitted to, and the others about the means of those (without
/// `centre`: about 0).
struct FoldSide {
  std::vector<TrajectorySet> train_sets, test_sets;
  std::vector<Factor> train, test;

  /// Factors of the training samples, in the units of the whole recordings. They and the tests refer to this object.
  FoldSide(Backend& backend, std::span<const Factor> whole, const SampleRange& fold, bool centre = true);
  FoldSide(const FoldSide&) = delete;
  FoldSide& operator=(const FoldSide&) = delete;

  /// Factors of the other samples, with the means and bases of the training samples: after the bases are there.
  void make_tests(const SampleRange& fold);
};

/// The products of the fitted samples of two sides, and then of their tests. `symmetric`: of one side, pairs i < j.
[[nodiscard]] Operands fold_products(const FoldSide& x, const FoldSide& y, bool symmetric);

/// ||F||^2 of factors of channels or of projections; 0 of unusable projections.
[[nodiscard]] std::vector<double> squared_norms(Backend& backend, std::span<const Factor> factors);

}  // namespace kindred::host
