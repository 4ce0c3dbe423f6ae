/// `--journal`: a command that was stopped goes on where it was.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>

using namespace kindred::test;

namespace {

Words pairwise(const std::string& metric, const std::string& out, const Words& more) {
  Words words{"pairwise", "--operators", "ops.npy", "--metric", metric, "--effort", "fast", "--out", out};
  words.insert(words.end(), more.begin(), more.end());
  return words;
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

TEST_CASE("every metric of operators has its journal", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 4, 3);
  REQUIRE(folder.kindred(pairwise("dsa,spectral", "D.npz", {"--journal", "j", "--quiet"})).code == 0);
  CHECK(folder.list() == Words{"D.json", "D.npz", "j.dsa", "j.spectral", "ops.npy"});
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
