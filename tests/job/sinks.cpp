/// Jobs: results that go to a sink tile by tile are those of the matrix in memory, to the bit.
#include <catch2/catch.hpp>

#include "tests/io/files.hpp"
#include "tests/job/scenes.hpp"

#include <kindred/journal.hpp>

#include <cstdint>
#include <deque>
#include <limits>

using namespace kindred;
using Catch::Contains;

namespace {

/// A .npy of version 1.0, read by hand: the text of its header and the bytes behind it.
struct Npy {
  std::string header, data;
};
Npy read_npy(const std::string& path) {
  const std::string bytes = files::read(path);
  REQUIRE(bytes.substr(0, 6) == "\x93NUMPY");
  const std::size_t length = static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]);
  return {bytes.substr(10, length), bytes.substr(10 + length)};
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

double number_of(const PairResult& pair, PairValue value) {
  return value == PairValue::distance      ? pair.distance
         : value == PairValue::lower_bound ? pair.lower_bound
                                           : static_cast<double>(pair.status);
}

/// What a file should hold: row by row, or the pairs i < j by an explicit double loop.
std::vector<double> expected(const DistanceMatrix& matrix, const MatrixForm& form) {
  std::vector<double> out;
  for (index_t i = 0; i < matrix.rows(); ++i) {
    for (index_t j = form.condensed ? i + 1 : 0; j < matrix.columns(); ++j) {
      out.push_back(number_of(matrix.at(i, j), form.value));
    }
  }
  return out;
}

std::vector<MatrixForm> forms_of(const PairSet& pairs) {
  std::vector<MatrixForm> out;
  for (const PairValue value : {PairValue::distance, PairValue::lower_bound, PairValue::status}) {
    for (const bool float32 : {false, true}) {
      out.push_back({value, false, float32});
      if (pairs.symmetric()) out.push_back({value, true, float32});
    }
  }
  return out;
}

void check_file(const std::string& path, const DistanceMatrix& matrix, const MatrixForm& form) {
  const Npy file = read_npy(path);
  const std::vector<double> values = expected(matrix, form);
  std::vector<float> rounded;
  for (const double v : values) rounded.push_back(static_cast<float>(v));
  CHECK(file.data == (form.float32 ? bytes_of(rounded) : bytes_of(values)));
  const std::string shape = form.condensed
                                ? "(" + std::to_string(values.size()) + ",)"
                                : "(" + std::to_string(matrix.rows()) + ", " + std::to_string(matrix.columns()) + ")";
  CHECK(file.header.find("'shape': " + shape) != std::string::npos);
  CHECK(file.header.find(form.float32 ? "'<f4'" : "'<f8'") != std::string::npos);
}

}  // namespace

TEST_CASE("every sink gets what the matrix in memory holds, in tiles of any size and within any budget", "[job]") {
  for (const test::Scene& scene : test::scenes()) {
    INFO(scene.name);
    Engine plain(Device::cpu(1));
    const DistanceMatrix matrix = scene.matrix(plain);
    // With the smallest budget, blocks of one operator are prepared; cka needs room for two recordings.
    for (const EngineOptions options : {EngineOptions{0, 0}, EngineOptions{0, 1}, EngineOptions{0, 7},
                                        EngineOptions{1 << 18, 0}, EngineOptions{1 << 16, 5}}) {
      Engine engine(Device::cpu(2), options);
      const files::Folder folder;
      const std::vector<MatrixForm> forms = forms_of(scene.pairs);
      std::deque<MatrixFile> matrices;
      DistanceMatrix held = test::empty_matrix(scene.pairs);
      std::vector<PairSink*> sinks{&held};
      for (std::size_t k = 0; k < forms.size(); ++k) {
        sinks.push_back(&matrices.emplace_back(folder / (std::to_string(k) + ".npy"), scene.pairs, forms[k]));
      }
      Tee all(sinks);
      scene.score(engine, all, {});
      test::require_equal(held, matrix);
      for (std::size_t k = 0; k < forms.size(); ++k) {
        matrices[k].commit();
        check_file(folder / (std::to_string(k) + ".npy"), matrix, forms[k]);
      }
    }
  }
}

