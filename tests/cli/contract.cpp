/// What scripts rely on: exit codes, files, and what is said where.
#include "tests/cli/process.hpp"
#include "tests/io/files.hpp"

#include <kindred/io.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <limits>
#include <random>

using namespace kindred;
using namespace kindred::test;
using Words = std::vector<std::string>;

namespace {

const Words fit_options = {"--delays", "5", "--interval", "2", "--rank", "6"};

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Small Lorenz recordings a.npy, b.npy, c.npy.
void record(const Folder& folder) {
  const std::vector<std::pair<std::string, std::string>> systems = {{"a", "0.5"}, {"b", "10"}, {"c", "40"}};
  for (const auto& [name, rho] : systems) {
    const auto run = folder.kindred(
        {"simulate", "lorenz", "--rho", rho, "--trials", "20", "--steps", "80", "--seed", "1", "--out", name + ".npy"});
    REQUIRE(run.code == 0);
  }
}

/// N random operators of rank r as ops.npy.
void write_operators(const Folder& folder, index_t n, index_t r) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<double> values(static_cast<std::size_t>(n * r * r));
  for (double& v : values) v = normal(random);
  folder.write_npy("ops.npy", {n, r, r}, values);
}

/// One line on standard error, beginning as errors do.
void check_error(const Finished& run, int code, const std::string& part) {
  INFO(run.err);
  CHECK(run.code == code);
  CHECK(run.err.starts_with("kindred: error: "));
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.err.find(part) != std::string::npos);
  CHECK(run.out.empty());
}

}  // namespace

TEST_CASE("pairwise writes what it promises", "[cli]") {
  const Folder folder;
  record(folder);
  const auto run =
      folder.kindred(Words{"pairwise", "c.npy", "a.npy", "b.npy", "--metric", "dsa", "--out", "D.npy", "--lower-bound",
                           "L.npy", "--status", "S.npy", "--report", "report.html", "--labels", "x,y,y", "--quiet"} +
                     fit_options);
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.empty());
  CHECK(folder.list() == Words{"D.json", "D.npy", "L.npy", "S.npy", "a.npy", "b.npy", "c.npy", "report.html"});

  const auto d = folder.read_npy("D.npy"), lower = folder.read_npy("L.npy"), status = folder.read_npy("S.npy");
  CHECK(d.dtype == "'<f8'");
  CHECK(d.shape == "(3, 3)");
  REQUIRE(d.values.size() == 9);
  REQUIRE(lower.values.size() == 9);
  REQUIRE(status.values.size() == 9);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(d.values[3 * i + i] == 0);
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK(std::memcmp(&d.values[3 * i + j], &d.values[3 * j + i], sizeof(double)) == 0);
      CHECK(lower.values[3 * i + j] <= d.values[3 * i + j]);
      if (i != j) CHECK(d.values[3 * i + j] > 0);
    }
  }

  const auto sidecar = nlohmann::json::parse(folder.read("D.json"));
  CHECK(sidecar["systems"][0]["name"] == "c");
  CHECK(sidecar["systems"][1]["name"] == "a");
  CHECK(sidecar["systems"][2]["label"] == "y");
  CHECK(sidecar["systems"][0]["fit"]["rank"] == 6);
  CHECK(sidecar["systems"][0]["fit"]["numerical_rank"] >= 6);
  CHECK(sidecar["systems"][0]["fit"]["residual"] > 0);
  CHECK(sidecar["metrics"][0]["configuration"]["dmd"]["delays"] == 5);
  CHECK(sidecar["metrics"][0]["pairs"] == 3);
  CHECK(sidecar["version"].is_string());
  CHECK(sidecar["device"]["kind"].is_string());
  const std::string report = folder.read("report.html");
  CHECK(report.find("between / within") != std::string::npos);
  CHECK(report.find("</html>") != std::string::npos);
}

TEST_CASE("the same run gives the same bytes, whatever the threads", "[cli]") {
  const Folder folder;
  write_operators(folder, 5, 8);
  for (const std::string threads : {"1", "2"}) {
    REQUIRE(folder
                .kindred({"pairwise", "--operators", "ops.npy", "--device", "cpu", "--threads", threads, "--out",
                          "D" + threads + ".npy", "--quiet"})
                .code == 0);
  }
  CHECK(folder.read("D1.npy") == folder.read("D2.npy"));
}

