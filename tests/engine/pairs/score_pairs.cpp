/// The flow of pairs, with a scorer and a store that write down what they are asked for.
#include "host/engine/pairs/score_pairs.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;

namespace {

/// Distances 1000 i + j, in tiles of `side`, the last first; of a system with itself -i.
class Numbers final : public host::PairScorer {
 public:
  Numbers(bool symmetric, index_t side) : symmetric_(symmetric), side_(side) {}
  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const host::PlanLimits& limits) const override {
    asked = limits;
    std::vector<Tile> out;
    for (index_t i = 0; i < pairs.rows(); i += side_) {
      for (index_t j = 0; j < pairs.columns(); j += side_) {
        const Tile tile{i, j, std::min(side_, pairs.rows() - i), std::min(side_, pairs.columns() - j)};
        for (const Tile& part : pairs.within(tile)) out.push_back(part);
      }
    }
    std::reverse(out.begin(), out.end());
    return out;
  }
  void score(const Tile& tile, std::span<PairResult> out) override {
    for_each_pair(tile, symmetric_, [&](index_t i, index_t j, std::size_t k) {
      out[k] = host::exact(static_cast<double>(1000 * i + j));
      ++scored[{i, j}];
    });
  }
  [[nodiscard]] PairResult self(index_t i) override { return host::exact(static_cast<double>(-i)); }
  [[nodiscard]] index_t stored_side() const override { return 5; }

  std::map<std::pair<index_t, index_t>, int> scored;
  mutable host::PlanLimits asked;

 private:
  bool symmetric_;
  index_t side_;
};

/// Keeps tiles in memory.
class Shelf final : public PairStore {
 public:
  [[nodiscard]] Arrangement begin(const ComparisonIdentity& identity, index_t side) override {
    return {PairGrid(identity.pairs(), side)};
  }
  [[nodiscard]] bool has(const Tile& tile) override { return tiles.contains({tile.row, tile.column}); }
  void get(const Tile& tile, std::span<PairResult> results) override {
    const auto& [kept, values] = tiles.at({tile.row, tile.column});
    REQUIRE(kept == tile);
    std::copy(values.begin(), values.end(), results.begin());
  }
  void put(const Tile& tile, std::span<const PairResult> results) override {
    REQUIRE_FALSE(has(tile));
    REQUIRE(std::ssize(results) == tile.rows * tile.columns);
    tiles[{tile.row, tile.column}] = {tile, {results.begin(), results.end()}};
  }

  std::map<std::pair<index_t, index_t>, std::pair<Tile, std::vector<PairResult>>> tiles;
};

std::vector<std::string> names(index_t n) {
  std::vector<std::string> out;
  for (index_t i = 0; i < n; ++i) out.push_back(std::to_string(i));
  return out;
}

DistanceMatrix matrix_of(const PairSet& pairs) {
  return pairs.symmetric() ? DistanceMatrix(names(pairs.rows()))
                           : DistanceMatrix(names(pairs.rows()), names(pairs.columns()));
}

void check(const DistanceMatrix& d, bool symmetric) {
  for (index_t i = 0; i < d.rows(); ++i) {
    for (index_t j = 0; j < d.columns(); ++j) {
      const index_t low = symmetric ? std::min(i, j) : i, high = symmetric ? std::max(i, j) : j;
      const double expected = symmetric && i == j ? static_cast<double>(-i) : static_cast<double>(1000 * low + high);
      REQUIRE(d(i, j) == expected);
    }
  }
}

}  // namespace

TEST_CASE("every pair is scored once, and lies where it belongs", "[pairs]") {
  for (const PairSet& pairs : {PairSet::all(0), PairSet::all(1), PairSet::all(23), PairSet::rectangle(9, 14)}) {
    for (const index_t side : {1, 3, 7, 40}) {
      Numbers scorer(pairs.symmetric(), side);
      DistanceMatrix out = matrix_of(pairs);
      host::score_pairs(scorer, pairs, 0, {}, nullptr, out);
      check(out, pairs.symmetric());
      CHECK(static_cast<index_t>(scorer.scored.size()) == pairs.count());
      for (const auto& [pair, times] : scorer.scored) CHECK(times == 1);
      CHECK(scorer.asked.side == 0);
    }
  }
}

TEST_CASE("what is kept lies in the store's grid, whatever the scorer's tiles", "[pairs]") {
  for (const PairSet& pairs : {PairSet::all(23), PairSet::rectangle(9, 14)}) {
    for (const index_t side : {1, 3, 7, 40}) {
      for (const PairGrid& grid :
           {PairGrid(pairs, 1), PairGrid(pairs, 4), PairGrid(pairs, 8), PairGrid(pairs, 5, {3, 7}, {6})}) {
        Numbers scorer(pairs.symmetric(), side);
        Shelf shelf;
        host::KeptPairs kept{shelf, grid};
        DistanceMatrix out = matrix_of(pairs);
        host::score_pairs(scorer, pairs, 0, {}, &kept, out);
        check(out, pairs.symmetric());
        CHECK(scorer.asked.side == grid.side());
        index_t count = 0;
        for (const auto& [place, content] : shelf.tiles) {
          const Tile& tile = content.first;
          REQUIRE(tile == grid.tile(grid.row_of(tile.row), grid.column_of(tile.column)));
          count += pairs.count(tile);
        }
        CHECK(count == pairs.count());
      }
    }
  }
}