TEST_CASE("parts of a job give the pairs and the diagonal of their tiles, once each", "[job]") {
  struct Counts : PairSink {
    explicit Counts(const PairSet& all) : pairs(all), out(test::empty_matrix(all)) {}
    void put(const Tile& tile, std::span<const PairResult> results) override {
      out.put(tile, results);
      count += pairs.count(tile);
    }
    void put_self(index_t i, const PairResult& result) override {
      out.put_self(i, result);
      ++selves;
    }
    PairSet pairs;
    DistanceMatrix out;
    index_t count = 0, selves = 0;
  };
  for (const test::Scene& scene : test::scenes()) {
    INFO(scene.name);
    Engine engine(Device::cpu(1));
    const DistanceMatrix matrix = scene.matrix(engine);
    const index_t rows = scene.pairs.rows(), columns = scene.pairs.columns();
    const std::vector<Tile> tiles = {{0, 0, 4, columns}, {4, 0, rows - 4, 6}, {4, 6, rows - 4, columns - 6}};
    Counts together(scene.pairs), handed(scene.pairs);
    scene.score(engine, together, {.tiles = tiles, .more = {}, .store = nullptr, .progress = {}});
    std::size_t next = 0;
    const auto more = [&] { return next < tiles.size() ? std::vector<Tile>{tiles[next++]} : std::vector<Tile>(); };
    scene.score(engine, handed, {.tiles = {}, .more = more, .store = nullptr, .progress = {}});
    for (const Counts* counts : {&together, &handed}) {
      test::require_equal(counts->out, matrix);
      CHECK(counts->count == scene.pairs.count());
      CHECK(counts->selves == (scene.pairs.symmetric() ? rows : 0));
    }
    Counts corner(scene.pairs);
    scene.score(engine, corner, {.tiles = {{2, 1, 3, 5}}, .more = {}, .store = nullptr, .progress = {}});
    CHECK(corner.count == scene.pairs.count({2, 1, 3, 5}));
    CHECK(corner.selves == (scene.pairs.symmetric() ? 3 : 0));
    JobOptions outside;
    outside.tiles = {{0, 0, rows + 1, 1}};
    CHECK_THROWS_WITH(scene.score(engine, corner, outside), Contains("JobOptions::tiles"));
  }
}

TEST_CASE("a job goes on from its store, with parts that cut through the store's squares", "[job]") {
  const files::Folder folder;
  for (const test::Scene& scene : test::scenes()) {
    INFO(scene.name);
    Engine engine(Device::cpu(1));
    const DistanceMatrix matrix = scene.matrix(engine);
    const std::string path = folder / (scene.name + ".journal");
    DistanceMatrix out = test::empty_matrix(scene.pairs);
    const index_t rows = scene.pairs.rows(), columns = scene.pairs.columns();
    {
      Journal journal(path);
      scene.score(engine, out, {.tiles = {{0, 0, 9, columns}}, .more = {}, .store = &journal, .progress = {}});
    }
    index_t kept = 0;
    Journal journal(path, [&](const Journal::State& state) { kept = state.kept; });
    scene.score(
        engine, out,
        {.tiles = {{0, 0, 3, columns}, {3, 0, rows - 3, columns}}, .more = {}, .store = &journal, .progress = {}});
    if (scene.name != "bounds") CHECK(kept > 0);  // whose squares of 64 systems have no whole one in the part
    test::require_equal(out, matrix);
  }
}

TEST_CASE("a matrix appears when it is committed, and whole", "[job]") {
  const files::Folder folder;
  const std::vector<PairResult> three(3);
  {
    MatrixFile file(folder / "D.npy", PairSet::all(4));
    file.put({0, 1, 1, 3}, three);
    CHECK(folder.names() != std::vector<std::string>{"D.npy"});
    CHECK_THROWS_WITH(file.commit(), Contains("of the 6 pairs of this matrix 3 have come"));
  }
  CHECK(folder.names().empty());
  CHECK_THROWS_WITH(
      MatrixFile(folder / "D.npy", PairSet::rectangle(2, 3), MatrixForm{PairValue::distance, true, false}),
      Contains("MatrixForm::condensed"));
  CHECK_THROWS_WITH(MatrixFile("/dev/null", PairSet::all(4)), Contains("not a pipe or a device"));
}

TEST_CASE("a disk without room for a matrix is an error that says so, before anything is computed", "[job]") {
  const files::Folder folder;
  std::string told;
  ErrorCode code{};
  {
    const files::SmallDisk disk(1 << 16);
    told = files::error_of([&] { const MatrixFile file(folder / "D.npy", PairSet::all(100)); }, &code);
  }
  CHECK(code == ErrorCode::io);
  CHECK(told.find("D.npy: cannot be written: File too large (it takes 80128 bytes)") != std::string::npos);
  CHECK(folder.names().empty());
}
