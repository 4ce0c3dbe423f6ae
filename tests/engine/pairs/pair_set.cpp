/// Pairs and tiles by their definitions: counts, parts, and plans that hold every pair once.
#include "host/engine/pairs/pair_scorer.hpp"
#include "host/engine/pairs/stored_tiles.hpp"

#include <kindred/pairs.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <utility>
#include <vector>

using namespace kindred;

namespace {

using Counts = std::map<std::pair<index_t, index_t>, int>;

/// How often each pair lies in the tiles.
Counts pairs_of(const std::vector<Tile>& tiles, bool symmetric) {
  Counts out;
  for (const Tile& t : tiles) {
    for (index_t i = t.row; i < t.row + t.rows; ++i) {
      for (index_t j = t.column; j < t.column + t.columns; ++j) {
        if (!symmetric || i < j) ++out[{i, j}];
      }
    }
  }
  return out;
}

bool each_once(const Counts& counts) {
  for (const auto& [pair, count] : counts) {
    if (count != 1) return false;
  }
  return true;
}

std::vector<PairSet> sets() {
  std::vector<PairSet> out;
  for (const index_t n : {0, 1, 2, 7, 31, 33}) out.push_back(PairSet::all(n));
  for (const auto& [rows, columns] : std::vector<std::pair<index_t, index_t>>{{0, 3}, {1, 1}, {5, 1}, {7, 33}}) {
    out.push_back(PairSet::rectangle(rows, columns));
  }
  out.push_back(PairSet::all(33).in({{0, 0, 8, 8}, {8, 16, 8, 17}, {16, 24, 8, 9}}));
  out.push_back(PairSet::rectangle(20, 30).in({{4, 0, 4, 30}, {12, 8, 4, 8}}));
  return out;
}

/// Asks for `preferred` pairs at once and scores nothing.
class Planner final : public host::OperatorScorer {
 public:
  Planner(bool symmetric, index_t preferred) : OperatorScorer(symmetric), preferred_(preferred) {}
  void run(std::span<const host::PairIndex>, std::span<PairResult>) override {}
  [[nodiscard]] index_t preferred_tile() const override { return preferred_; }

 private:
  index_t preferred_;
};

}  // namespace

TEST_CASE("a set counts its pairs, and those in a tile", "[pairs]") {
  CHECK(PairSet::all(4).count() == 6);
  CHECK(PairSet::rectangle(3, 5).count() == 15);
  CHECK(PairSet::all(9).count({2, 1, 3, 4}) == 2 + 1);  // of rows 2, 3, 4 and columns 1 .. 4: (2, 3), (2, 4), (3, 4)
  for (const PairSet& set : sets()) {
    CHECK(set.count() == static_cast<index_t>(pairs_of(set.tiles(), set.symmetric()).size()));
  }
}

TEST_CASE("the part of a set in a tile is what both have", "[pairs]") {
  std::mt19937 random(5);
  const auto any = [&](index_t n) { return static_cast<index_t>(random() % static_cast<unsigned>(n + 1)); };
  for (const PairSet& set : sets()) {
    const Counts whole = pairs_of(set.tiles(), set.symmetric());
    for (int repeat = 0; repeat < 30; ++repeat) {
      const index_t row = any(set.rows()), column = any(set.columns());
      const Tile tile{row, column, any(set.rows() - row), any(set.columns() - column)};
      const Counts inside = pairs_of({tile}, set.symmetric()), part = pairs_of(set.within(tile), set.symmetric());
      Counts expected;
      for (const auto& [pair, count] : inside) {
        if (whole.contains(pair)) expected[pair] = 1;
      }
      CHECK(part == expected);
    }
  }
  // Strips that lie one below the other are one rectangle again.
  const std::vector<Tile> strips = {{0, 0, 4, 9}, {4, 0, 4, 9}, {8, 0, 1, 9}};
  CHECK(PairSet::rectangle(9, 9).in(strips).within({2, 3, 6, 6}) == std::vector<Tile>{{2, 3, 6, 6}});
}

TEST_CASE("the grid's tiles hold every pair once, and join to strips", "[pairs]") {
  for (const PairSet& set : {PairSet::all(0), PairSet::all(1), PairSet::all(17), PairSet::rectangle(9, 20)}) {
    for (const index_t side : {1, 4, 8, 100}) {
      const auto tiles = host::stored_tiles(set, side);
      const Counts all = pairs_of(set.tiles(), set.symmetric());
      CHECK(pairs_of(tiles, set.symmetric()) == all);
      std::vector<Tile> joined;
      for (const Tile& tile : tiles) host::append_joined(joined, tile);
      CHECK(pairs_of(joined, set.symmetric()) == all);
      for (const Tile& t : tiles) {
        CHECK((t.row % side == 0 && t.column % side == 0 && t.rows <= side && t.columns <= side));
        CHECK(set.count(t) > 0);
      }
    }
  }
}

TEST_CASE("the squares of a large comparison are larger, so that they are not too many", "[pairs]") {
  CHECK(host::kept_side(PairSet::all(100), 8) == 8);
  CHECK(host::kept_side(PairSet::all(100), 4) == 4);
  CHECK(host::kept_side(PairSet::all(100000), 64) == 64);
  CHECK(host::kept_side(PairSet::all(20000), 8) == 32);
  CHECK(host::kept_side(PairSet::all(20000), 4) == 32);
  CHECK(host::kept_side(PairSet::all(1000000), 4) == 32);
  // 5792 systems: 724 strips of eight, 262,450 squares.
  CHECK(host::kept_side(PairSet::all(5792), 8) == 8);
  CHECK(host::kept_side(PairSet::all(5793), 8) == 16);
  CHECK(host::kept_side(PairSet::rectangle(5792, 2896), 8) == 8);
}

TEST_CASE("a plan holds every pair once, in tiles of the size asked for", "[pairs]") {
  for (const PairSet& set : sets()) {
    const Counts all = pairs_of(set.tiles(), set.symmetric());
    for (const index_t preferred : {1, 5, 64, 4000}) {
      for (const index_t most : {0, 1, 3, 50}) {
        for (const index_t side : {0, 4, 8}) {
          const auto tiles = Planner(set.symmetric(), preferred).plan(set, {most, side});
          CAPTURE(set.rows(), set.columns(), preferred, most, side);
          REQUIRE(pairs_of(tiles, set.symmetric()) == all);
          REQUIRE(each_once(pairs_of(tiles, set.symmetric())));
          for (const Tile& t : tiles) {
            if (most > 0) REQUIRE(set.count(t) <= most);
          }
        }
      }
    }
  }
}

TEST_CASE("a plan without limits keeps a device busy", "[pairs]") {
  // 64 pairs at once: no more than so many, and on average more than half.
  const auto tiles = Planner(true, 64).plan(PairSet::all(60), {});
  for (const Tile& t : tiles) CHECK(PairSet::all(60).count(t) <= 64);
  CHECK(std::size(tiles) <= 2 * 60 * 59 / 2 / 64);
  CHECK(Planner(true, 64).plan(PairSet::all(9), {}).size() == 1);
}
