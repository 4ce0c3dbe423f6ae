/// A comparison that is stopped, killed or out of disk goes on from its journal and gives the same bits.
#include "host/base/build_id.hpp"
#include "tests/io/files.hpp"
#include "tests/store/same_bits.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/representations.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>

using namespace kindred;
using Catch::Contains;
using test::quick;
using test::same_bits;

namespace {

/// Lets `tiles` tiles of pairs pass.
Progress stop_after(int tiles) {
  return [left = tiles + 1](const ProgressEvent& event) mutable {
    return std::string(event.stage) != "pairs" || --left > 0;
  };
}

/// The first `bytes` bytes of `whole`, and the byte at `flipped` changed, as a file.
void write_part(const std::string& file, const std::string& whole, std::size_t bytes,
                std::size_t flipped = std::string::npos) {
  std::string part = whole.substr(0, bytes);
  if (flipped < part.size()) part[flipped] = static_cast<char>(part[flipped] ^ 0x10);
  std::ofstream(file, std::ios::binary) << part;
}

/// What a journal tells when a comparison takes it up.
struct Resumed {
  DistanceMatrix matrix;
  Journal::State state;
};
Resumed resume(Engine& engine, const OperatorSet& set, const std::string& file) {
  Resumed out;
  Journal journal(file, [&](const Journal::State& state) { out.state = state; });
  out.matrix = engine.pairwise(set, quick(), {}, &journal);
  return out;
}

/// Where the tiles of a journal begin.
std::size_t head_bytes(const std::string& content) { return content.find('\n', content.find("\nend: ") + 1) + 1; }

/// The tiles of a journal, each its bytes: 28 of a head, with the number of pairs from the 16th on, and 32 a pair.
std::vector<std::string> tiles_of(const std::string& content) {
  std::vector<std::string> out;
  for (std::size_t at = head_bytes(content); at < content.size();) {
    std::uint32_t pairs = 0;
    std::memcpy(&pairs, content.data() + at + 16, 4);
    REQUIRE(content.substr(at, 4) == "TILE");
    REQUIRE(at + 28 + 32 * pairs <= content.size());
    out.push_back(content.substr(at, 28 + 32 * pairs));
    at += out.back().size();
  }
  return out;
}
index_t pairs_in(const std::string& tile) { return static_cast<index_t>((tile.size() - 28) / 32); }

/// The same tiles, in any order and whenever they were written.
bool same_tiles(const std::string& a, const std::string& b) {
  const auto timeless = [](const std::string& content) {
    std::vector<std::string> tiles = tiles_of(content);
    for (std::string& tile : tiles) tile = tile.substr(8, 12) + tile.substr(28);
    return tiles;
  };
  std::vector<std::string> x = timeless(a), y = timeless(b);
  std::sort(x.begin(), x.end());
  std::sort(y.begin(), y.end());
  return x == y;
}

/// A finished journal of 36 pairs: squares of four systems with 6, 16, 4, 6 and 4 of them.
struct Finished {
  files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet set = test::gaussians(9, 3);
  Engine engine{Device::cpu(1), {.tile_pairs = 4}};
  const DistanceMatrix whole = resume(engine, set, file).matrix;
  const std::string content = files::read(file);
  const std::size_t head = head_bytes(content);
  const std::vector<std::string> tiles = tiles_of(content);
};

}  // namespace

TEST_CASE("journal: a cancelled comparison goes on where it was, with the same bits", "[engine][job][devices]") {
  const files::Folder folder;
  const OperatorSet set = test::gaussians(9, 4), others = test::gaussians(5, 4);
  for (const Metric& metric : {Metric(quick()), Metric(Spectral{})}) {
    Engine tiles_of_three(test::device(), {.tile_pairs = 3}), engine(test::device());
    const std::string file = folder / ("pairs" + std::to_string(metric.index()));
    const DistanceMatrix whole = engine.pairwise(set, metric);
    index_t kept = 0, before = 0;
    for (const int tiles : {0, 1, 4, 11}) {
      Journal journal(file, [&](const Journal::State& state) { kept = state.kept; });
      CHECK_THROWS_AS((void)tiles_of_three.pairwise(set, metric, stop_after(tiles), &journal), Error);
      CHECK(kept >= before);
      before = kept;
    }
    Journal journal(file, [&](const Journal::State& state) { kept = state.kept; });
    CHECK(same_bits(engine.pairwise(set, metric, {}, &journal), whole));
    CHECK((kept >= 26 && kept < 36));  // squares of four or of eight systems
    // Finished: nothing is left to compute.
    CHECK(same_bits(engine.pairwise(set, metric, stop_after(1), &journal), whole));
    CHECK(kept == 36);

    Journal table(file + "-cross", [&](const Journal::State& state) { kept = state.kept; });
    CHECK_THROWS_AS((void)tiles_of_three.cross(set, others, metric, stop_after(17), &table), Error);
    CHECK(same_bits(engine.cross(set, others, metric, {}, &table), engine.cross(set, others, metric)));
    CHECK((kept >= 16 && kept < 45));
  }
}

