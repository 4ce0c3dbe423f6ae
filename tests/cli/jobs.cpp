/// Large jobs: `kindred status`, `--shard`, `kindred merge`, systems added to a journal.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

using namespace kindred::test;

namespace {

const Words quick_dsa = {"pairwise", "--operators", "ops.npy", "--metric", "dsa", "--effort", "fast"};

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("parts of a comparison, merged in any order, give the files of the whole", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 23, 4);
  for (const std::string metric : {"dsa", "spectral"}) {
    const Words command = {"pairwise", "--operators", "ops.npy", "--metric", metric};
    REQUIRE(folder.kindred(command + Words{"--out", "whole.npy", "--quiet"}).code == 0);
    for (const std::string part : {"3/3", "1/3", "2/3"}) {
      const auto run = folder.kindred(command + Words{"--shard", part, "--journal", "p" + part.substr(0, 1)});
      INFO(run.err);
      REQUIRE(run.code == 0);
      CHECK(says(run.out, "part " + part.substr(0, 1) + " of 3"));
      CHECK(says(run.out, "kindred merge"));
    }
    const auto status = folder.kindred({"status", "p1", "p2", "p3"});
    CHECK(status.code == 0);
    CHECK(says(status.out, "together, 3 of 3 parts: 253 of 253 pairs (100.0 %)"));
    const auto merged = folder.kindred({"merge", "p2", "p3", "p1", "--out", "all"});
    INFO(merged.err);
    REQUIRE(merged.code == 0);
    CHECK(says(merged.out, "253 of 253 pairs of 3 journals"));
    const auto last = folder.kindred(command + Words{"--journal", "all", "--out", "D.npy"});
    CHECK(says(last.err, "253 of 253 pairs are there already"));
    CHECK(folder.read("D.npy") == folder.read("whole.npy"));
    for (const char* name : {"p1", "p2", "p3", "all"}) std::filesystem::remove(folder / name);
  }
}

TEST_CASE("a cross comparison has parts too", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 20, 3);
  const Words command = {"cross", "--operators", "ops.npy", "--against", "ops.npy", "--metric", "spectral"};
  REQUIRE(folder.kindred(command + Words{"--out", "whole.npy", "--quiet"}).code == 0);
  for (const std::string part : {"1", "2"}) {
    REQUIRE(folder.kindred(command + Words{"--shard", part + "/2", "--journal", "p" + part, "--quiet"}).code == 0);
  }
  REQUIRE(folder.kindred({"merge", "p2", "p1", "-o", "all", "--quiet"}).code == 0);
  REQUIRE(folder.kindred(command + Words{"--journal", "all", "--out", "D.npy", "--quiet"}).code == 0);
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
}

TEST_CASE("what a part cannot give is refused, with what to do", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 9, 3);
  check_error(folder.kindred(quick_dsa + Words{"--shard", "1/2"}), 2, "give --journal");
  for (const std::string option : {"--out", "--lower-bound", "--status", "--report"}) {
    check_error(folder.kindred(quick_dsa + Words{"--shard", "1/2", "--journal", "j", option, "x.npy"}), 2,
                option + " needs all pairs");
  }
  for (const char* shard : {"0/2", "3/2", "1", "1/", "/2", "1/2x", "-1/2", "1/2/3"}) {
    check_error(folder.kindred(quick_dsa + Words{"--journal", "j", "--shard", shard}), 2, "expected K/N");
  }
  CHECK_FALSE(folder.has("j"));
  REQUIRE(folder.kindred(quick_dsa + Words{"--shard", "1/2", "--journal", "j", "--quiet"}).code == 0);
  check_error(folder.kindred(quick_dsa + Words{"--journal", "j", "--out", "D.npy", "--quiet"}), 2, "is of part 1 of 2");
  check_error(folder.kindred(quick_dsa + Words{"--shard", "2/2", "--journal", "j", "--quiet"}), 2,
              "not of part 2 of 2");
  check_error(folder.kindred({"merge", "j", "ops.npy", "--out", "all"}), 4, "not a journal");
  check_error(folder.kindred({"merge", "j", "--out", "j"}), 2, "is an input");
  REQUIRE(folder
              .kindred({"pairwise", "--operators", "ops.npy", "--metric", "spectral", "--shard", "2/2", "--journal",
                        "other", "--quiet"})
              .code == 0);
  check_error(folder.kindred({"merge", "j", "other", "--out", "all"}), 2, "metric is 'spectral");
  CHECK_FALSE(folder.has("all"));
}

