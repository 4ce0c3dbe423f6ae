/// A journal to which systems are added: their pairs alone are computed, with the bits of a fresh run.
#include "tests/io/files.hpp"
#include "tests/store/same_bits.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/representations.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

using namespace kindred;
using Catch::Contains;
using test::quick;

namespace {

/// Pairs that are scored: those that are not there when the first is told of.
struct Scored {
  index_t first = -1, last = 0, total = 0;
  [[nodiscard]] Progress progress() {
    return [this](const ProgressEvent& event) {
      if (std::string(event.stage) != "pairs") return true;
      if (first < 0) first = event.done;
      last = event.done;
      total = event.total;
      return true;
    };
  }
  [[nodiscard]] index_t pairs() const { return last - first; }
};

/// A journal of nine of twelve operators, to which three can be added.
struct NineOfTwelve {
  files::Folder folder;
  std::string file = folder / "journal";
  OperatorSet all = test::gaussians(12, 3);
  Engine engine{Device::cpu(1)};

  NineOfTwelve() {
    Journal journal(file);
    (void)engine.pairwise(OperatorSet(all.begin(), all.begin() + 9), quick(), {}, &journal);
  }
};

template <class Set>
Set chosen(const Set& all, const std::vector<std::size_t>& places) {
  Set out;
  for (const std::size_t k : places) out.push_back(all[k]);
  return out;
}

template <class Set>
DistanceMatrix fresh(Engine& engine, const Set& set, const Metric& metric) {
  return engine.pairwise(set, metric);
}

/// Each list of systems after the one before it, in one journal.
template <class Set>
void check(const Set& all, const Metric& metric, const std::vector<std::vector<std::size_t>>& steps) {
  const files::Folder folder;
  const std::string file = folder / "journal";
  Engine engine(Device::cpu(2)), few_pairs(Device::cpu(1), {.tile_pairs = 5});
  index_t before = 0;
  bool odd = false;
  for (const auto& places : steps) {
    const Set set = chosen(all, places);
    Journal::State state;
    Scored scored;
    DistanceMatrix grown;
    {
      Journal journal(file, [&](const Journal::State& s) { state = s; });
      grown = (odd ? engine : few_pairs).pairwise(set, metric, scored.progress(), &journal);
    }
    odd = !odd;
    const auto n = static_cast<index_t>(set.size());
    CAPTURE(metric.index(), n);
    REQUIRE(test::same_bits(grown, engine.pairwise(set, metric)));
    REQUIRE(state.kept == before * (before - 1) / 2);
    REQUIRE(state.pairs == n * (n - 1) / 2);
    REQUIRE(state.added == (before > 0 ? n - before : 0));
    REQUIRE(scored.pairs() == state.pairs - state.kept);
    REQUIRE(scored.total == state.pairs);
    const JournalStatus status = status_of_journal(file);
    REQUIRE(status.left() == 0);
    REQUIRE_FALSE(status.damaged);
    REQUIRE(status.comparison.rows == n);
    before = n;
  }
  CHECK(folder.names() == std::vector<std::string>{"journal"});
}

std::vector<std::vector<std::size_t>> in_steps() {
  // 9 systems; the same with 4 others before, between and behind; two more, and all in the reverse order.
  std::vector<std::vector<std::size_t>> steps = {{1, 2, 3, 5, 6, 7, 9, 10, 11},
                                                 {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  std::vector<std::size_t> all(15);
  std::iota(all.rbegin(), all.rend(), 0);
  steps.push_back(all);
  return steps;
}

}  // namespace

TEST_CASE("journal: added systems cost their own pairs, with the bits of a fresh run", "[job][growth]") {
  const OperatorSet operators = test::gaussians(15, 3);
  check(operators, quick(), in_steps());
  check(operators, Spectral{}, in_steps());
  const auto recordings = test::collection(2, 30, {3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5});
  check(recordings, Cka{}, in_steps());
  check(recordings, Procrustes{}, in_steps());
}

namespace {

/// A journal that is asked for squares of a given side, as a comparison of fewer or more systems asks for them.
class OfSide final : public PairStore {
 public:
  OfSide(Journal& journal, index_t side) : journal_(journal), side_(side) {}
  [[nodiscard]] Arrangement begin(const ComparisonIdentity& identity, index_t) override {
    return journal_.begin(identity, side_);
  }
  [[nodiscard]] bool has(const Tile& tile) override { return journal_.has(tile); }
  void get(const Tile& tile, std::span<PairResult> results) override { journal_.get(tile, results); }
  void put(const Tile& tile, std::span<const PairResult> results) override { journal_.put(tile, results); }

 private:
  Journal& journal_;
  index_t side_;
};

}  // namespace

TEST_CASE("journal: one that grows to where larger squares are due keeps its own", "[job][growth]") {
  const OperatorSet all = test::gaussians(45, 3);
  const files::Folder folder;
  const std::string file = folder / "journal";
  Engine engine(Device::cpu(2));
  index_t before = 0;
  for (const auto& [systems, side] : {std::pair<std::ptrdiff_t, index_t>{13, 4}, {45, 16}, {45, 32}}) {
    const OperatorSet set(all.begin(), all.begin() + systems);
    Journal::State state;
    Scored scored;
    Journal journal(file, [&](const Journal::State& s) { state = s; });
    OfSide store(journal, side);
    const DistanceMatrix grown = engine.pairwise(set, Spectral{}, scored.progress(), &store);
    REQUIRE(test::same_bits(grown, engine.pairwise(set, Spectral{})));
    CHECK(state.kept == before);
    CHECK(scored.pairs() == state.pairs - state.kept);
    CHECK(files::read(file).find("tiles: 4 systems a side") != std::string::npos);
    before = state.pairs;
  }
}

TEST_CASE("journal: equal systems keep their places apart", "[job][growth]") {
  OperatorSet set = test::gaussians(4, 3);
  set.push_back(set[1]);
  set.push_back(set[1]);
  set.push_back(test::gaussians(5, 3)[4]);
  check(set, quick(), {{1, 0, 4}, {4, 1, 2, 3, 0}, {5, 1, 6, 2, 3, 0, 4}});
}

TEST_CASE("journal: rows and columns grow apart", "[job][growth]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet all = test::gaussians(19, 3);
  Engine engine(Device::cpu(1));
  const auto run = [&](const std::vector<std::size_t>& rows, const std::vector<std::size_t>& columns, index_t kept,
                       index_t added) {
    const OperatorSet a = chosen(all, rows), b = chosen(all, columns);
    for (const index_t expected : {kept, static_cast<index_t>(rows.size() * columns.size())}) {
      Journal::State state;
      Scored scored;
      Journal journal(file, [&](const Journal::State& s) { state = s; });
      const DistanceMatrix d = engine.cross(a, b, Spectral{}, scored.progress(), &journal);
      REQUIRE(test::same_bits(d, engine.cross(a, b, Spectral{})));
      CHECK(state.kept == expected);
      CHECK(state.added == (expected == kept ? added : 0));
      CHECK(scored.pairs() == state.pairs - state.kept);
    }
  };
  run({0, 1, 2}, {10, 11, 12, 13, 14}, 0, 0);
  run({0, 1, 2}, {15, 14, 13, 12, 11, 10}, 15, 1);
  run({3, 4, 0, 1, 2}, {10, 11, 12, 13, 14, 15}, 18, 2);
  run({0, 1, 2, 3, 4, 5}, {10, 11, 12, 13, 14, 15, 16, 17, 18}, 30, 4);
  CHECK_THAT(files::error_of([&] {
               Journal journal(file);
               (void)engine.cross(all, chosen(all, {10}), Spectral{}, {}, &journal);
             }),
             Contains("its system 'g11' is not among those given"));
}

TEST_CASE("journal: one that is half finished, cut off or damaged grows too", "[job][growth]") {
  NineOfTwelve job;
  const std::string& file = job.file;
  std::string content = files::read(file);
  content.resize(content.size() - 5);
  const std::size_t second = content.find("TILE", content.find("TILE") + 4);
  content[second + 30] = static_cast<char>(content[second + 30] ^ 4);
  job.folder.write("journal", content);
  Journal::State state;
  Journal journal(file, [&](const Journal::State& s) { state = s; });
  const DistanceMatrix grown = job.engine.pairwise(job.all, quick(), {}, &journal);
  CHECK(test::same_bits(grown, job.engine.pairwise(job.all, quick())));
  CHECK((state.damaged && state.added == 3 && state.kept > 0 && state.kept < 36));
}

TEST_CASE("journal: a growth that the disk has no room for leaves what was there", "[job][growth]") {
  NineOfTwelve job;
  const std::string& file = job.file;
  const std::string before = files::read(file);
  {
    const files::SmallDisk disk(1000);
    CHECK_THAT(files::error_of([&] {
                 Journal journal(file);
                 (void)job.engine.pairwise(job.all, quick(), {}, &journal);
               }),
               Contains("cannot be written"));
  }
  CHECK(files::read(file) == before);
  CHECK(job.folder.names() == std::vector<std::string>{"journal"});
}