TEST_CASE("journal: of recordings too, for every metric", "[job][shape]") {
  const files::Folder folder;
  // More samples than channels, and fewer.
  const auto tall = test::collection(3, 40, {2, 7, 5, 26, 7, 3, 9, 12, 4, 6, 8}),
             wide = test::collection(2, 6, {30, 40, 35, 31, 33, 50, 41, 60, 38, 44, 32});
  const auto check = [&](const std::vector<TrajectorySet>& all, const Metric& metric) {
    const std::vector<TrajectorySet> few(all.begin() + 2, all.begin() + 6);
    Engine few_pairs(Device::cpu(1), {.tile_pairs = 5}), engine(Device::cpu(2));
    const std::string file = folder / std::to_string(folder.names().size());
    CAPTURE(metric.index(), all.front().channels());
    index_t kept = 0;
    Journal journal(file, [&](const Journal::State& state) { kept = state.kept; });
    CHECK_THROWS_AS((void)few_pairs.pairwise(all, metric, stop_after(19), &journal), Error);
    const DistanceMatrix whole = engine.pairwise(all, metric);
    REQUIRE(same_bits(engine.pairwise(all, metric, {}, &journal), whole));
    CHECK((kept > 0 && kept < 55));
    REQUIRE(same_bits(engine.pairwise(all, metric, stop_after(1), &journal), whole));
    CHECK(kept == 55);
    Journal table(file + "-cross", [&](const Journal::State& state) { kept = state.kept; });
    CHECK_THROWS_AS((void)few_pairs.cross(all, few, metric, stop_after(9), &table), Error);
    REQUIRE(same_bits(engine.cross(all, few, metric, {}, &table), engine.cross(all, few, metric)));
    CHECK((kept > 0 && kept < 44));
  };
  for (const auto& systems : {tall, wide}) {
    for (const SimilarityScore score : {SimilarityScore::angular, SimilarityScore::similarity}) {
      check(systems, Cka{.score = score});
      check(systems, Cka{.estimator = CkaEstimator::song, .score = score});
      check(systems, Rsa{.score = score});
    }
    check(systems, Procrustes{});
    check(systems, Shape{.alpha = 0.3});
    check(systems, Cca{.explained_variance = 0.9});
    check(systems, LinearRegression{});
    check(systems, LinearRegression{.folds = 3});
  }
}

TEST_CASE("journal: cut off anywhere, it is good up to the last whole tile", "[job]") {
  Finished done;
  REQUIRE(done.tiles.size() == 5);
  for (std::size_t bytes = 0; bytes <= done.content.size(); ++bytes) {
    write_part(done.file, done.content, bytes);
    const Resumed again = resume(done.engine, done.set, done.file);
    index_t kept = 0;
    std::size_t end = done.head;
    for (const std::string& tile : done.tiles) {
      end += tile.size();
      if (end <= bytes) kept += pairs_in(tile);
    }
    CAPTURE(bytes);
    REQUIRE(same_bits(again.matrix, done.whole));
    REQUIRE(again.state.kept == kept);
    REQUIRE_FALSE(again.state.damaged);
    const std::string now = files::read(done.file);
    REQUIRE(now.substr(0, done.head) == done.content.substr(0, done.head));
    REQUIRE(same_tiles(now, done.content));
  }
}

