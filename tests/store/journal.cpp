/// A comparison that is stopped, killed or out of disk goes on from its journal and gives the same bits.
#include "host/store/build_id.hpp"
#include "tests/io/files.hpp"
#include "tests/support/operators.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <bit>
#include <fstream>

using namespace kindred;
using Catch::Contains;

namespace {

Dsa quick() {
  Dsa dsa;
  dsa.effort = Effort::fast;
  return dsa;
}

bool same_bits(const PairResult& a, const PairResult& b) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  return bits(a.distance) == bits(b.distance) && bits(a.lower_bound) == bits(b.lower_bound) &&
         bits(a.gap) == bits(b.gap) && a.refinements == b.refinements && a.status == b.status;
}

bool same_bits(const DistanceMatrix& a, const DistanceMatrix& b) {
  for (index_t i = 0; i < a.rows(); ++i) {
    for (index_t j = 0; j < a.columns(); ++j) {
      if (!same_bits(a.at(i, j), b.at(i, j))) return false;
    }
  }
  return a.rows() == b.rows() && a.columns() == b.columns();
}

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

/// A finished journal of ten pairs in tiles of four.
struct Finished {
  files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet set = test::gaussians(5, 3);
  Engine engine{Device::cpu(1), {.tile_pairs = 4}};
  const DistanceMatrix whole = resume(engine, set, file).matrix;
  const std::string content = files::read(file);
  const std::size_t head = head_bytes(content), tile = 12 + 4 * 32;
};

}  // namespace

TEST_CASE("journal: a cancelled comparison goes on where it was, with the same bits", "[engine][job][devices]") {
  const files::Folder folder;
  const OperatorSet set = test::gaussians(9, 4), others = test::gaussians(5, 4);
  for (const Metric& metric : {Metric(quick()), Metric(Spectral{})}) {
    Engine tiles_of_three(test::device(), {.tile_pairs = 3}), engine(test::device());
    const std::string file = folder / ("pairs" + std::to_string(metric.index()));
    const DistanceMatrix whole = engine.pairwise(set, metric);
    for (const int tiles : {0, 1, 4}) {
      Journal journal(file);
      CHECK_THROWS_AS((void)tiles_of_three.pairwise(set, metric, stop_after(tiles), &journal), Error);
    }
    index_t kept = 0;
    Journal journal(file, [&](const Journal::State& state) { kept = state.kept; });
    CHECK(same_bits(engine.pairwise(set, metric, {}, &journal), whole));
    CHECK(kept == 15);
    // Finished: nothing is left to compute.
    CHECK(same_bits(engine.pairwise(set, metric, stop_after(1), &journal), whole));
    CHECK(kept == 36);

    Journal table(file + "-cross", [&](const Journal::State& state) { kept = state.kept; });
    CHECK_THROWS_AS((void)tiles_of_three.cross(set, others, metric, stop_after(7), &table), Error);
    CHECK(same_bits(engine.cross(set, others, metric, {}, &table), engine.cross(set, others, metric)));
    CHECK(kept == 21);
  }
}

TEST_CASE("journal: cut off anywhere, it is good up to the last whole tile", "[job]") {
  Finished done;
  REQUIRE(done.content.size() == done.head + 2 * done.tile + 12 + 2 * 32);
  for (std::size_t bytes = 0; bytes <= done.content.size(); ++bytes) {
    write_part(done.file, done.content, bytes);
    const Resumed again = resume(done.engine, done.set, done.file);
    const std::size_t tiles = bytes < done.head ? 0 : (bytes - done.head) / done.tile;
    CAPTURE(bytes);
    REQUIRE(same_bits(again.matrix, done.whole));
    REQUIRE(again.state.kept == (bytes == done.content.size() ? 10 : static_cast<index_t>(4 * tiles)));
    REQUIRE_FALSE(again.state.damaged);
    REQUIRE(files::read(done.file) == done.content);
  }
}

TEST_CASE("journal: a changed byte is found, and its tile computed again", "[job]") {
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
    const Resumed again = resume(done.engine, done.set, done.file);
    REQUIRE(same_bits(again.matrix, done.whole));
    REQUIRE(again.state.kept == static_cast<index_t>(4 * ((at - done.head) / done.tile)));
    REQUIRE(again.state.discarded == done.content.size() - done.head - (at - done.head) / done.tile * done.tile);
    REQUIRE(files::read(done.file) == done.content);
  }
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
  CHECK_THAT(refusal(set, other), Contains("metric is 'effort default', the journal's is 'effort fast'"));
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
  other.normalize = false;
  CHECK_THAT(refusal(set, other), Contains("'score euclidean, normalize no'"));
  other = quick();
  other.zero_pad = other.certify = true;
  CHECK_THAT(refusal(set, other), Contains("'zero-pad yes, certify yes'"));
  CHECK_THAT(refusal(set, Spectral{}), Contains("'spectral'"));
  CHECK_THAT(refusal(test::gaussians(6, 3), quick()), Contains("'6 systems'"));
  OperatorSet changed = set;
  changed[3].values[2] = std::nextafter(changed[3].values[2], 9.0);
  CHECK_THAT(refusal(changed, quick()), Contains("system 4, 'g3'"));
  changed = set;
  std::swap(changed[0], changed[1]);
  CHECK_THAT(refusal(changed, quick()), Contains("system 1, 'g1'"));
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

  Engine engine(Device::cpu(1));
  const std::vector<double> values(30, 1.0);
  const std::vector systems{TrajectorySet::view("a", values.data(), 1, 10, 3)};
  Journal journal(taken);
  CHECK_THAT(files::error_of([&] { (void)engine.pairwise(systems, Cka{}, {}, &journal); }),
             Contains("compares recordings"));
}

TEST_CASE("journal: a full disk is an error, and what is kept stays good", "[job]") {
  const files::Folder folder;
  const std::string file = folder / "journal";
  const OperatorSet set = test::gaussians(9, 3);
  Engine engine(Device::cpu(1), {.tile_pairs = 4});
  const DistanceMatrix whole = engine.pairwise(set, quick());
  std::string message;
  {
    const files::SmallDisk disk(800);
    message = files::error_of([&] { (void)resume(engine, set, file); });
  }
  CHECK_THAT(message, Contains("cannot be written") && Contains("pairs are kept"));
  const std::string content = files::read(file);
  CHECK((content.size() - head_bytes(content)) % (12 + 4 * 32) == 0);
  const Resumed again = resume(engine, set, file);
  CHECK(again.state.kept > 0);
  CHECK(again.state.kept < 36);
  CHECK(again.state.discarded == 0);
  CHECK(same_bits(again.matrix, whole));
}
