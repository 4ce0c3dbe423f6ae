/// What scripts rely on: exit codes, files, and what is said where.
#include "tests/cli/recordings.hpp"

#include <kindred/engine.hpp>
#include <kindred/io.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

/// The arrays of a result; where the JSON is beside it, it is none to read as recordings.
std::vector<TrajectorySet> arrays_of(const Folder& folder, const std::string& name) {
  const auto apart = folder / "apart";
  std::filesystem::create_directory(apart);
  std::filesystem::copy_file(folder / name, apart / name);
  return load({(apart / name).string()});
}

}  // namespace

TEST_CASE("pairwise writes what it promises", "[cli]") {
  const Recorded folder;
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

  CHECK(lower.values != d.values);  // bounds, not the distances again

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

TEST_CASE("the JSON beside a result tells of recordings and fits what the library tells", "[cli]") {
  const Folder folder;
  std::vector<std::vector<double>> trials;
  std::vector<TrialView<double>> views;
  std::vector<NpzArray> arrays;
  for (const index_t steps : {40, 31, 37}) {
    std::vector<double> x(static_cast<std::size_t>(2 * steps));
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = std::sin(0.7 * static_cast<double>(k * k + trials.size()));
    trials.push_back(std::move(x));
    views.push_back({trials.back().data(), steps, 2, 2, 1});
    arrays.push_back({"trial" + std::to_string(arrays.size()), {steps, 2}, trials.back().data()});
  }
  save_npz(folder / "x.npz", arrays);
  const auto run =
      folder.kindred(Words{"fit", "x.npz", "--npz", "trials", "--out", "ops.npy", "--device", "cpu"} + fit_options);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto sidecar = nlohmann::json::parse(folder.read("ops.json"))["systems"][0];
  CHECK(sidecar["trials"] == 3);
  CHECK(sidecar["channels"] == 2);
  CHECK(sidecar["steps"] == std::vector<int>{31, 40});
  TrajectorySet set;
  set.trials = views;
  Engine engine(Device::cpu(2));
  const FitFacts facts = engine.fit({&set, 1}, {.delays = 5, .interval = 2, .rank = 6})[0].facts;
  CHECK(sidecar["fit"]["residual"] == facts.residual);
  CHECK(sidecar["fit"]["sigma_ratio"] == facts.sigma_ratio);
  CHECK(sidecar["fit"]["numerical_rank"] == facts.numerical_rank);
  CHECK(sidecar["fit"]["rows"] == facts.rows);
  CHECK(sidecar["fit"]["columns"] == facts.columns);
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
  const Recorded folder;
  const auto run = folder.kindred(Words{"pairwise", "a.npy", "b.npy", "--json", "--out", "D.npy"} + fit_options);
  REQUIRE(run.code == 0);
  const auto result = nlohmann::json::parse(run.out);
  CHECK(result["metrics"][0]["distances"][0][1].get<double>() == folder.read_npy("D.npy").values[1]);
  CHECK(result["outputs"]["out"] == "D.npy");
}

TEST_CASE("operators fitted once compare as recordings do", "[cli]") {
  const Recorded folder;
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
  const Recorded folder;
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
  const Recorded folder;
  REQUIRE(folder
              .kindred(Words{"pairwise", "a.npy", "b.npy", "c.npy", "--metric", "dsa,cka,procrustes,spectral",
                             "--normalized", "--out", "results.npz", "--report", "report.html", "--quiet"} +
                       fit_options)
              .code == 0);
  const auto arrays = arrays_of(folder, "results.npz");
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
  const Recorded folder;
  const auto run =
      folder.kindred({"pairwise", "a.npy", "b.npy", "c.npy", "--metric",
                      "cka,cka-kernel=linear-hsic=gretton-score,linear-regression,linreg-r2#5folds_cv", "--fold-by",
                      "trials", "--components", "2", "--scaling", "zscore", "--out", "R.npz"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto arrays = arrays_of(folder, "R.npz");
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

TEST_CASE("names of metrics and layouts are taken in any case", "[cli]") {
  const Recorded folder;
  const Words pair = {"pairwise", "a.npy", "b.npy", "--quiet", "--metric"};
  REQUIRE(folder.kindred(pair + Words{"cka,spectral-root", "--rank", "3", "--out", "lower.npz"}).code == 0);
  REQUIRE(folder
              .kindred(pair + Words{"CKA,Spectral-Root", "--rank", "3", "--out", "upper.npz", "--layout",
                                    "Trials, Time, Channels"})
              .code == 0);
  CHECK(folder.read("lower.npz") == folder.read("upper.npz"));
  check_error(folder.kindred(pair + Words{"CKKA", "--out", "D.npy"}), 2,
              "unknown metric 'CKKA'; the nearest known name is 'cka'");
  check_error(folder.kindred(pair + Words{"cka,CKA", "--out", "D.npz"}), 2, "'cka' is asked for twice");
}

TEST_CASE("a message of the library is told in the program's words", "[cli]") {
  const Recorded folder;
  const Words pair = {"pairwise", "a.npy", "b.npy", "--quiet", "--device", "cpu", "--out", "D.npy"};
  check_error(folder.kindred(pair + Words{"--rank", "3", "--memory", "1"}), 6,
              "--memory allows 1M, but the program and its data take ");
  check_error(folder.kindred(pair + Words{"--metric", "linear-regression", "--folds", "5000"}), 2,
              "number of folds (--folds) is 5000");
}

TEST_CASE("text, sidecar and page tell of one run alike", "[cli]") {
  const Recorded folder;
  const auto run = folder.kindred(Words{"pairwise", "a.npy", "b.npy", "c.npy", "--metric", "dsa,linear-regression",
                                        "--scaling", "zscore", "--seed", "18446744073709551", "--device", "cpu",
                                        "--out", "D.npz", "--report", "r.html"} +
                                  fit_options);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto sidecar = nlohmann::json::parse(folder.read("D.json"));
  const std::string page = folder.read("r.html");
  const auto on_page = [&page](const std::string& name, const std::string& value) {
    return page.find("<th>" + name + "</th><td>" + value + "</td>") != std::string::npos;
  };
  CHECK(sidecar["command"] == "pairwise");
  CHECK(sidecar["preprocess"]["scaling"] == "zscore");
  CHECK(on_page("preprocess / scaling", "zscore"));
  CHECK(sidecar["outputs"] == nlohmann::json{{"out", "D.npz"}, {"sidecar", "D.json"}, {"report", "r.html"}});
  CHECK(on_page("outputs / sidecar", "D.json"));
  const auto& dsa = sidecar["metrics"][0];
  CHECK(dsa["configuration"]["seed"] == 18446744073709551);
  CHECK(dsa["configuration"]["normalize"] == true);
  CHECK(dsa["configuration"]["dmd"]["ridge"] == 1e-8);
  CHECK(dsa["configuration"]["effort"] == "standard");
  CHECK(dsa["status"]["failed"] == 0);
  CHECK(on_page("configuration / seed", "18446744073709551"));
  CHECK(on_page("configuration / dmd / delays", "5"));
  CHECK(on_page("status / failed", "0"));
  CHECK(sidecar["metrics"][1]["configuration"] == nlohmann::json{{"r2", false},
                                                                 {"penalty", 0.0},
                                                                 {"direction", "both"},
                                                                 {"folds", 0},
                                                                 {"fold_by", "blocks"},
                                                                 {"pls_components", 0},
                                                                 {"precision", "f64"}});
  CHECK(sidecar["systems"][1]["steps"] == std::vector<int>{80, 80});
  CHECK(sidecar["systems"][1]["fit"]["columns"] == 15);
  CHECK(run.out.find("dsa (radians): 3 systems, 3 pairs, from ") == 0);
  CHECK(run.out.find("wrote D.json\n") != std::string::npos);
}

TEST_CASE("Ctrl-C leaves no file behind", "[cli]") {
  const Folder folder;
  write_operators(folder, 60, 20);
  const auto run = folder.kindred_interrupted(
      {"pairwise", "--operators", "ops.npy", "--effort", "thorough", "--out", "D.npy", "--report", "report.html"},
      SIGINT);
  INFO(run.err);
  CHECK(run.code == 130);
  CHECK(run.err.ends_with("kindred: error: stopped by Ctrl-C\n"));
  CHECK(folder.list() == Words{"ops.npy"});
}

TEST_CASE("info tells of the machine and of files", "[cli]") {
  const Recorded folder;
  const auto machine = folder.kindred({"info"});
  CHECK(machine.code == 0);
  CHECK(machine.out.find("device cpu") != std::string::npos);
  const auto file = folder.kindred({"info", "a.npy"});
  CHECK(file.out.find("20 trials x 80 time x 3 channels") != std::string::npos);
  CHECK(nlohmann::json::parse(folder.kindred({"info", "--json", "a.npy"}).out)[0]["channels"] == 3);
  folder.write("text.npy", "no array at all");
  CHECK(folder.kindred({"info", "text.npy"}).code == 4);  // as any command that reads it
  CHECK(folder.kindred({"--version"}).out.starts_with("kindred "));
  CHECK(
      folder.kindred({"--help"})
          .out.find("Exit codes: 0 done, 1 internal error, 2 usage, 3 bad data, 4 file, 5 device, 6 out of memory, 130 "
                    "interrupted.\n") != std::string::npos);
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
  const Recorded folder;
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