TEST_CASE("standard output under --json holds the result and nothing else", "[cli]") {
  const Folder folder;
  record(folder);
  const auto run = folder.kindred(Words{"pairwise", "a.npy", "b.npy", "--json", "--out", "D.npy"} + fit_options);
  REQUIRE(run.code == 0);
  const auto result = nlohmann::json::parse(run.out);
  CHECK(result["metrics"][0]["distances"][0][1].get<double>() == folder.read_npy("D.npy").values[1]);
  CHECK(result["outputs"]["out"] == "D.npy");
}

TEST_CASE("operators fitted once compare as recordings do", "[cli]") {
  const Folder folder;
  record(folder);
  REQUIRE(folder.kindred(Words{"fit", "a.npy", "b.npy", "c.npy", "--out", "ops.npz", "--quiet"} + fit_options).code ==
          0);
  CHECK(nlohmann::json::parse(folder.read("ops.json"))["systems"][2]["fit"]["rank"] == 6);
  REQUIRE(folder.kindred({"pairwise", "--operators", "ops.npz", "--out", "A.npy", "--quiet"}).code == 0);
  REQUIRE(
      folder.kindred(Words{"pairwise", "a.npy", "b.npy", "c.npy", "--out", "B.npy", "--quiet"} + fit_options).code ==
      0);
  CHECK(folder.read("A.npy") == folder.read("B.npy"));
}

TEST_CASE("cross: rows against columns", "[cli]") {
  const Folder folder;
  record(folder);
  REQUIRE(folder
              .kindred(Words{"cross", "a.npy", "b.npy", "--against", "c.npy", "a.npy", "b.npy", "--out", "D.npy",
                             "--quiet"} +
                       fit_options)
              .code == 0);
  const auto d = folder.read_npy("D.npy");
  CHECK(d.shape == "(2, 3)");
  CHECK(d.values[1] < 1e-6);
  CHECK(d.values[5] < 1e-6);
  const auto sidecar = nlohmann::json::parse(folder.read("D.json"));
  CHECK(sidecar["rows"].size() == 2);
  CHECK(sidecar["columns"][0]["name"] == "c");

  write_operators(folder, 3, 4);
  REQUIRE(
      folder.kindred({"cross", "--operators", "ops.npy", "--against", "ops.npy", "--out", "E.npy", "--quiet"}).code ==
      0);
  CHECK(folder.read_npy("E.npy").shape == "(3, 3)");

  // b is nearest to itself, c to itself.
  REQUIRE(folder
              .kindred(Words{"cross", "b.npy", "c.npy", "--against", "a.npy", "b.npy", "c.npy", "--report", "r.html",
                             "--quiet"} +
                       fit_options)
              .code == 0);
  const std::string page = folder.read("r.html");
  CHECK(page.find("<td>b</td><td>b</td>") != std::string::npos);
  CHECK(page.find("<td>c</td><td>c</td>") != std::string::npos);
  CHECK(page.find("</html>") != std::string::npos);
  check_error(folder.kindred({"cross", "a.npy", "--against", "b.npy", "--metric", "cka", "--score", "similarity",
                              "--report", "s.html"}),
              2, "--report");
}

TEST_CASE("several metrics in one run", "[cli]") {
  const Folder folder;
  record(folder);
  REQUIRE(folder
              .kindred(Words{"pairwise", "a.npy", "b.npy", "c.npy", "--metric", "dsa,cka,procrustes,spectral",
                             "--normalized", "--out", "results.npz", "--report", "report.html", "--quiet"} +
                       fit_options)
              .code == 0);
  const auto arrays = load({(folder / "results.npz").string()});
  REQUIRE(arrays.size() == 4);
  const Words names = {"dsa", "cka", "procrustes", "spectral"};
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(arrays[k].name == names[k]);
    CHECK(arrays[k].channels() == 3);
  }
  check_error(folder.kindred({"pairwise", "a.npy", "b.npy", "--metric", "cka", "--score", "similarity", "--out",
                              "S.npy", "--report", "s.html"}),
              2, "similarity");
  check_error(folder.kindred({"pairwise", "a.npy", "--metric", "dsa", "--score", "squared", "--out", "S.npy"}), 2,
              "dsa has angular, euclidean only");
}