TEST_CASE("journal: a changed byte is found, and its tile alone computed again", "[job]") {
  Finished done;
  for (std::size_t at = 0; at < done.content.size(); ++at) {
    write_part(done.file, done.content, done.content.size(), at);
    CAPTURE(at);
    if (at < done.head) {
      const std::string damaged = files::read(done.file);
      ErrorCode code{};
      REQUIRE_THAT(files::error_of([&] { (void)resume(done.engine, done.set, done.file); }, &code),
                   Contains("journal "));
      REQUIRE((code == ErrorCode::io || code == ErrorCode::invalid_argument));
      REQUIRE(files::read(done.file) == damaged);
      continue;
    }
    std::size_t end = done.head, hit = 0;
    while ((end += done.tiles[hit].size()) <= at) ++hit;
    const Resumed again = resume(done.engine, done.set, done.file);
    REQUIRE(same_bits(again.matrix, done.whole));
    REQUIRE(again.state.kept == 36 - pairs_in(done.tiles[hit]));
    REQUIRE(again.state.discarded == done.tiles[hit].size());
    REQUIRE(again.state.damaged);
    REQUIRE(same_tiles(files::read(done.file), done.content));
  }
}

TEST_CASE("journal: tiles count in any order, once, and whatever lies between them", "[job]") {
  Finished done;
  const std::string head = done.content.substr(0, done.head);
  const auto& t = done.tiles;
  const auto check = [&](const std::string& tiles, index_t kept, bool damaged) {
    std::ofstream(done.file, std::ios::binary) << head << tiles;
    const Resumed again = resume(done.engine, done.set, done.file);
    CHECK(same_bits(again.matrix, done.whole));
    CHECK(again.state.kept == kept);
    CHECK(again.state.damaged == damaged);
    CHECK(same_tiles(files::read(done.file), done.content));
  };
  check(t[4] + t[2] + t[0] + t[3] + t[1], 36, false);
  check(t[3], 6, false);
  check(t[3] + t[3] + t[1], 22, false);
  check(t[0] + "some other bytes" + t[1], 22, true);
  check("TILE" + t[2] + t[2].substr(0, 50) + t[1] + "TI", 20, true);
  check(t[2] + std::string(100, '\0'), 4, true);
  // A tile that says it is another one.
  std::string moved = t[2];
  moved.replace(8, 8, t[4].substr(8, 8));
  REQUIRE(moved != t[2]);
  check(t[0] + moved, 6, true);
}

TEST_CASE("journal: another comparison is refused, saying what differs", "[job]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet set = test::gaussians(5, 3);
  Engine engine(Device::cpu(1));
  (void)resume(engine, set, file);
  const std::string content = files::read(file);
  const auto refusal = [&](const OperatorSet& systems, const Metric& metric) {
    ErrorCode code{};
    const std::string message = files::error_of(
        [&] {
          Journal journal(file);
          (void)engine.pairwise(systems, metric, {}, &journal);
        },
        &code);
    CHECK(code == ErrorCode::invalid_argument);
    CHECK_THAT(message, Contains("belongs to another comparison"));
    CHECK(files::read(file) == content);
    return message;
  };
  Dsa other = quick();
  other.effort = Effort::standard;
  CHECK_THAT(refusal(set, other), Contains("metric is 'effort standard', the journal's is 'effort fast'"));
  other = quick();
  other.seed = 3;
  CHECK_THAT(refusal(set, other), Contains("'seed 3'"));
  other = quick();
  other.precision = Precision::f64;
  CHECK_THAT(refusal(set, other), Contains("'precision f64'"));
  other = quick();
  other.group = Group::special_orthogonal;
  CHECK_THAT(refusal(set, other), Contains("'group special-orthogonal'"));
  other = quick();
  other.score = DsaScore::euclidean;
  CHECK_THAT(refusal(set, other), Contains("'score euclidean'"));
  other.unit_norm = false;
  CHECK_THAT(refusal(set, other), Contains("'score euclidean, unit_norm no'"));
  other = quick();
  other.zero_pad = other.certify = true;
  CHECK_THAT(refusal(set, other), Contains("'zero_pad yes, certify yes'"));
  CHECK_THAT(refusal(set, Spectral{}),
             Contains("'spectral, score squared, measure transport, mass pad, weights uniform, order 2, prune 0'"));
  CHECK_THAT(refusal(test::gaussians(4, 3), quick()), Contains("its system 'g4' is not among those given"));
  OperatorSet changed = set;
  changed[3].values[2] = std::nextafter(changed[3].values[2], 9.0);
  CHECK_THAT(refusal(changed, quick()), Contains("system 4, 'g3'"));
  CHECK_THAT(files::error_of([&] {
               Journal journal(file);
               (void)engine.cross(set, set, quick(), {}, &journal);
             }),
             Contains("'5 systems against 5'"));

  OperatorSet renamed = set;
  renamed[2].name = "another name";
  CHECK(resume(engine, renamed, file).state.kept == 10);
}

