/// What is refused and what is warned of, in which words, and that nothing is lost by it.
#include "tests/cli/recordings.hpp"
#include "tests/io/files.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace kindred::test;

TEST_CASE("usage errors name what is wrong and exit with 2", "[cli]") {
  const Recorded folder;
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"pairwse"}, "did you mean 'pairwise'"},
      {{"pairwise", "--rnak", "3"}, "did you mean '--rank'"},
      {{"pairwise", "--out", "D.npy"}, "no input"},
      {{"pairwise", "a.npy"}, "nothing to write"},
      {{"pairwise", "a.npy", "--out", "D.txt"}, ".npy"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--rank", "many"}, "--rank: 'many'"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--rank", "sigma:0"},
       "--rank: 'sigma:0' is no rank: expected a whole number"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--rank", "variance:1.1"}, "--rank: 'variance:1.1' is no rank"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--rank", "3,4"}, "--rank: '3,4' is no rank"},
      {{"fit", "a.npy", "--out", "O.npz", "--rank", "3,svht"}, "--rank: '3,svht' is no rank"},
      {{"fit", "a.npy", "--out", "O.npz", "--rank", "3,0"}, "or several ranks above 0 such as 10,20,50"},
      {{"fit", "a.npy", "--out", "O.npz", "--rank", "3,3"}, "same file"},
      {{"fit", "a.npy", "--out", "-", "--rank", "3,4"}, "operators of several ranks go to a file each"},
      {{"fit", "a.npy", "--out", "O.npz", "--rank-shared", "mean"}, "--rank-shared"},
      {{"fit", "a.npy", "--out", "O.npz", "--regression", "ridge"}, "--regression"},
      {{"fit", "a.npy", "--out", "O.npz", "--dt", "-1"}, "--dt"},
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
      {{"predict", "a.npy", "--rank", "3", "--hold-out", "trials:1"},
       "'trials:1' is neither trials:SHARE nor time:SHARE"},
      {{"predict", "a.npy", "--rank", "3", "--hold-out", "channels:0.5"}, "--hold-out"},
      {{"predict", "a.npy", "--rank", "3", "--out", "p.npy"}, "expected a name that ends in .npz"},
      {{"sweep", "a.npy", "--delays", "1:5"}, "no ranks to try: give --rank"},
      {{"sweep", "a.npy", "--rank", "5:1"}, "'5:1' is no list of whole numbers from 1"},
      {{"sweep", "a.npy", "--rank", "0,3"}, "'0,3' is no list"},
      {{"sweep", "a.npy", "--rank", "svht"}, "'svht' is no list"},
      {{"sweep", "a.npy", "--rank", "3", "--delays", "1:2:0"}, "--delays"},
      {{"sweep", "a.npy", "--rank", "3", "--out", "s.npz"}, "expected a name that ends in .json"},
      {{"sweep", "a.npy", "--rank", "100:200:50", "--quiet"},
       "no feasible point: the lowest rank of the grid, 100, is above the largest that its delays allow, 3"},
      {{"sweep", "a.npy", "--rank", "2", "--delays", "60", "--quiet"}, "longer than half of the held-out trials"},
      {{"sweep", "a.npy", "--rank", "2", "--delays", "3000000000", "--quiet"},
       "--delays has 3000000000, expected 1 .. "},
      {{"fit", "a.npy", "--delays", "3000000000", "--out", "O.npz", "--quiet"},
       "--delays is 3000000000, expected 1 .. "},
      {{"fit", "a.npy", "--control", "--rank", "3", "--out", "O.npz"},
       "option '--control' needs a value, and '--rank' is an option"},
      {{"fit", "a.npy", "--basis", "B.npy"}, "--basis B.npy: expected a name that ends in .npz"},
      {{"fit", "a.npy", "--basis", "B.npz", "--rank", "2,3"}, "--basis is of one rank"},
      {{"fit", "a.npy", "--basis", "B.npz", "--delays", "3", "--rank", "2", "--regression", "n4sid"},
       "--basis: the states of subspace identification"},
      {{"simulate", "lorenz"}, "--out"},
      {{"simulate"}, "no command is given, expected lorenz"},
      {{"simulate", "quux"}, "unknown command 'quux', expected lorenz"},
      {{"testcase"}, "no case is given, expected regimes, motifs"},
      {{"pairwise", "a.npy", "--rank", "2", "--out", "D.npy", "--rank=3"}, "option '--rank' is given twice"},
      {{"simulate", "lorenz", "--trials", "0", "--out", "x.npy"}, "--trials"},
      {{"simulate", "lorenz", "--steps", "3000000000", "--out", "x.npy"}, "--steps"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--report", "D.npy"}, "same file"},
      {{"pairwise", "a.npy", "--out", "D.npy", "--report", "D.json"},
       "the .json beside --out and --report are the same file"},
      {{"pairwise", "a.npy", "b.npy", "--memory", "1", "--rank", "2", "--device", "cpu", "--metric", "Spectral",
        "--score", "angular", "--out", "D.npy"},
       "--score angular: spectral has squared, root only"}};
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
  const Recorded folder;
  std::filesystem::rename(folder / "a.npy", folder / "-a.npy");
  const Words base = Words{"pairwise", "b.npy"} + fit_options + Words{"--out", "D.npy", "--quiet"};
  check_error(folder.kindred(base + Words{"-a.npy"}), 2, "named like an option: write ./-a.npy");
  CHECK(folder.kindred(base + Words{"./-a.npy"}).code == 0);
  CHECK(folder.kindred(base + Words{"--", "-a.npy"}).code == 0);
  CHECK(folder.read("D.json").find("-a.npy") != std::string::npos);
  const Words cross = Words{"cross"} + fit_options + Words{"--out", "X.npy", "--quiet", "--against", "b.npy", "c.npy"};
  REQUIRE(folder.kindred(cross + Words{"--", "-a.npy"}).code == 0);
  CHECK(folder.read_npy("X.npy").shape == "(1, 2)");
}

