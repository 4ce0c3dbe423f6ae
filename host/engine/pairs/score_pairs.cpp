#include "host/engine/pairs/score_pairs.hpp"

#include "host/base/progress.hpp"
#include "host/engine/pairs/stored_tiles.hpp"

#include <kindred/error.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kindred::host {
namespace {

/// Copies what the store has into the matrix; returns the pairs that it does not have.
PairSet take_kept(PairStore& store, const PairSet& pairs, index_t side, DistanceMatrix& out) {
  std::vector<Tile> missing;
  std::vector<PairResult> results;
  bool some = false;
  for (const Tile& tile : stored_tiles(pairs, side)) {
    if (!store.has(tile)) {
      missing.push_back(tile);
      continue;
    }
    results.assign(static_cast<std::size_t>(tile.rows * tile.columns), {});
    store.get(tile, results);
    out.put(tile, results);
    some = true;
  }
  return some ? pairs.in(joined(missing)) : pairs;
}

}  // namespace

void score_pairs(PairScorer& scorer, const PairSet& pairs, index_t most, const Progress& progress, KeptPairs* kept,
                 DistanceMatrix& out) {
  PairSet missing = pairs;
  PlanLimits limits{most, 0};
  std::optional<TileAssembly> assembly;
  if (kept != nullptr) {
    PairStore& store = kept->store;
    limits.side = store.begin(kept->identity, scorer.stored_side());
    if (limits.side < 1) {
      throw Error(ErrorCode::invalid_data, "the store of pairs keeps squares of " + std::to_string(limits.side) +
                                               " systems a side, expected at least 1: its results cannot be taken up");
    }
    missing = take_kept(store, pairs, limits.side, out);
    assembly.emplace(pairs, limits.side,
                     [&store](const Tile& tile, std::span<const PairResult> results) { store.put(tile, results); });
  }

  const index_t total = pairs.count();
  index_t done = total - missing.count();
  tell_progress(progress, "pairs", done, total);
  std::vector<PairResult> results;
  for (const Tile& tile : scorer.plan(missing, limits)) {
    results.assign(static_cast<std::size_t>(tile.rows * tile.columns), {});
    scorer.score(tile, results);
    out.put(tile, results);
    if (assembly) assembly->take(tile, results);
    done += pairs.count(tile);
    tell_progress(progress, "pairs", done, total);
  }
  if (!pairs.symmetric()) return;
  for (index_t i = 0; i < pairs.rows(); ++i) out.at(i, i) = scorer.self(i);
}

}  // namespace kindred::host