TEST_CASE("journal: it says which build wrote it", "[job]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  Engine engine(Device::cpu(1));
  (void)resume(engine, test::gaussians(3, 2), file);
  const std::string content = files::read(file);
  const std::string build = content.substr(content.find("build: "), content.find("\nmetric") - content.find("build: "));
  CHECK_THAT(build, Contains(std::string("kindred ") + version()) && Contains("cpu ") && Contains("OpenBLAS"));
  // 20 bytes of SHA-1, the same for the life of the library
  const std::string id = host::build_id();
  CHECK(id.size() == 40);
  CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK_THAT(build, Contains(id));
}

TEST_CASE("journal: what cannot be used is left as it is", "[job]") {
  const files::Folder folder;
  const std::string data = folder.write("data.npy", "\x93NUMPY"), taken = folder / "taken";
  CHECK_THAT(files::error_of([&] { const Journal journal(data); }), Contains("not a journal"));
  CHECK(files::read(data) == "\x93NUMPY");
  for (const std::string& path : {folder / "no/such", folder / "."}) {
    CHECK_THAT(files::error_of([&] { const Journal journal(path); }), Contains("cannot be written"));
  }
  CHECK_THAT(files::error_of([&] { const Journal journal("/dev/null"); }), Contains("not a regular file"));
  {
    const Journal first(taken);
    CHECK_THAT(files::error_of([&] { const Journal second(taken); }), Contains("in use by another process"));
  }
  CHECK(folder.names() == std::vector<std::string>{"data.npy"});  // an unused journal leaves nothing
}

TEST_CASE("journal: recordings are told apart by their values and their trials", "[job][shape]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  Engine engine(Device::cpu(1));
  auto systems = test::collection(2, 30, {3, 4, 5});
  const auto run = [&](const std::vector<TrajectorySet>& all, const Metric& metric) {
    return files::error_of([&] {
      Journal journal(file);
      (void)engine.pairwise(all, metric, {}, &journal);
    });
  };
  CHECK(run(systems, Cka{}) == "no error");
  CHECK(run(systems, Cka{}) == "no error");
  CHECK_THAT(run(systems, Cka{.over_half_pi = true}), Contains("'over_half_pi yes'"));
  CHECK_THAT(run(systems, Procrustes{}), Contains("metric is 'procrustes, "));
  for (const auto& [trial, step, channel] : {std::array<index_t, 3>{0, 0, 0}, {1, 17, 2}, {1, 29, 3}}) {
    auto other = test::signals(2, 30, 4, 1);
    double& value = other.at(trial, step)[channel];
    value = std::nextafter(value, 9.0);
    auto changed = systems;
    changed[1] = simulate::own(other, "changed");
    CHECK_THAT(run(changed, Cka{}), Contains("the recording of system 2, 'changed'"));
  }
  const auto one = test::collection(1, 60, {3, 4, 5});
  CHECK_THAT(run(one, Cka{}), Contains("the recording of system 1"));
  std::swap(systems[0], systems[2]);
  CHECK(run(systems, Cka{}) == "no error");  // known by their values, not by their places
  CHECK_THAT(files::error_of([&] {
               Journal journal(file);
               (void)engine.pairwise(test::gaussians(3, 2), quick(), {}, &journal);
             }),
             Contains("metric is"));
}

TEST_CASE("journal: a full disk is an error, and what is kept stays good", "[job]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet set = test::gaussians(9, 3);
  Engine engine(Device::cpu(1), {.tile_pairs = 4});
  const DistanceMatrix whole = engine.pairwise(set, quick());
  std::string message;
  {
    const files::SmallDisk disk(1000);
    message = files::error_of([&] { (void)resume(engine, set, file); });
  }
  CHECK_THAT(message, Contains("cannot be written") && Contains("pairs are kept"));
  const std::string content = files::read(file);
  CHECK(!tiles_of(content).empty());  // whole ones alone
  const Resumed again = resume(engine, set, file);
  CHECK(again.state.kept > 0);
  CHECK(again.state.kept < 36);
  CHECK(again.state.discarded == 0);
  CHECK(same_bits(again.matrix, whole));
}
