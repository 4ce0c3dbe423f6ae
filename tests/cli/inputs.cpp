/// Inputs as people give them: folders with results in them, lists of files, pipes, foreign files; and what a run does
/// under limits.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace kindred::test;

namespace {

/// Small Lorenz recordings runs/a.npy, b.npy and c.npy.
void record_runs(const Folder& folder) {
  record(folder);
  std::filesystem::create_directory(folder / "runs");
  for (const std::string name : {"a.npy", "b.npy", "c.npy"}) {
    std::filesystem::rename(folder / name, folder / ("runs/" + name));
  }
}

Words names_of(const Finished& run) {
  INFO(run.err);
  REQUIRE(run.code == 0);
  Words names;
  const auto document = nlohmann::json::parse(run.out);
  for (const auto& system : document["systems"]) names.push_back(system["name"]);
  return names;
}

/// steps x channels of waves.
void write_waves(const Folder& folder, const std::string& name, int steps, int channels, double pace) {
  std::vector<double> values;
  for (int t = 0; t < steps; ++t) {
    for (int c = 0; c < channels; ++c) values.push_back(std::sin(pace * (t + 1) * (c + 1)));
  }
  folder.write_npy(name, {steps, channels}, values);
}

const Words abc = {"a", "b", "c"};
const Words cka = {"pairwise", "--metric", "cka", "--json", "--quiet"};

}  // namespace