TEST_CASE("metrics of recordings: scores, folds, preprocessing, lengths", "[cli]") {
  const Folder folder;
  record(folder);
  const auto run =
      folder.kindred({"pairwise", "a.npy", "b.npy", "c.npy", "--metric",
                      "cka,cka-kernel=linear-hsic=gretton-score,linear-regression,linreg-r2#5folds_cv", "--fold-by",
                      "trials", "--components", "2", "--scaling", "zscore", "--out", "R.npz"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto arrays = load({(folder / "R.npz").string()});
  REQUIRE(arrays.size() == 4);
  const auto entry = [&](std::size_t k, index_t i, index_t j) {
    return std::get<std::vector<TrialView<double>>>(arrays[k].trials)[0](i, j);
  };
  for (index_t i = 0; i < 3; ++i) {
    CHECK(entry(0, i, i) == 0);
    CHECK(entry(1, i, i) == 1);
    for (index_t j = 0; j < i; ++j) {
      CHECK(std::abs(std::cos(entry(0, i, j)) - entry(1, i, j)) <= 1e-14);
      CHECK(1 - entry(2, i, j) >= entry(3, i, j));  // what is predicted of samples not seen is less
    }
  }
  CHECK(folder
            .kindred({"pairwise", "a.npy", "b.npy", "--metric", "linear-regression", "--score", "similarity", "--out",
                      "S.npy"})
            .code == 0);
  check_error(folder.kindred({"pairwise", "a.npy", "b.npy", "--metric", "linear-regression", "--score", "angular",
                              "--out", "S.npy"}),
              2, "similarity only");
  check_error(
      folder.kindred({"pairwise", "a.npy", "b.npy", "--metric", "linear-regression", "--folds", "1", "--out", "S.npy"}),
      2, "--folds");
  REQUIRE(folder
              .kindred({"simulate", "lorenz", "--rho", "28", "--trials", "20", "--steps", "70", "--seed", "1", "--out",
                        "short.npy"})
              .code == 0);
  const Words unequal = {"pairwise", "a.npy", "short.npy", "--metric", "procrustes", "--out", "P.npy", "--quiet"};
  check_error(folder.kindred(unequal), 3, "--resample");
  CHECK(folder.kindred(unequal + Words{"--resample", "60"}).code == 0);
}

TEST_CASE("usage errors name what is wrong and exit with 2", "[cli]") {
  const Folder folder;
  record(folder);
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"pairwse"}, "did you mean 'pairwise'"},
      {{"pairwise", "--rnak", "3"}, "did you mean '--rank'"},
      {{"pairwise", "--out", "D.npy"}, "no input"},
      {{"pairwise", "a.npy"}, "nothing to write"},
      {{"pairwise", "a.npy", "--out", "D.txt"}, ".npy"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--rank", "many"}, "--rank: 'many'"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--delays", "0"}, "--delays: '0' is not a whole number >= 1"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--ridge", "-1"}, "--ridge"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--effort", "quick"}, "--effort"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--metric", "dsaa"}, "'dsa'"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--metric", "dsa,dsa"}, "twice"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--metric", "dsa,spectral"}, ".npz"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--device", "gpu"}, "--device"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--layout", "columns"}, "layout"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--memory", "4X"}, "'4X' is not a number of bytes such as 500M"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--score", "angular", "--no-normalize"}, "--no-normalize"},
      {{"pairwise", "a.npy", "--operators", "a.npy", "--out", "D.npy"}, "not both"},
      {{"pairwise", "a.npy", "--names", "x,y", "--out", "D.npy"}, "--names"},
      {{"pairwise", "a.npy", "b.npy", "--names", "x,x", "--out", "D.npy"}, "calls two systems 'x'"},
      {{"pairwise", "a.npy", "b.npy", "--names", "x,", "--out", "D.npy"}, "empty name"},
      {{"cross", "a.npy", "--out", "D.npy"}, "--against"},
      {{"fit", "a.npy"}, "nothing to write"},
      {{"simulate", "lorenz"}, "--out"},
      {{"simulate"}, "no command is given, expected lorenz"},
      {{"simulate", "quux"}, "unknown command 'quux', expected lorenz"},
      {{"testcase"}, "no case is given, expected regimes, motifs"},
      {{"pairwise", "a.npy", "--rank", "2", "--out", "D.npy", "--rank=3"}, "option '--rank' is given twice"},
      {{"simulate", "lorenz", "--trials", "0", "--out", "x.npy"}, "--trials"},
      {{"simulate", "lorenz", "--steps", "3000000000", "--out", "x.npy"}, "--steps"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--report", "D.npy"}, "same file"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--report", "D.json"}, "same file"}};
  for (const auto& [arguments, part] : cases) check_error(folder.kindred(arguments), 2, part);
  CHECK(folder.list() == Words{"a.npy", "b.npy", "c.npy"});
  CHECK(folder.kindred({}).code == 2);
}

