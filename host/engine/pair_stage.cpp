#include "host/engine/pair_stage.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace kindred::host {

void report(const Progress& progress, const char* stage, index_t done, index_t total) {
  if (progress && !progress({stage, done, total})) {
    throw Error(ErrorCode::cancelled, "cancelled after " + std::to_string(done) + " of " + std::to_string(total) +
                                          " items of stage '" + stage + "'");
  }
}

void score_pairs(PairStage& stage, bool symmetric, index_t tile, const Progress& progress, DistanceMatrix& out) {
  const index_t rows = out.rows();
  const index_t columns = out.columns();
  const index_t total = symmetric ? rows * (rows - 1) / 2 : rows * columns;
  const auto size = static_cast<std::size_t>(std::max<index_t>(1, tile > 0 ? tile : stage.preferred_tile()));
  std::vector<PairIndex> pairs;
  std::vector<PairResult> results;
  pairs.reserve(size);
  index_t done = 0;

  const auto flush = [&] {
    results.assign(pairs.size(), PairResult{});
    stage.run(pairs, results);
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      out.at(pairs[k].i, pairs[k].j) = results[k];
      if (symmetric) out.at(pairs[k].j, pairs[k].i) = results[k];
    }
    done += static_cast<index_t>(pairs.size());
    pairs.clear();
    report(progress, "pairs", done, total);
  };

  report(progress, "pairs", 0, total);
  for (index_t i = 0; i < rows; ++i) {
    for (index_t j = symmetric ? i + 1 : 0; j < columns; ++j) {
      pairs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(j)});
      if (pairs.size() == size) flush();
    }
  }
  if (!pairs.empty()) flush();
}

}  // namespace kindred::host