TEST_CASE("results in the folder of the recordings do not become recordings", "[cli]") {
  const Folder folder;
  record_runs(folder);
  const Words command = {"pairwise", "runs", "--metric", "cka", "--lower-bound", "runs/L.npy", "--out", "runs/D.npy"};
  REQUIRE(folder.kindred(command).code == 0);
  const std::string first = folder.read("runs/D.npy");
  const auto again = folder.kindred(command);
  CHECK(again.code == 0);
  CHECK(again.err.find("left out, as results of kindred and no recordings: runs/D.npy and 1 other") !=
        std::string::npos);
  CHECK(folder.read("runs/D.npy") == first);
  REQUIRE(folder.kindred(Words{"fit", "runs", "--out", "runs/ops.npz", "--quiet"} + fit_options).code == 0);
  CHECK(names_of(folder.kindred(cka + Words{"runs"})) == abc);
  CHECK(names_of(folder.kindred(cka + Words{"runs/*.np?"})) == abc);
  CHECK(names_of(folder.kindred(cka + Words{"runs/*"})) == abc);  // without the JSON beside the results, too

  check_error(folder.kindred(cka + Words{"runs/a.npy", "runs/D.npy"}), 3, "runs/D.npy: holds results of kindred");
  check_error(folder.kindred(cka + Words{"runs/a.npy", "runs/L.npy"}), 3, "runs/L.npy: holds results of kindred");
  check_error(folder.kindred(cka + Words{"runs/ops.npz"}), 2, "compare them with --operators runs/ops.npz");
  check_error(folder.kindred(cka + Words{"runs/D.json"}), 3, "says how results of kindred were made");
  check_error(folder.kindred({"pairwise", "--operators", "runs/D.npy", "--json"}), 3, "not operators");
  CHECK(folder.kindred({"pairwise", "--operators", "runs/ops.npz", "--json", "--quiet"}).code == 0);
  CHECK(folder.kindred({"info", "runs"}).out.find("runs/D.npy: left out") != std::string::npos);
  // A recording that has taken a result's place is one when the JSON is gone.
  std::filesystem::copy_file(folder / "runs/a.npy", folder / "runs/D.npy",
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(folder / "runs/D.json");
  std::filesystem::remove(folder / "runs/L.npy");
  CHECK(names_of(folder.kindred(cka + Words{"runs"})) == Words{"D", "a", "b", "c"});
}

TEST_CASE("hidden files of a folder are left alone, as by a pattern", "[cli]") {
  const Folder folder;
  record_runs(folder);
  folder.write("runs/._a.npy", std::string("\0\x05\x16\x07", 4) + "Mac OS X");
  std::filesystem::copy_file(folder / "runs/a.npy", folder / "runs/.b.npy");
  const auto by_folder = folder.kindred(cka + Words{"runs"});
  CHECK(names_of(by_folder) == abc);
  CHECK(nlohmann::json::parse(by_folder.out)["metrics"][0]["distances"] ==
        nlohmann::json::parse(folder.kindred(cka + Words{"runs/*.npy"}).out)["metrics"][0]["distances"]);
  check_error(folder.kindred(cka + Words{"runs/._a.npy"}), 4, "what macOS keeps beside a file");
}

TEST_CASE("files, names and labels come from lists", "[cli]") {
  const Folder folder;
  record_runs(folder);
  folder.write("files.txt", "runs/c.npy\r\n\nruns/a.npy\nruns/b.npy");
  CHECK(names_of(folder.kindred(cka + Words{"@files.txt"})) == Words{"c", "a", "b"});
  check_error(folder.kindred(cka + Words{"runs/b.npy", "@files.txt"}), 2, "runs/b.npy: is given twice");
  folder.write("labels.txt", "slow, and calm\n\nfast\n");
  folder.write("names.txt", "x\ny\nz\n");
  const auto named = folder.kindred(cka + Words{"runs", "--labels", "@labels.txt", "--names", "@names.txt"});
  CHECK(names_of(named) == Words{"x", "y", "z"});
  const auto systems = nlohmann::json::parse(named.out)["systems"];
  CHECK(systems[0]["label"] == "slow, and calm");
  CHECK(systems[1]["label"] == "");
  folder.write("names.txt", "x\ny\n");
  check_error(folder.kindred(cka + Words{"runs", "--names", "@names.txt"}), 2, "--names gives 2 for 3 systems");
  check_error(folder.kindred(cka + Words{"runs", "--names", "@none.txt"}), 4, "none.txt: no such file");
  check_error(folder.kindred(cka + Words{"files.txt"}), 4, "given as @FILE");
  folder.write("empty.txt", "\n");
  check_error(folder.kindred(cka + Words{"@empty.txt"}), 2, "the list of files is empty");
  check_error(folder.kindred(cka + Words{"@runs/a.npy"}), 3, "not a list in text form");
  std::filesystem::rename(folder / "runs/a.npy", folder / "@a.npy");  // a file's own name comes first
  CHECK(names_of(folder.kindred(cka + Words{"@a.npy", "runs"})) == Words{"@a", "b", "c"});
}

TEST_CASE("a pipe is read once, and the first signal ends the wait for it", "[cli]") {
  const Recorded folder;
  REQUIRE(::mkfifo((folder / "f.npy").c_str(), 0600) == 0);
  const auto open_end = [&folder] {  // succeeds as soon as the program has opened the other end
    for (;;) {
      const int fd = ::open((folder / "f.npy").c_str(), O_WRONLY | O_NONBLOCK);
      if (fd >= 0) return fd;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  };
  const std::string content = folder.read("b.npy");
  const auto piped = folder.kindred_under({.meanwhile =
                                               [&](int) {
                                                 const int fd = open_end();
                                                 ::fcntl(fd, F_SETFL, 0);
                                                 const auto n = ::write(fd, content.data(), content.size());
                                                 CHECK(n == static_cast<ssize_t>(content.size()));
                                                 ::close(fd);
                                               }},
                                          cka + Words{"a.npy", "f.npy"});
  CHECK(names_of(piped) == Words{"a", "f"});
  CHECK(nlohmann::json::parse(piped.out)["metrics"][0]["distances"] ==
        nlohmann::json::parse(folder.kindred(cka + Words{"a.npy", "b.npy"}).out)["metrics"][0]["distances"]);
  for (const int signal : {SIGINT, SIGTERM}) {
    // Nobody writes: the program waits until the pipe is opened.
    const auto unopened = folder.kindred_under({.meanwhile =
                                                    [signal](int process) {
                                                      std::this_thread::sleep_for(std::chrono::milliseconds(500));
                                                      ::kill(process, signal);
                                                    }},
                                               cka + Words{"a.npy", "f.npy"});
    CHECK(unopened.code == 128 + signal);
    // Somebody has opened it and writes nothing.
    const auto silent = folder.kindred_under({.meanwhile =
                                                  [&open_end, signal](int process) {
                                                    const int fd = open_end();
                                                    std::this_thread::sleep_for(std::chrono::milliseconds(500));
                                                    ::kill(process, signal);
                                                    std::this_thread::sleep_for(std::chrono::milliseconds(500));
                                                    ::close(fd);
                                                  }},
                                             cka + Words{"a.npy", "f.npy"});
    check_error(silent, 128 + signal, "while waiting for f.npy");
  }
  // Given twice, it is opened once.
  const auto twice = folder.kindred_under({.meanwhile =
                                               [&](int) {
                                                 const int fd = open_end();
                                                 ::fcntl(fd, F_SETFL, 0);
                                                 CHECK(::write(fd, content.data(), content.size()) > 0);
                                                 ::close(fd);
                                               }},
                                          cka + Words{"f.npy", "f.npy"});
  check_error(twice, 2, "given twice");
}

TEST_CASE("an output may be a pipe or standard output", "[cli]") {
  const Recorded folder;
  const Words base = {"pairwise", "a.npy", "b.npy", "--metric", "cka"};
  REQUIRE(folder.kindred(base + Words{"--out", "D.npy", "--quiet"}).code == 0);
  const std::string expected = folder.read("D.npy");
  for (const std::string name : {"-", "/dev/stdout"}) {
    CHECK(folder.kindred(base + Words{"--out", name}).out == expected);
    CHECK(folder.kindred(base + Words{"--lower-bound", name, "--out", "E.npy"}).out == expected);  // exact distances
  }
  CHECK(folder.kindred(base + Words{"--report", "-"}).out.starts_with("<!DOCTYPE html>"));
  CHECK(folder.kindred(Words{"pairwise", "a.npy", "b.npy", "--metric", "cka,procrustes", "--out", "-"})
            .out.starts_with("PK"));
  CHECK(folder.kindred(Words{"fit", "a.npy", "--out", "-"} + fit_options).out.starts_with("PK"));
  CHECK(folder.kindred({"simulate", "lorenz", "--trials", "2", "--out", "-"}).out.starts_with("\x93NUMPY"));
  check_error(folder.kindred(base + Words{"--out", "-", "--json"}), 2, "only one result can go to standard output");
  check_error(folder.kindred(base + Words{"--out", "-", "--report", "-"}), 2, "only one result");
  REQUIRE(folder.kindred(base + Words{"--out", "UP.NPY", "--quiet"}).code == 0);
  CHECK(folder.read("UP.NPY") == expected);
  CHECK(folder.list() == Words{"D.json", "D.npy", "E.json", "E.npy", "UP.NPY", "UP.json", "a.npy", "b.npy", "c.npy"});

  REQUIRE(::mkfifo((folder / "out").c_str(), 0600) == 0);
  std::string got;
  const auto piped = folder.kindred_under({.meanwhile = [&](int) { got = folder.read("out"); }},
                                          base + Words{"--out", "out", "--quiet"});
  CHECK(piped.code == 0);
  CHECK(got == expected);
}

TEST_CASE("the environment changes no result", "[cli]") {
  const Recorded folder;
  const Words command = {"kindred", "pairwise", "a.npy", "b.npy", "--metric", "dsa,shape", "--rank", "3", "--out", "-"};
  const auto under = [&](const Words& settings) {
    Words words = {"env"};
    words.insert(words.end(), settings.begin(), settings.end());
    words.insert(words.end(), command.begin(), command.end());
    const Finished run = folder.other_program({}, words);
    INFO(run.err);
    REQUIRE(run.code == 0);
    return run.out;
  };
  const std::string plain = under({"A=1"});
  REQUIRE_FALSE(plain.empty());
  for (const Words& settings :
       {Words{"OMP_NUM_THREADS=0"}, Words{"OMP_NUM_THREADS=junk"}, Words{"CUDA_VISIBLE_DEVICES="}, Words{"TERM=dumb"},
        Words{"LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8"}, Words{"-i"}}) {
    CAPTURE(settings.front());
    CHECK(under(settings) == plain);
  }
}

TEST_CASE("more channels than samples are pointed out where a linear map is fitted", "[cli]") {
  const Folder folder;
  write_waves(folder, "wide.npy", 10, 12, 0.7);
  write_waves(folder, "other.npy", 10, 3, 0.9);
  const Words base = {"pairwise",      "wide.npy", "other.npy", "--layout",
                      "time,channels", "--json",   "--quiet",   "--metric"};
  const auto warned = folder.kindred(base + Words{"cca-score,linear-regression,cka"});
  CHECK(warned.code == 0);
  CHECK(warned.err.starts_with(
      "kindred: warning: cca-score, linear-regression: system 'wide' has 12 channels in 10 samples: "));
  CHECK(folder.kindred(base + Words{"cka,linear-regression-cv"}).err.empty());
  CHECK(folder.kindred(base + Words{"cca", "--components", "3"}).err.empty());
}

TEST_CASE("padded trials are told how they are read at their own lengths", "[cli]") {
  const Folder folder;
  std::vector<double> values(2 * 8 * 2, 0.5);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::sin(static_cast<double>(k * k));
  for (std::size_t k = 28; k < 32; ++k) values[k] = std::nan("");
  folder.write_npy("x.npy", {2, 8, 2}, values);
  const auto run = folder.kindred({"fit", "x.npy", "--json", "--quiet"});
  check_error(run, 3, "trial 1, time 6, channel 0: the value is NaN");
  CHECK(run.err.find("save each trial at its own length") != std::string::npos);
  CHECK(run.err.find("--npz trials") != std::string::npos);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a small stack is an error, not a crash", "[cli]") {
  const Recorded folder;
  const Words command = Words{"pairwise", "a.npy", "b.npy", "--json", "--quiet"} + fit_options;
  check_error(folder.kindred_under({.stack = 128 << 10}, command), 6, "limited to 128 KiB (ulimit -s)");
  CHECK(folder.kindred_under({.stack = 1 << 20}, command).code == 0);
}

TEST_CASE("whatever memory a process may have, it comes to an end", "[cli]") {
  const Recorded folder;
  const Words command = Words{"pairwise", "a.npy", "b.npy", "--json", "--quiet"} + fit_options;
  constexpr std::uint64_t mebibyte = 1 << 20;
  bool refused = false;
  int code = -1;
  // From too little for the program's own libraries up: the loader says no (127), then the program (6), then it runs.
  for (std::uint64_t limit = 64 * mebibyte; code != 0 && limit < 16384 * mebibyte; limit += limit / 4) {
    const auto run = folder.kindred_under({.address_space = limit}, command);
    code = run.code;
    CAPTURE(limit / mebibyte, code, run.err);
    REQUIRE((code == 0 || code == 6 || code == 127));
    if (code == 6) CHECK(run.err.starts_with("kindred: error: "));
    refused = refused || code == 6;
  }
  CHECK(code == 0);
  CHECK(refused);
}
#endif
