/// What a journal tells of itself, parts of a comparison, and journals that are joined.
#include "tests/io/files.hpp"
#include "tests/store/same_bits.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/representations.hpp"
#include "tests/support/sinks.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;
using Catch::Contains;
using test::quick;

namespace {

/// One part of a comparison, into a journal of its own.
template <class Set>
void compute(Engine& engine, const Set& set, const Metric& metric, const std::string& file, Shard part) {
  Journal journal(file, {}, part);
  test::Nowhere nowhere;
  bool asked = false;
  const auto more = [&] { return std::exchange(asked, true) ? std::vector<Tile>{} : journal.tiles(); };
  engine.score(set, metric, nowhere, {.tiles = {}, .more = more, .store = &journal, .progress = {}});
}

/// How often each pair lies in the parts of a grid; and their numbers of pairs.
void check_parts(const PairGrid& grid, index_t count) {
  std::map<std::pair<index_t, index_t>, int> times;
  std::vector<index_t> sizes;
  index_t largest = 1;
  grid.for_each([&](index_t, index_t, const Tile& tile) { largest = std::max(largest, grid.pairs().count(tile)); });
  for (index_t k = 1; k <= count; ++k) {
    index_t size = 0;
    for (const Tile& run : tiles_of(grid, {k, count})) {
      // Whole tiles of the grid.
      const Tile first = grid.tile(grid.row_of(run.row), grid.column_of(run.column)),
                 last = grid.tile(grid.row_of(run.row), grid.column_of(run.column + run.columns - 1));
      REQUIRE((first.row == run.row && first.rows == run.rows && first.column == run.column));
      REQUIRE(last.column + last.columns == run.column + run.columns);
      for_each_pair(run, grid.pairs().symmetric(), [&](index_t i, index_t j, std::size_t) {
        ++times[{i, j}];
        ++size;
      });
    }
    sizes.push_back(size);
  }
  CAPTURE(grid.pairs().rows(), grid.side(), count);
  REQUIRE(static_cast<index_t>(times.size()) == grid.pairs().count());
  REQUIRE(std::all_of(times.begin(), times.end(), [](const auto& entry) { return entry.second == 1; }));
  // A run ends within half a tile of where it would end if pairs could be cut anywhere; at most 16 runs a part, two
  // ends each.
  const auto [low, high] = std::minmax_element(sizes.begin(), sizes.end());
  REQUIRE(*high - *low <= 32 * largest);
  const double share = static_cast<double>(grid.pairs().count()) / static_cast<double>(count);
  if (share > 200.0 * static_cast<double>(largest)) REQUIRE(static_cast<double>(*high) <= 1.05 * share);
}

void set_times(const std::string& file, std::uint32_t began, std::uint32_t step) {
  // Of each tile: bytes 20 to 28 are the run's beginning and the milliseconds since; bytes 4 to 8 the checksum of all
  // after.
  std::string content = files::read(file);
  std::uint32_t milliseconds = 0;
  for (std::size_t at = content.find("\nend: ") + 15; at < content.size();) {
    std::uint32_t pairs = 0;
    std::memcpy(&pairs, content.data() + at + 16, 4);
    milliseconds += step;
    std::memcpy(content.data() + at + 20, &began, 4);
    std::memcpy(content.data() + at + 24, &milliseconds, 4);
    const std::size_t bytes = 28 + 32 * pairs;
    const auto crc =
        static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data() + at + 8), bytes - 8));
    std::memcpy(content.data() + at + 4, &crc, 4);
    at += bytes;
  }
  std::ofstream(file, std::ios::binary) << content;
}

}  // namespace

TEST_CASE("parts: every pair is in one, and they are of about one size", "[job][parts]") {
  for (const index_t count : {1, 2, 3, 7, 40}) {
    for (const index_t n : {1, 2, 9, 30, 203}) {
      check_parts(PairGrid(PairSet::all(n), 4), count);
      check_parts(PairGrid(PairSet::rectangle(n, 17), 8), count);
    }
    check_parts(PairGrid(PairSet::all(203), 4, {9, 51}), count);
    check_parts(PairGrid(PairSet::rectangle(30, 90), 4, {9}, {5, 33}), count);
  }
  CHECK_THAT(files::error_of([] { (void)PairGrid(PairSet::all(3), 0); }), Contains("0 systems a side"));
}