TEST_CASE("more than any memory holds is refused as such", "[cli]") {
  const Folder folder;
  check_error(
      folder.kindred({"simulate", "lorenz", "--trials", "1000000000", "--steps", "1000000000", "--out", "x.npy"}), 6,
      "larger than any memory");
}

TEST_CASE("a file whose name begins like an option", "[cli]") {
  const Folder folder;
  record(folder);
  std::filesystem::rename(folder / "a.npy", folder / "-a.npy");
  const Words base = Words{"pairwise", "b.npy"} + fit_options + Words{"--out", "D.npy", "--quiet"};
  check_error(folder.kindred(base + Words{"-a.npy"}), 2, "named like an option: write ./-a.npy");
  CHECK(folder.kindred(base + Words{"./-a.npy"}).code == 0);
}

TEST_CASE("an input is never written over", "[cli]") {
  const Folder folder;
  record(folder);
  std::filesystem::create_symlink("a.npy", folder / "link.npy");
  std::filesystem::create_hard_link(folder / "a.npy", folder / "hard.npy");
  const std::string before = folder.read("a.npy");
  for (const std::string out : {"a.npy", "./a.npy", "link.npy", "hard.npy"}) {
    check_error(folder.kindred(Words{"pairwise", "a.npy", "b.npy", "--out", out} + fit_options), 2, "is an input");
  }
  check_error(folder.kindred(Words{"pairwise", "[ab].npy", "--out", "b.npy"} + fit_options), 2, "is an input");
  CHECK(folder.read("a.npy") == before);
}

TEST_CASE("outputs that cannot be written are found before anything is computed", "[cli]") {
  const Folder folder;
  record(folder);
  const Words base = Words{"pairwise", "a.npy", "b.npy"} + fit_options;
  check_error(folder.kindred(base + Words{"--out", "missing/D.npy"}), 4, "missing/D.npy");
  check_error(folder.kindred(base + Words{"--out", "D.npy", "--report", "missing/r.html"}), 4, "missing/r.html");
  std::filesystem::create_directory(folder / "D.npy");
  check_error(folder.kindred(base + Words{"--out", "D.npy"}), 4, "D.npy");
  folder.write("E.npy", "precious");
  check_error(folder.kindred(base + Words{"--out", "E.npy", "--no-clobber"}), 4, "--no-clobber");
  CHECK(folder.read("E.npy") == "precious");
}

TEST_CASE("a full disk is an error of its own", "[cli]") {
  const Folder folder;
  record(folder);
  std::filesystem::create_symlink("/dev/full", folder / "full.npy");
  const auto run = folder.kindred(Words{"pairwise", "a.npy", "b.npy", "--out", "full.npy", "--quiet"} + fit_options);
  check_error(run, 4, "No space left");
  CHECK(folder.list() == Words{"a.npy", "b.npy", "c.npy", "full.npy"});
  std::filesystem::create_symlink("/dev/full", folder / "full.html");
  folder.write("D.npy", "precious");
  check_error(folder.kindred(Words{"pairwise", "a.npy", "b.npy", "--out", "D.npy", "--report", "full.html", "--quiet"} +
                             fit_options),
              4, "No space left");
  CHECK(folder.read("D.npy") == "precious");
}

