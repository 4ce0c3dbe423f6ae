#include "host/engine/pairs/score_pairs.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/base/text.hpp"
#include "host/engine/pairs/stored_tiles.hpp"
#include "host/store/tile_runs.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

/// Hands to `out` what the store has; returns the pairs that it does not have.
PairSet take_kept(KeptPairs& kept, const PairSet& pairs, PairSink& out) {
  PairStore& store = kept.store;
  std::vector<Tile> missing;
  std::vector<PairResult> whole, results;
  for_each_square(pairs, kept.grid, [&](const Tile& square, const Tile& part) {
    if (!store.has(square)) {
      append_joined(missing, part);
      return;
    }
    whole.assign(at(square.rows * square.columns), {});
    store.get(square, whole);
    results.clear();
    for (index_t i = part.row; i < part.row + part.rows; ++i) {
      const auto first = whole.begin() + (i - square.row) * square.columns + (part.column - square.column);
      results.insert(results.end(), first, first + part.columns);
    }
    out.put(part, results);
  });
  const PairSet left = pairs.in(stacked(missing));
  return left.count() == pairs.count() ? pairs : left;
}

/// Throws Error{invalid_argument} for a tile that does not lie in the matrix.
void check_tiles(const PairSet& pairs) {
  for (const Tile& tile : pairs.tiles()) {
    const bool inside = tile.row >= 0 && tile.column >= 0 && tile.rows >= 0 && tile.columns >= 0 &&
                        tile.row + tile.rows <= pairs.rows() && tile.column + tile.columns <= pairs.columns();
    if (inside) continue;
    fail(ErrorCode::invalid_argument, "a tile of ", tile.rows, " x ", tile.columns, " pairs from row ", tile.row,
         " and column ", tile.column, " on is not in a matrix of ", pairs.rows(), " x ", pairs.columns(),
         "; give tiles inside of it (JobOptions::tiles)");
  }
}

/// The pairs of one matrix, from a store or a scorer to where they go.
class PairRun {
 public:
  PairRun(PairScorer& scorer, index_t most, const Progress& progress, KeptPairs* kept, PairSink& out)
      : scorer_(scorer), limits_{most, 0}, progress_(progress), kept_(kept), out_(out) {
    if (kept == nullptr) return;
    limits_.side = kept->grid.side();
    assembly_.emplace(
        kept->grid, [kept](const Tile& tile, std::span<const PairResult> results) { kept->store.put(tile, results); });
  }

  /// `total`: pairs of the whole run.
  void score(const PairSet& pairs, index_t total) {
    check_tiles(pairs);
    const PairSet missing = kept_ != nullptr ? take_kept(*kept_, pairs, out_) : pairs;
    done_ += pairs.count() - missing.count();
    tell_progress(progress_, "pairs", done_, total);
    const std::vector<Tile> plan = scorer_.plan(missing, limits_);
    const index_t listed = scorer_.listed_at_once(), most = limits_.most > 0 ? std::min(limits_.most, listed) : listed;
    for (std::size_t first = 0; first < plan.size();) {
      std::size_t end = first + 1;
      for (index_t held = pairs.count(plan[first]); end < plan.size(); ++end) {
        held += pairs.count(plan[end]);
        if (held > most) break;
      }
      score(std::span(plan).subspan(first, end - first));
      for (; first < end; ++first) done_ += pairs.count(plan[first]);
      tell_progress(progress_, "pairs", done_, total);
    }
    if (!pairs.symmetric()) return;
    for (const Tile& tile : pairs.tiles()) {
      const index_t last = std::min(tile.row + tile.rows, tile.column + tile.columns);
      for (index_t i = std::max(tile.row, tile.column); i < last; ++i) out_.put_self(i, scorer_.self(i));
    }
  }

 private:
  /// Several tiles at once.
  void score(std::span<const Tile> tiles) {
    std::vector<std::vector<PairResult>> results;
    for (const Tile& tile : tiles) results.emplace_back(at(tile.rows * tile.columns));
    const std::vector<std::span<PairResult>> places(results.begin(), results.end());
    scorer_.score_list(tiles, places);
    for (std::size_t k = 0; k < tiles.size(); ++k) {
      out_.put(tiles[k], results[k]);
      if (assembly_) assembly_->take(tiles[k], results[k]);
    }
  }

  PairScorer& scorer_;
  PlanLimits limits_;
  const Progress& progress_;
  KeptPairs* kept_;
  PairSink& out_;
  std::optional<TileAssembly> assembly_;
  index_t done_ = 0;
};

}  // namespace

void score_pairs(PairScorer& scorer, const PairWork& work, const Progress& progress, KeptPairs* kept, PairSink& out) {
  PairRun run(scorer, work.most, progress, kept, out);
  if (!work.more) return run.score(work.pairs, work.pairs.count());
  const PairSet whole = work.pairs.whole();
  if (!work.pairs.tiles().empty()) run.score(work.pairs, whole.count());
  for (std::vector<Tile> tiles = work.more(); !tiles.empty(); tiles = work.more()) {
    run.score(work.pairs.in(std::move(tiles)), whole.count());
  }
}

}  // namespace kindred::host
