/// `--journal`: a command that was stopped goes on where it was.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

using namespace kindred::test;

namespace {

Words pairwise(const std::string& metric, const std::string& out, const Words& more) {
  Words words{"pairwise", "--operators", "ops.npy", "--metric", metric, "--effort", "fast", "--out", out};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// n random recordings of one trial as files of the folder r.
void write_recordings(const Folder& folder, std::int64_t n, std::int64_t steps, std::int64_t channels) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::filesystem::create_directory(folder / "r");
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> values(static_cast<std::size_t>(steps * channels));
    for (double& v : values) v = normal(random);
    folder.write_npy("r/" + std::to_string(100 + i) + ".npy", {1, steps, channels}, values);
  }
}

}  // namespace

TEST_CASE("a journal that was cut off gives the same files, with other threads too", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 12, 5);
  REQUIRE(folder.kindred(pairwise("dsa", "whole.npy", {"--quiet"})).code == 0);
  REQUIRE(folder.kindred(pairwise("dsa", "first.npy", {"--journal", "j", "--threads", "1"})).code == 0);
  std::filesystem::resize_file(folder / "j", std::filesystem::file_size(folder / "j") - 7);
  const auto run = folder.kindred(pairwise("dsa", "again.npy", {"--journal", "j", "--threads", "2"}));
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(run.err.find("journal j: ") != std::string::npos);
  CHECK(run.err.find("of 66 pairs are there already") != std::string::npos);
  for (const char* name : {"first.npy", "again.npy"}) CHECK(folder.read(name) == folder.read("whole.npy"));

  const auto refused = folder.kindred(pairwise("dsa", "D.npy", {"--journal", "j", "--seed", "1"}));
  CHECK(refused.code == 2);
  CHECK(refused.err.find("'seed 1', the journal's is 'seed 0'") != std::string::npos);
  CHECK_FALSE(folder.has("D.npy"));
  // Operators are no journal, and stay as they are.
  const std::string before = folder.read("ops.npy");
  CHECK(folder.kindred(pairwise("dsa", "D.npy", {"--journal", "ops.npy"})).code == 4);
  CHECK(folder.read("ops.npy") == before);
}

TEST_CASE("every metric has its journal", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 4, 3);
  REQUIRE(folder.kindred(pairwise("dsa,spectral", "D.npz", {"--journal", "j", "--quiet"})).code == 0);
  CHECK(folder.list() == Words{"D.json", "D.npz", "j.dsa", "j.spectral", "ops.npy"});
  write_recordings(folder, 3, 20, 2);
  const Words both{"pairwise", "r", "--metric", "cka,spectral", "--rank", "2", "--out", "R.npz", "--journal", "k"};
  REQUIRE(folder.kindred(both + Words{"--quiet"}).code == 0);
  CHECK((folder.has("k.cka") && folder.has("k.spectral")));
  const auto again = folder.kindred(both);
  CHECK(again.err.find("journal k.cka: 3 of 3 pairs are there already") != std::string::npos);
}

TEST_CASE("a journal of recordings that was cut off and damaged gives the same files", "[cli][job]") {
  const Folder folder;
  write_recordings(folder, 20, 60, 5);
  const auto cka = [](const std::string& out, const Words& more) {
    return Words{"pairwise", "r", "--metric", "cka", "--out", out} + more;
  };
  REQUIRE(folder.kindred(cka("whole.npy", {"--quiet"})).code == 0);
  REQUIRE(folder.kindred(cka("first.npy", {"--journal", "j", "--threads", "1"})).code == 0);
  std::string bytes = folder.read("j");
  bytes.resize(bytes.size() - 7);
  bytes[bytes.find("TILE") + 40] ^= 1;
  folder.write("j", bytes);
  const auto run = folder.kindred(cka("again.npy", {"--journal", "j", "--threads", "2", "--memory", "100M"}));
  INFO(run.err);
  CHECK(run.code == 0);
  // Of squares of eight systems the first (28 pairs) and the last (6) are lost.
  CHECK(run.err.find("of its bytes are damaged; their pairs are computed again") != std::string::npos);
  CHECK(run.err.find("journal j: 156 of 190 pairs are there already") != std::string::npos);
  for (const char* name : {"first.npy", "again.npy"}) CHECK(folder.read(name) == folder.read("whole.npy"));

  const auto refused = folder.kindred(cka("D.npy", {"--journal", "j", "--scaling", "zscore"}));
  CHECK(refused.code == 2);
  CHECK(refused.err.find("the recording of system 1") != std::string::npos);
}

TEST_CASE("a killed process leaves a journal that goes on", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 60, 8);
  REQUIRE(folder.kindred(pairwise("dsa", "whole.npy", {"--quiet"})).code == 0);
  for (const int signal : {SIGKILL, SIGINT}) {
    const auto killed = folder.kindred_interrupted(pairwise("dsa", "D.npy", {"--journal", "j"}), signal);
    CHECK((killed.code == 128 + signal || killed.code == 0));
  }
  REQUIRE(folder.kindred(pairwise("dsa", "D.npy", {"--journal", "j", "--quiet"})).code == 0);
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
}

TEST_CASE("a killed comparison of recordings goes on from its journal", "[cli][job]") {
  const Folder folder;
  write_recordings(folder, 40, 400, 40);
  const auto cka = [](const std::string& out, const Words& more) {
    return Words{"pairwise", "r", "--metric", "cka", "--threads", "1", "--out", out} + more;
  };
  REQUIRE(folder.kindred(cka("whole.npy", {"--quiet"})).code == 0);
  for (const int signal : {SIGKILL, SIGINT}) {
    const auto killed = folder.kindred_interrupted(cka("D.npy", {"--journal", "j"}), signal);
    CHECK((killed.code == 128 + signal || killed.code == 0));
  }
  REQUIRE(folder.kindred(cka("D.npy", {"--journal", "j", "--quiet"})).code == 0);
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
}