TEST_CASE("a disk that fills up while outputs are written leaves what was there, and no part of the new", "[cli]") {
  const Folder folder;
  write_operators(folder, 90, 2);  // a matrix of 64,928 bytes; whatever is beside it is smaller
  folder.write("D.json", "precious");
  const Words pairwise = {"pairwise", "--operators", "ops.npy",       "--metric", "spectral",
                          "--out",    "D.npy",       "--lower-bound", "L.npy",    "--quiet"},
              cross = {"cross",    "--operators", "ops.npy", "--against", "ops.npy",
                       "--metric", "spectral",    "--out",   "D.npy",     "--quiet"};
  for (const Words& command : {pairwise, cross}) {
    {
      const files::SmallDisk disk(60000);
      check_error(folder.kindred(command), 4, "cannot be written: File too large after 60000 bytes");
    }
    CHECK(folder.list() == Words{"D.json", "ops.npy"});
    CHECK(folder.read("D.json") == "precious");
    REQUIRE(folder.kindred(command).code == 0);
    CHECK(folder.read("D.json").size() < 60000);
    for (const std::string name : {"D.npy", "L.npy"}) std::filesystem::remove(folder / name);
    folder.write("D.json", "precious");
  }
  record(folder);
  {
    const files::SmallDisk disk(20000);  // more than the sidecar, less than two operators
    check_error(
        folder.kindred({"fit", "a.npy", "b.npy", "--rank", "40", "--delays", "20", "--out", "F.npz", "--quiet"}), 4,
        "cannot be written");
  }
  CHECK(folder.list() == Words{"D.json", "a.npy", "b.npy", "c.npy", "ops.npy"});
}

TEST_CASE("bad data: one line that says where, nothing written over", "[cli]") {
  const Folder folder;
  record(folder);
  folder.write("D.npy", "precious");
  std::vector<double> values(2 * 30 * 3);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::sin(static_cast<double>(k * k));
  folder.write_npy("short.npy", {2, 30, 3}, values);
  values[30 * 3 + 4 * 3 + 2] = std::numeric_limits<double>::quiet_NaN();
  folder.write_npy("hole.npy", {2, 30, 3}, values);
  folder.write_npy("line.npy", {180}, values);
  folder.write("text.npy", "no array at all");
  folder.write("cut.npy", folder.read("a.npy").substr(0, 1000));

  const auto run = [&folder](const std::string& file, const Words& options = {"--rank", "2"}) {
    return folder.kindred(Words{"pairwise", "a.npy", file, "--out", "D.npy", "--quiet"} + options);
  };
  const auto hole = run("hole.npy");
  check_error(hole, 3, "hole");
  for (const std::string part : {"trial 1", "time 4", "channel 2"}) CHECK(hole.err.find(part) != std::string::npos);
  check_error(run("short.npy", {"--delays", "33", "--interval", "6", "--rank", "2"}), 3, "delays");
  check_error(run("line.npy"), 3, "line.npy");
  CHECK(run("text.npy").code >= 3);
  CHECK(run("cut.npy").code >= 3);
  check_error(run("nowhere.npy"), 4, "nowhere.npy");
  check_error(run("q*.npy"), 4, "q*.npy");
  check_error(run("short.npy", {"--rank", "4"}), 2, "rank 4 exceeds the 3 columns");
  CHECK(folder.read("D.npy") == "precious");
  CHECK_FALSE(folder.has("D.json"));
}

TEST_CASE("a rank above the numerical rank", "[cli]") {
  const Folder folder;
  record(folder);
  std::vector<double> values;
  for (int t = 0; t < 60; ++t) {
    const double x = std::sin(0.3 * t * t), y = std::cos(0.7 * t * t);
    values.insert(values.end(), {x, y, x + y});
  }
  folder.write_npy("flat.npy", {60, 3}, values);
  const Words base = {"pairwise", "flat.npy", "a.npy", "--rank", "3", "--out", "D.npy", "--quiet"};
  const auto warned = folder.kindred(base);
  CHECK(warned.code == 0);
  CHECK(warned.err.starts_with("kindred: warning: system 'flat': rank 3 exceeds its numerical rank 2"));
  CHECK(std::count(warned.err.begin(), warned.err.end(), '\n') == 1);
  CHECK(nlohmann::json::parse(folder.read("D.json"))["systems"][0]["fit"]["status"] == "rank_excess");
  check_error(folder.kindred(base + Words{"--rank-excess", "error"}), 3, "flat");
  REQUIRE(folder.kindred(base + Words{"--rank-excess", "clip"}).code == 0);
  CHECK(nlohmann::json::parse(folder.read("D.json"))["systems"][1]["fit"]["rank"] == 2);
}