TEST_CASE("parts: merged in any order they are the whole, to the bit", "[job][parts]") {
  Engine engine(Device::cpu(2));
  const auto check = [&](const auto& set, const Metric& metric) {
    const auto whole = engine.pairwise(set, metric);
    const auto n = static_cast<index_t>(set.size());
    for (const index_t count : {2, 3}) {
      const files::Folder folder;
      std::vector<std::filesystem::path> parts;
      for (index_t k = count; k >= 1; --k) {
        parts.emplace_back(folder / ("part" + std::to_string(k)));
        compute(engine, set, metric, parts.back(), {k, count});
        const JournalStatus status = status_of_journal(parts.back());
        CHECK((status.part == Shard{k, count} && status.left() == 0 && status.pairs < n * (n - 1) / 2));
      }
      std::swap(parts[0], parts[1]);
      const std::string joined = folder / "joined";
      const JournalMerge merge = merge_journals(parts, joined);
      CHECK((merge.pairs == n * (n - 1) / 2 && merge.kept == merge.pairs && merge.duplicates == 0));
      Journal::State state;
      Journal journal(joined, [&](const Journal::State& s) { state = s; });
      REQUIRE(test::same_bits(engine.pairwise(set, metric, {}, &journal), whole));
      CHECK(state.kept == state.pairs);
    }
  };
  check(test::gaussians(21, 3), quick());
  check(test::gaussians(21, 3), Spectral{});
  check(test::collection(2, 30, {3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5, 6, 7, 3, 4, 5, 6}), Cka{});
}

TEST_CASE("parts: a journal of one is not that of another, nor of all", "[job][parts]") {
  const files::Folder folder;
  const std::string file = folder / "part";
  const OperatorSet set = test::gaussians(9, 3);
  Engine engine(Device::cpu(1));
  compute(engine, set, quick(), file, {1, 3});
  const auto refusal = [&](Shard part) { return files::error_of([&] { compute(engine, set, quick(), file, part); }); };
  CHECK_THAT(refusal({2, 3}), Contains("is of part 1 of 3 of the comparison, not of part 2 of 3"));
  CHECK_THAT(refusal({}), Contains("is of part 1 of 3 of the comparison, not of all of it; merge"));
  CHECK(refusal({1, 3}) == "no error");
  for (const Shard part : {Shard{0, 3}, Shard{4, 3}, Shard{1, 0}}) {
    CHECK_THAT(files::error_of([&] { const Journal journal(folder / "no", {}, part); }), Contains("Shard::number is"));
  }
  // A journal of all takes up a part.
  const std::string whole = folder / "whole";
  compute(engine, set, quick(), whole, {});
  compute(engine, set, quick(), whole, {2, 3});
  CHECK(status_of_journal(whole).left() == 0);
}

TEST_CASE("merge: equal pairs count once, others are refused by name", "[job][merge]") {
  const files::Folder folder;
  const OperatorSet set = test::gaussians(9, 3);
  Engine engine(Device::cpu(1));
  const std::string a = folder / "a", b = folder / "b", out = folder / "out";
  compute(engine, set, quick(), a, {1, 2});
  compute(engine, set, quick(), b, {});
  const auto merge = [&](const std::vector<std::filesystem::path>& journals) {
    return files::error_of([&] { (void)merge_journals(journals, out); });
  };
  const JournalMerge merged = merge_journals(std::vector<std::filesystem::path>{a, b}, out);
  CHECK(merged.kept == 36);
  CHECK(merged.duplicates == status_of_journal(a).done);
  // Half of it, with a tile that is cut off.
  std::string content = files::read(a);
  content.resize(content.size() - 3);
  const std::string torn = folder.write("torn", content);
  const JournalMerge half = merge_journals(std::vector<std::filesystem::path>{torn}, out);
  CHECK((half.kept < merged.duplicates && half.unreadable.size() == 1));
  CHECK(half.unreadable[0] > 28);

  const std::string before = files::read(out);
  const std::string other = folder / "other";
  compute(engine, set, Spectral{}, other, {});
  CHECK_THAT(merge({a, other}), Contains("journal " + other) &&
                                    Contains("belongs to another comparison than journal " + a) &&
                                    Contains("metric is 'spectral"));
  OperatorSet changed = set;
  changed[3].values[2] = std::nextafter(changed[3].values[2], 9.0);
  compute(engine, changed, quick(), folder / "changed", {});
  CHECK_THAT(merge({a, folder / "changed"}), Contains("its system 4, 'g3', is not the 'g3' of journal " + a));
  compute(engine, test::gaussians(10, 3), quick(), folder / "more", {});
  CHECK_THAT(merge({a, folder / "more"}), Contains("has 9 systems, this one 10 systems"));
  compute(engine, test::gaussians(10, 3), quick(), b, {});
  CHECK_THAT(merge({folder / "more", b}), Contains("systems were added to it in other steps"));
  CHECK_THAT(merge({}), Contains("no journals"));
  CHECK_THAT(merge({a, folder / "none"}), Contains("none: cannot be read"));
  {
    const Journal busy(a);
    CHECK_THAT(merge({a}), Contains("in use by another process"));
  }
  // The same tile with another result, and a right checksum.
  content = files::read(a);
  const std::size_t at = content.find("TILE");
  std::uint32_t pairs = 0;
  std::memcpy(&pairs, content.data() + at + 16, 4);
  content[at + 30] = static_cast<char>(content[at + 30] ^ 1);
  const auto crc =
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data() + at + 8), 20 + 32 * pairs));
  std::memcpy(content.data() + at + 4, &crc, 4);
  folder.write("wrong", content);
  CHECK_THAT(merge({a, folder / "wrong"}), Contains("wrong: its results of systems ") && Contains("are not those of"));
  CHECK(files::read(out) == before);
}

