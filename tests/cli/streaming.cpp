/// Results that go to files as they come: `--memory`, HDF5, `--condensed`, `--float32`.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <string>

using namespace kindred::test;

namespace {

/// 800 operators, whose matrix in memory is 23 MB: more than half of what 90 MB leave.
constexpr std::int64_t many = 800;
const Words bounded = {"pairwise", "--operators", "ops.npy", "--metric", "spectral", "--memory", "80M"};

/// Part of a sidecar from a key on, for as many characters.
std::string from(const std::string& text, const std::string& key, std::size_t length) {
  const std::size_t at = text.find(key);
  return at == std::string::npos ? std::string() : text.substr(at, length);
}

}  // namespace

TEST_CASE("results that stream are those of the matrix in memory", "[cli][job]") {
  const Folder folder;
  write_operators(folder, many, 2);
  const Words whole = {"pairwise", "--operators", "ops.npy", "--metric", "spectral", "--quiet"};
  REQUIRE(folder.kindred(whole + Words{"--out", "whole.npy", "--lower-bound", "wl.npy", "--status", "ws.npy"}).code ==
          0);
  const auto run = folder.kindred(
      bounded + Words{"--out", "D.npy", "--lower-bound", "L.npy", "--status", "S.npy", "--report", "report.html"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.find("results go to their files as they come, ") != std::string::npos);
  CHECK(run.out.starts_with("spectral (W2 squared): 800 systems, 319600 pairs, from "));
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
  CHECK(folder.read("L.npy") == folder.read("wl.npy"));
  CHECK(folder.read("S.npy") == folder.read("ws.npy"));
  CHECK(folder.read("report.html").find("300 systems, a sample of 800, ") != std::string::npos);
  // The same counts and range, which the whole matrix gives.
  const std::string a = folder.read("D.json"), b = folder.read("whole.json");
  for (const char* key : {"\"pairs\"", "\"smallest\"", "\"largest\""}) {
    CHECK(from(a, key, 30) == from(b, key, 30));
    CHECK_FALSE(from(a, key, 30).empty());
  }
  CHECK(from(a, "\"shown\"", 40).find("300") != std::string::npos);

  // Condensed, by an explicit double loop.
  REQUIRE(folder.kindred(bounded + Words{"--out", "c.npy", "--condensed", "--quiet"}).code == 0);
  const auto square = folder.read_npy("whole.npy"), condensed = folder.read_npy("c.npy");
  std::vector<double> expected;
  for (std::int64_t i = 0; i < many; ++i) {
    for (std::int64_t j = i + 1; j < many; ++j)
      expected.push_back(square.values[static_cast<std::size_t>(i * many + j)]);
  }
  CHECK(condensed.values == expected);
}

TEST_CASE("what takes a whole matrix is refused where results stream", "[cli][job]") {
  const Folder folder;
  write_operators(folder, many, 2);
  check_error(folder.kindred(bounded + Words{"--json"}), 2, "--json takes all results in memory, 20 MB: allow twice");
  check_error(folder.kindred(bounded + Words{"--out", "D.npz"}), 2, "give a name that ends in .npy or .h5");
  check_error(folder.kindred(
                  {"pairwise", "--operators", "ops.npy", "--metric", "spectral", "--memory", "10M", "--out", "D.npy"}),
              6, "the program and its data take ");
  CHECK(folder.list() == Words{"ops.npy"});
}

TEST_CASE("a matrix in memory is written in every form", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 12, 3);
  const Words whole = {"pairwise", "--operators", "ops.npy", "--metric", "spectral", "--quiet"};
  REQUIRE(folder.kindred(whole + Words{"--out", "D.npy"}).code == 0);
  REQUIRE(folder.kindred(whole + Words{"--out", "F.npy", "--float32", "--condensed"}).code == 0);
  const auto square = folder.read_npy("D.npy");
  const std::string data = folder.read("F.npy").substr(128);
  std::string expected;
  for (std::size_t i = 0; i < 12; ++i) {
    for (std::size_t j = i + 1; j < 12; ++j) {
      const auto rounded = static_cast<float>(square.values[i * 12 + j]);
      expected.append(reinterpret_cast<const char*>(&rounded), sizeof rounded);
    }
  }
  CHECK(data == expected);
  const auto hdf5 = folder.kindred(whole + Words{"--out", "D.h5"});
  if (hdf5.code == 0) {
    CHECK(folder.read("D.h5").substr(0, 4) == "\x89HDF");
    CHECK(folder.has("D.json"));
  } else {
    check_error(hdf5, 2, "was built without HDF5");
  }
  check_error(folder.kindred(whole + Words{"--out", "D.npz", "--condensed"}), 2,
              "expected a name that ends in .npy or .h5");
  check_error(folder.kindred({"cross", "--operators", "ops.npy", "--against", "identity", "--metric", "spectral",
                              "--out", "D.h5"}),
              2, "one value a row goes to .npy or .npz");
}

TEST_CASE("a run that is stopped while results stream leaves no matrix, and goes on from its journal", "[cli][job]") {
  const Folder folder;
  write_operators(folder, many, 6);
  REQUIRE(folder.kindred(bounded + Words{"--out", "whole.npy", "--quiet"}).code == 0);
  for (const int signal : {SIGTERM, SIGKILL}) {
    const auto killed = folder.kindred_interrupted(bounded + Words{"--out", "D.npy", "--journal", "j"}, signal);
    INFO(killed.err);
    CHECK((killed.code == 128 + signal || killed.code == 0));
    if (killed.code != 0) CHECK_FALSE(folder.has("D.npy"));
    if (killed.code == 143) CHECK(killed.err.find("stopped by a signal") != std::string::npos);
  }
  REQUIRE(folder.kindred(bounded + Words{"--out", "D.npy", "--journal", "j", "--quiet"}).code == 0);
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
}