TEST_CASE("Ctrl-C leaves no file behind", "[cli]") {
  const Folder folder;
  write_operators(folder, 60, 20);
  const auto run = folder.kindred_interrupted(
      {"pairwise", "--operators", "ops.npy", "--effort", "thorough", "--out", "D.npy", "--report", "report.html"},
      SIGINT);
  INFO(run.err);
  CHECK(run.code == 130);
  CHECK(folder.list() == Words{"ops.npy"});
}

TEST_CASE("info tells of the machine and of files", "[cli]") {
  const Folder folder;
  record(folder);
  const auto machine = folder.kindred({"info"});
  CHECK(machine.code == 0);
  CHECK(machine.out.find("device cpu") != std::string::npos);
  const auto file = folder.kindred({"info", "a.npy"});
  CHECK(file.out.find("20 trials x 80 time x 3 channels") != std::string::npos);
  CHECK(nlohmann::json::parse(folder.kindred({"info", "--json", "a.npy"}).out)[0]["channels"] == 3);
  folder.write("text.npy", "no array at all");
  CHECK(folder.kindred({"info", "text.npy"}).code == 4);  // as any command that reads it
  CHECK(folder.kindred({"--version"}).out.starts_with("kindred "));
  CHECK(folder.kindred({"pairwise", "--help"}).out.find("Examples:") != std::string::npos);
}

TEST_CASE("the demo separates the regimes", "[cli]") {
  const Folder folder;
  const auto run = folder.kindred({"demo", "--json", "--quiet"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto metrics = nlohmann::json::parse(run.out)["metrics"];
  REQUIRE(metrics.size() == 3);
  std::vector<double> d;
  for (const auto& row : metrics[0]["distances"]) {
    for (const auto& value : row) d.push_back(value.get<double>());
  }
  REQUIRE(d.size() == 81);
  double within = 0, between = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(d[9 * i + i] == 0);
    for (std::size_t j = i + 1; j < 9; ++j) (i / 3 == j / 3 ? within : between) += d[9 * i + j];
  }
  CHECK(between / 27 >= 2.0 * within / 9);
  CHECK(folder.has("demo/distances.npz"));
  CHECK(folder.has("demo/distances.json"));
  CHECK(folder.read("demo/report.html").find("rho 0.25") != std::string::npos);
}

TEST_CASE("rows and columns are clipped to one rank", "[cli]") {
  const Folder folder;
  record(folder);
  // One channel less is one direction less.
  std::vector<double> thin = folder.read_npy("b.npy").values;
  for (std::size_t k = 2; k < thin.size(); k += 3) thin[k] = thin[k - 1];
  folder.write_npy("thin.npy", {20, 80, 3}, thin);
  const auto run = folder.kindred({"cross", "a.npy", "c.npy", "--against", "thin.npy", "--rank", "3", "--rank-excess",
                                   "clip", "--out", "D.npy", "--quiet"});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(folder.read_npy("D.npy").shape == "(2, 1)");
}

TEST_CASE("a two-dimensional array with more channels than time steps is pointed out", "[cli]") {
  const Folder folder;
  std::vector<double> values(40);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::sin(static_cast<double>(k * k));
  for (const char* name : {"a.npy", "b.npy"}) folder.write_npy(name, {4, 10}, values);
  const Words words{"pairwise", "a.npy", "b.npy", "--rank", "2", "--out", "D.npy", "--quiet"};
  CHECK(folder.kindred(words).err ==
        "kindred: warning: system 'a' has 10 channels in 4 time steps, and 1 other system likewise; if the axes are "
        "meant otherwise, give --layout channels,time\n");
  CHECK(folder.kindred(words + Words{"--layout", "time,channels"}).err.empty());
}