TEST_CASE("systems added to a comparison cost their own pairs", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 12, 3);
  const auto ops = folder.read_npy("ops.npy");
  const std::vector<double> some(ops.values.begin(), ops.values.begin() + 9 * 9);
  folder.write_npy("some.npy", {9, 3, 3}, some);
  Words command = quick_dsa;
  command[2] = "some.npy";
  REQUIRE(folder.kindred(command + Words{"--journal", "j", "--out", "D.npy", "--quiet"}).code == 0);
  const auto run = folder.kindred(quick_dsa + Words{"--journal", "j", "--out", "D.npy"});
  CHECK(says(run.err, "36 of 66 pairs are there already, 3 systems new to it"));
  REQUIRE(folder.kindred(quick_dsa + Words{"--out", "whole.npy", "--quiet"}).code == 0);
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
  check_error(folder.kindred(command + Words{"--journal", "j", "--out", "D.npy", "--quiet"}), 2,
              "is not among those given");
}

TEST_CASE("status tells of a running, a finished, a damaged and a foreign journal", "[cli][job]") {
  const Folder folder;
  write_operators(folder, 100, 8);
  // Asked while it runs, from another process.
  Finished asked;
  const Folder::Conditions meanwhile{.meanwhile = [&](int) {
    for (int k = 0; k < 2000 && !says(asked.out, "\"done\":"); ++k) asked = folder.kindred({"status", "j", "--json"});
  }};
  const Words command = {"pairwise", "--operators", "ops.npy",   "--metric", "dsa",
                         "--effort", "standard",    "--threads", "1"};
  const auto run = folder.kindred_under(meanwhile, command + Words{"--journal", "j", "--out", "D.npy", "--quiet"});
  INFO(run.err << asked.err << asked.out);
  CHECK(run.code == 0);
  CHECK(asked.code == 0);
  CHECK(says(asked.out, "\"writing\": true"));
  CHECK(says(asked.out, "\"pairs\": 4950"));
  const auto finished = folder.kindred({"status", "j"});
  CHECK(says(finished.out, "4950 of 4950 pairs (100.0 %), finished"));
  CHECK(says(finished.out, "no process is writing it"));
  CHECK(says(finished.out, "100 operators, all pairs"));
  std::string bytes = folder.read("j");
  bytes[bytes.find("TILE") + 60] ^= 1;
  folder.write("j", bytes);
  const auto damaged = folder.kindred({"status", "j"});
  CHECK(damaged.code == 0);
  CHECK(says(damaged.out, "damaged: "));
  CHECK(says(damaged.out, "4944 of 4950 pairs (99.8 %), 6 left"));
  check_error(folder.kindred({"status", "ops.npy"}), 4, "not a journal");
  folder.write("empty", "");
  check_error(folder.kindred({"status", "empty"}), 4, "empty");
  check_error(folder.kindred({"status", "none"}), 4, "cannot be read");
  const auto several = folder.kindred({"status", "none", "j"});
  CHECK(several.code == 4);
  CHECK(says(several.out, "4944 of 4950 pairs"));
}

TEST_CASE("a comparison that is killed again and again ends with the same file", "[cli][job]") {
  // A few instants in the suite; bench/kill.sh takes as many as it is asked to, of three metrics, alone and by MPI.
  const Folder folder;
  write_operators(folder, 40, 6);
  const Words command = quick_dsa + Words{"--threads", "2", "--quiet"};
  REQUIRE(folder.kindred(command + Words{"--out", "whole.npy"}).code == 0);
  for (int k = 0; k < 4; ++k) {
    const Folder::Conditions kill{.meanwhile = [k](int process) {
      ::usleep(static_cast<useconds_t>(20'000 + 37'000 * k));
      ::kill(process, SIGKILL);
    }};
    const auto run = folder.kindred_under(kill, command + Words{"--journal", "j", "--out", "D.npy"});
    CHECK((run.code == 137 || run.code == 0));
  }
  REQUIRE(folder.kindred(command + Words{"--journal", "j", "--out", "D.npy"}).code == 0);
  CHECK(folder.read("D.npy") == folder.read("whole.npy"));
}