TEST_CASE("options that change nothing are pointed out", "[cli]") {
  const Recorded folder;
  write_operators(folder, 3, 4);
  const Words recordings = {"pairwise", "a.npy", "b.npy", "--out", "D.npz", "--quiet"};
  const auto cka = folder.kindred(recordings + Words{"--metric", "cka", "--delays", "5", "--effort", "fast"});
  CHECK(cka.code == 0);
  CHECK(cka.err == "kindred: warning: --delays, --effort: no effect on --metric cka\n");
  CHECK(folder.kindred(recordings + Words{"--metric", "cka,dsa", "--rank", "2", "--effort", "fast"}).err.empty());
  CHECK(folder.kindred(recordings + Words{"--metric", "dsa", "--rank", "2", "--alpha", "0.5"}).err ==
        "kindred: warning: --alpha: no effect on --metric dsa\n");
  const Words operators = {"pairwise", "--operators", "ops.npy", "--out", "O.npy", "--quiet"};
  CHECK(folder.kindred(operators + Words{"--rank", "3"}).err ==
        "kindred: warning: --rank: no effect on --metric dsa with --operators\n");
  CHECK(folder.kindred(operators + Words{"--seed", "3", "--precision", "f64"}).err.empty());
}

TEST_CASE("an input is never written over", "[cli]") {
  const Recorded folder;
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
  const Recorded folder;
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
  const Recorded folder;
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
  const Recorded folder;
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
  const Recorded folder;
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

TEST_CASE("a device that is not there has an exit code of its own", "[cli]") {
  const Folder folder;
  write_operators(folder, 2, 2);
  check_error(folder.kindred({"pairwise", "--operators", "ops.npy", "--device", "cuda:99", "--json"}), 5, "");
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
