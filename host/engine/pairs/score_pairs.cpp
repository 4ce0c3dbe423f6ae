#include "host/engine/pairs/score_pairs.hpp"

#include "host/base/progress.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <vector>

namespace kindred::host {
namespace {

/// Walks the pairs of a comparison row by row; i < j when symmetric.
class PairOrder {
 public:
  PairOrder(const DistanceMatrix& matrix, bool symmetric)
      : rows_(matrix.rows()), columns_(matrix.columns()), symmetric_(symmetric), next_{0, symmetric ? 1 : 0} {
    skip_empty_rows();
  }
  [[nodiscard]] bool done() const { return next_.i >= rows_; }
  PairIndex take() {
    const PairIndex pair = next_;
    ++next_.j;
    skip_empty_rows();
    return pair;
  }

 private:
  void skip_empty_rows() {
    while (!done() && next_.j >= columns_) {
      ++next_.i;
      next_.j = symmetric_ ? next_.i + 1 : 0;
    }
  }

  index_t rows_, columns_;
  bool symmetric_;
  PairIndex next_;
};

}  // namespace

void score_pairs(OperatorScorer& scorer, bool symmetric, index_t tile, const Progress& progress, KeptPairs* kept,
                 DistanceMatrix& out) {
  const index_t rows = out.rows(), columns = out.columns();
  const index_t total = symmetric ? rows * (rows - 1) / 2 : rows * columns;
  const auto size = static_cast<std::size_t>(std::max<index_t>(1, tile > 0 ? tile : scorer.preferred_tile()));
  PairOrder order(out, symmetric);
  index_t done = 0;
  const auto place = [&](const PairIndex& pair, const PairResult& result) {
    out.at(pair.i, pair.j) = result;
    if (symmetric) out.at(pair.j, pair.i) = result;
    ++done;
  };

  if (kept != nullptr) {
    kept->store.resume(kept->identity, [&](std::span<const PairResult> known) {
      for (const PairResult& result : known) {
        if (order.done()) throw Error(ErrorCode::invalid_data, "the store of pairs holds more pairs than there are");
        place(order.take(), result);
      }
    });
  }
  tell_progress(progress, "pairs", done, total);
  std::vector<PairIndex> pairs;
  std::vector<PairResult> results;
  while (!order.done()) {
    pairs.clear();
    while (!order.done() && pairs.size() < size) pairs.push_back(order.take());
    results.assign(pairs.size(), PairResult{});
    scorer.run(pairs, results);
    for (std::size_t k = 0; k < pairs.size(); ++k) place(pairs[k], results[k]);
    if (kept != nullptr) kept->store.append(results);
    tell_progress(progress, "pairs", done, total);
  }
}

}  // namespace kindred::host
