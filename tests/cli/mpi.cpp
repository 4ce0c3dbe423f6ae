/// Several processes that share a comparison, started by mpirun. Skipped, with a warning, where there is no mpirun or
/// the program was built without MPI.
#include "tests/cli/recordings.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

using namespace kindred::test;

namespace {

Words mpirun(int processes) {
  return {"mpirun", "--oversubscribe", "--bind-to", "none", "-n", std::to_string(processes), "kindred"};
}

/// Whether these tests can run.
bool there_is_mpi(const Folder& folder) {
  for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"}) ::setenv(name, "1", 1);
  const bool there = folder.kindred({"info", "--json"}).out.find("\"mpi\": true") != std::string::npos &&
                     folder.other_program({}, {"mpirun", "--version"}).code == 0;
  if (!there) WARN("skipped: no mpirun, or built without MPI");
  return there;
}

const Words quick_dsa = {"pairwise", "--operators", "ops.npy", "--metric", "dsa", "--effort", "fast"};

/// Processes of a program's children's children: who they are, by /proc.
std::vector<int> children_of(int process) {
  std::vector<int> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::size_t end = text.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream rest(text.substr(end + 2));
    std::string state;
    int parent = 0;
    rest >> state >> parent;
    if (parent == process) out.push_back(std::stoi(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("mpirun: the files of one process, with a journal and without", "[cli][mpi]") {
  const Folder folder;
  if (!there_is_mpi(folder)) return;
  write_operators(folder, 30, 4);
  REQUIRE(folder.kindred(quick_dsa + Words{"--out", "whole.npy", "--quiet"}).code == 0);
  for (const int processes : {1, 2, 4}) {
    const std::string name = "D" + std::to_string(processes);
    const auto run = folder.other_program(
        {}, mpirun(processes) + quick_dsa + Words{"--out", name + ".npy", "--journal", name, "--json"});
    INFO(run.err << run.out);
    REQUIRE(run.code == 0);
    CHECK(folder.read(name + ".npy") == folder.read("whole.npy"));
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 1);  // one process speaks
  }
  const auto several =
      folder.other_program({}, mpirun(2) + Words{"pairwise", "--operators", "ops.npy", "--metric", "spectral,dsa",
                                                 "--effort", "fast", "--out", "both.npz", "--quiet"});
  INFO(several.err);
  CHECK(several.code == 0);
}

TEST_CASE("mpirun: one message for an error, and no process hangs", "[cli][mpi]") {
  const Folder folder;
  if (!there_is_mpi(folder)) return;
  write_operators(folder, 9, 3);
  const auto refused = [&](const Words& words, const std::string& part) {
    const auto run = folder.other_program({}, mpirun(2) + words);
    INFO(run.err);
    CHECK((run.code != 0 && run.code < 128));
    const std::size_t first = run.err.find("kindred: error: ");
    REQUIRE(first != std::string::npos);
    CHECK(run.err.find("kindred: error: ", first + 1) == std::string::npos);
    CHECK(run.err.find(part) != std::string::npos);
  };
  refused(quick_dsa + Words{"--out", "no/such/D.npy"}, "no/such");
  refused(quick_dsa + Words{"--nonsense"}, "nonsense");
  refused({"fit", "ops.npy", "--out", "x.npz"}, "for one process");
  refused(quick_dsa + Words{"--shard", "1/2", "--journal", "j"}, "--shard is for one process");
}

TEST_CASE("mpirun: a process that is killed ends the job within seconds, and the next goes on", "[cli][mpi]") {
  const Folder folder;
  if (!there_is_mpi(folder)) return;
  write_operators(folder, 120, 10);
  const Words command = {"pairwise",  "--operators", "ops.npy", "--metric", "dsa",
                         "--journal", "j",           "--out",   "D.npy",    "--quiet"};
  using Clock = std::chrono::steady_clock;
  for (const std::size_t victim : {std::size_t{1}, std::size_t{0}}) {
    Clock::time_point killed;
    const Folder::Conditions kill{.meanwhile = [&](int launcher) {
      std::uintmax_t before = folder.has("j") ? std::filesystem::file_size(folder / "j") : 0;
      for (int k = 0; k < 3000; ++k) {  // until tiles come
        if (folder.has("j") && std::filesystem::file_size(folder / "j") > before + 20'000) break;
        ::usleep(10'000);
      }
      const auto ranks = children_of(launcher);
      killed = Clock::now();
      if (victim < ranks.size()) ::kill(ranks[victim], SIGKILL);
    }};
    const auto run = folder.other_program(kill, mpirun(2) + command);
    const double seconds = std::chrono::duration<double>(Clock::now() - killed).count();
    INFO(run.err);
    CHECK(run.code != 0);
    CHECK(seconds < 10);
    CHECK(run.err.find("signal 9") != std::string::npos);
  }
  const auto status = folder.kindred({"status", "j"});
  CHECK(status.code == 0);
  CHECK(status.out.find("damaged") == std::string::npos);
}