TEST_CASE("the strips of a grid begin anew where they are told to", "[pairs]") {
  const PairGrid grid(PairSet::rectangle(10, 9), 4, {6}, {1, 5});
  std::vector<Tile> tiles;
  grid.for_each([&](index_t, index_t, const Tile& tile) { tiles.push_back(tile); });
  REQUIRE(tiles.size() == 3 * 3);
  CHECK((tiles[0] == Tile{0, 0, 4, 1} && tiles[4] == Tile{4, 1, 2, 4} && tiles[8] == Tile{6, 5, 4, 4}));
  CHECK((grid.row_of(3) == 0 && grid.row_of(5) == 1 && grid.row_of(6) == 2 && grid.row_of(9) == 2));
  CHECK((grid.column_of(0) == 0 && grid.column_of(4) == 1 && grid.column_of(8) == 2));
}

TEST_CASE("only what the store does not have is scored", "[pairs]") {
  for (const PairSet& pairs : {PairSet::all(23), PairSet::rectangle(9, 14)}) {
    Shelf shelf;
    host::KeptPairs kept{shelf, PairGrid(pairs, 4)};
    DistanceMatrix first = matrix_of(pairs), again = matrix_of(pairs);
    Numbers all(pairs.symmetric(), 7), missing(pairs.symmetric(), 7);
    host::score_pairs(all, pairs, 0, {}, &kept, first);
    std::set<std::pair<index_t, index_t>> lost;
    for (const auto& place : {std::pair<index_t, index_t>{0, 4}, {4, 4}, {4, 12}}) {
      for_each_pair(shelf.tiles.at(place).first, pairs.symmetric(),
                    [&](index_t i, index_t j, std::size_t) { lost.emplace(i, j); });
      shelf.tiles.erase(place);
    }
    index_t told_first = -1, told_last = -1;
    const auto progress = [&](const ProgressEvent& event) {
      if (told_first < 0) told_first = event.done;
      told_last = event.done;
      CHECK(event.total == pairs.count());
      return true;
    };
    host::score_pairs(missing, pairs, 0, progress, &kept, again);
    check(again, pairs.symmetric());
    CHECK(missing.scored.size() == lost.size());
    for (const auto& [pair, times] : missing.scored) CHECK((times == 1 && lost.contains(pair)));
    CHECK(told_first == pairs.count() - static_cast<index_t>(lost.size()));
    CHECK(told_last == pairs.count());
  }
}

TEST_CASE("a run that is cancelled keeps its whole tiles", "[pairs]") {
  const PairSet pairs = PairSet::all(23);
  Shelf shelf;
  host::KeptPairs kept{shelf, PairGrid(pairs, 4)};
  DistanceMatrix out = matrix_of(pairs);
  Numbers scorer(true, 8);
  int left = 3;
  const auto progress = [&](const ProgressEvent&) { return --left > 0; };
  CHECK_THROWS_AS(host::score_pairs(scorer, pairs, 0, progress, &kept, out), Error);
  CHECK(scorer.scored.size() == 7 * 6 / 2 + 8 * 7);  // the last two tiles of side 8
  index_t count = 0;
  for (const auto& [place, content] : shelf.tiles) count += pairs.count(content.first);
  CHECK(count == static_cast<index_t>(scorer.scored.size()));
}

TEST_CASE("a store whose results cannot be taken up is an error that says so", "[pairs]") {
  CHECK_THROWS_WITH(PairGrid(PairSet::all(3), -1), Catch::Contains("cannot be taken up"));
}

TEST_CASE("a matrix of one collection keeps each pair once", "[pairs]") {
  DistanceMatrix d(names(5));
  for (index_t i = 0; i < 5; ++i) {
    for (index_t j = i; j < 5; ++j) d.at(j, i) = host::exact(static_cast<double>(10 * i + j));
  }
  for (index_t i = 0; i < 5; ++i) {
    for (index_t j = 0; j < 5; ++j) {
      CHECK(&d.at(i, j) == &d.at(j, i));
      CHECK(d(i, j) == static_cast<double>(10 * std::min(i, j) + std::max(i, j)));
      CHECK(d.distances()[static_cast<std::size_t>(5 * i + j)] == d(i, j));
    }
  }
  CHECK(d.column_names() == d.row_names());
  CHECK((d.rows() == 5 && d.columns() == 5 && d.symmetric()));
}
