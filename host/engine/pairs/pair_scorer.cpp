#include "host/engine/pairs/pair_scorer.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::host {
namespace {

index_t quotient_up(index_t n, index_t d) { return (n + d - 1) / d; }

/// The strip without the columns in which it has no pair. With a grid of squares of `side`, it begins where a
/// square does.
Tile trimmed(Tile strip, bool symmetric, index_t side) {
  if (!symmetric) return strip;
  const index_t pair = strip.row + 1, first = std::max(strip.column, side > 0 ? pair - pair % side : pair);
  strip.columns = std::max<index_t>(0, strip.column + strip.columns - first);
  strip.column = first;
  return strip;
}

}  // namespace

std::vector<Tile> cut(const Tile& tile, index_t most) {
  if (most <= 0 || tile.rows * tile.columns <= most) return {tile};
  const index_t columns = std::min(tile.columns, most), rows = std::max<index_t>(1, most / columns);
  std::vector<Tile> out;
  for (index_t i = 0; i < tile.rows; i += rows) {
    for (index_t j = 0; j < tile.columns; j += columns) {
      out.push_back(
          {tile.row + i, tile.column + j, std::min(rows, tile.rows - i), std::min(columns, tile.columns - j)});
    }
  }
  return out;
}

std::vector<Tile> OperatorScorer::plan(const PairSet& pairs, const PlanLimits& limits) const {
  const index_t at_once = std::max<index_t>(1, limits.most > 0 ? limits.most : preferred_tile());
  std::vector<Tile> out;
  for (const Tile& part : pairs.tiles()) {
    const index_t bottom = part.row + part.rows;
    for (index_t row = part.row; row < bottom;) {
      // Rows of one row of squares; else about as many as a square of so many pairs has, or as it takes to find them.
      const index_t width =
          std::max<index_t>(1, trimmed({row, part.column, 1, part.columns}, pairs.symmetric(), limits.side).columns);
      const auto root = static_cast<index_t>(std::sqrt(static_cast<double>(at_once)));
      const index_t wanted = limits.side > 0 ? limits.side - row % limits.side : std::max(root, at_once / width);
      const index_t rows = std::clamp<index_t>(wanted, 1, bottom - row);
      const Tile strip = trimmed({row, part.column, rows, part.columns}, pairs.symmetric(), limits.side);
      // Equal pieces, each of about as many pairs; a piece that is too high for that is cut once more. Whole squares,
      // if any.
      const index_t pieces = std::max<index_t>(1, quotient_up(rows * strip.columns, at_once));
      const index_t unit = std::max<index_t>(1, limits.side);
      const index_t columns = quotient_up(quotient_up(strip.columns, pieces), unit) * unit;
      for (index_t j = 0; j < strip.columns; j += columns) {
        const Tile piece{row, strip.column + j, rows, std::min(columns, strip.columns - j)};
        for (const Tile& tile : cut(piece, limits.most)) {
          if (pairs.count(tile) > 0) out.push_back(tile);
        }
      }
      row += rows;
    }
  }
  return out;
}

PairList::PairList(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out, bool symmetric) {
  for (std::size_t n = 0; n < tiles.size(); ++n) {
    for_each_pair(tiles[n], symmetric, [&](index_t i, index_t j, std::size_t k) {
      pairs.push_back({i, j});
      places.push_back(&out[n][k]);
    });
  }
}

void PairScorer::score_list(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out) {
  for (std::size_t n = 0; n < tiles.size(); ++n) score(tiles[n], out[n]);
}

void OperatorScorer::score(const Tile& tile, std::span<PairResult> out) { score_list({&tile, 1}, {&out, 1}); }

void OperatorScorer::score_list(std::span<const Tile> tiles, std::span<const std::span<PairResult>> out) {
  const PairList list(tiles, out, symmetric_);
  std::vector<PairResult> results(list.pairs.size());
  run(list.pairs, results);
  for (std::size_t n = 0; n < results.size(); ++n) *list.places[n] = results[n];
}

PairResult OperatorScorer::self(index_t i) {
  const PairIndex pair{i, i};
  PairResult result;
  run({&pair, 1}, {&result, 1});
  return result.status == PairStatus::failed ? result : same();
}

}  // namespace kindred::host