TEST_CASE("status: what a journal holds, while it is written too", "[job][status]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet set = test::gaussians(9, 3);
  Engine engine(Device::cpu(1), {.tile_pairs = 4});
  int asked = 0;
  {
    Journal journal(file);
    const auto look = [&](const ProgressEvent& event) {
      if (std::string(event.stage) != "pairs" || event.done < 10 || event.done == event.total) return true;
      const JournalStatus status = status_of_journal(file);
      CHECK(status.writing);
      CHECK((status.done <= event.done && status.left() > 0 && !status.damaged && status.unreadable == 0));
      ++asked;
      return true;
    };
    (void)engine.pairwise(set, quick(), look, &journal);
  }
  CHECK(asked > 0);
  JournalStatus status = status_of_journal(file);
  CHECK((status.pairs == 36 && status.done == 36 && status.left() == 0 && !status.writing));
  CHECK((status.comparison.symmetric && status.comparison.rows == 9 && !status.comparison.recordings));
  CHECK(status.comparison.names.at(3) == "g3");
  CHECK_THAT(status.comparison.metric, Contains("dsa"));
  CHECK(status.seconds_left == 0.0);
  CHECK(status.seconds_since_written < 100);

  // Five tiles in five half seconds; then without the last, of 4 pairs.
  set_times(file, 1000, 500);
  status = status_of_journal(file);
  REQUIRE(status.rate);
  CHECK(std::abs(*status.rate - 36 / 2.5) <= 1e-9);
  const std::string content = files::read(file);
  std::filesystem::resize_file(file, content.rfind("TILE") + 40);
  status = status_of_journal(file);
  const double pairs = static_cast<double>(status.done);
  REQUIRE((status.rate && status.seconds_left));
  CHECK(std::abs(*status.rate - pairs / 2.0) <= 1e-9);
  CHECK(std::abs(*status.seconds_left - (36 - pairs) / (pairs / 2.0)) <= 1e-9);
  CHECK((status.unreadable == 40 && !status.damaged));

  std::string damaged = content;
  damaged[damaged.find("TILE") + 50] = static_cast<char>(damaged[damaged.find("TILE") + 50] ^ 2);
  folder.write("journal", damaged);
  status = status_of_journal(file);
  CHECK((status.damaged && status.left() > 0 && status.unreadable > 28));
  CHECK(files::read(file) == damaged);  // nothing is repaired by looking
}

TEST_CASE("status: what is no journal is said to be none", "[job][status]") {
  const files::Folder folder;
  const auto problem = [](const std::string& path) { return files::error_of([&] { (void)status_of_journal(path); }); };
  CHECK_THAT(problem(folder / "none"), Contains("cannot be read"));
  CHECK_THAT(problem(folder.write("empty", "")), Contains("empty"));
  CHECK_THAT(problem(folder.write("d.npy", "\x93NUMPY")), Contains("not a journal"));
  CHECK_THAT(problem(folder.write("old", "kindred journal 2\nbuild: x\n")), Contains("another version of kindred"));
  CHECK_THAT(problem(folder.write("begun", "kindred journal 3\nbuild: kin")), Contains("head is not whole"));
  CHECK_THAT(problem(folder / "."), Contains("not a regular file"));
}
