#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

#include "tests/cli/process.hpp"

using kindred::test::Folder;

TEST_CASE("testcase judges the metrics and writes what it saw", "[testcase][cli]") {
  const Folder folder;
  const auto run = folder.kindred({"testcase", "regimes", "--seeds", "2", "--effort", "fast", "--metric", "dsa,cka",
                                   "--out", "results", "--report", "report.html", "--save-trajectories", "data"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.find("delays 33, interval 6, rank 20") != std::string::npos);
  CHECK(run.out.find("paper") != std::string::npos);

  const auto document = nlohmann::json::parse(folder.read("results/testcase.json"));
  const auto& view = document["cases"][0]["views"][0];
  REQUIRE(view["metrics"].size() == 2);
  CHECK(view["metrics"][0]["metric"] == "dsa");
  CHECK(view["metrics"][0]["ratio"]["mean"].get<double>() > 1.5);
  CHECK(view["metrics"][0]["groups"][0]["per_seed"].size() == 2);

  const auto distances = folder.read_npy("results/regimes/seed-1/delays-33-interval-6-rank-10/dsa.npy");
  CHECK(distances.shape == "(9, 9)");
  CHECK(distances.values[0] == 0);
  CHECK(distances.values[1] == distances.values[9]);
  CHECK(folder.read_npy("data/regimes/seed-0/008.npy").shape == "(200, 200, 3)");

  const std::string page = folder.read("report.html");
  CHECK(page.find("<svg") != std::string::npos);
  CHECK(page.find("http") == std::string::npos);  // nothing but itself
  CHECK(page.find("nan") == std::string::npos);

  // The recordings written are the ones compared, to the bit at the largest rank, whose fit the others share; and
  // distances read back are judged alike.
  const auto again = folder.kindred({"pairwise", "data/regimes/seed-1.json", "--delays", "33", "--interval", "6",
                                     "--rank", "20", "--effort", "fast", "--out", "again.npy"});
  REQUIRE(again.code == 0);
  CHECK(folder.read_npy("again.npy").values ==
        folder.read_npy("results/regimes/seed-1/delays-33-interval-6-rank-20/dsa.npy").values);
  const auto foreign = folder.kindred({"testcase", "regimes", "--seeds", "2", "--effort", "fast", "--metric", "dsa",
                                       "--distances", "cka=results", "--json", "--quiet"});
  REQUIRE(foreign.code == 0);
  const auto judged = nlohmann::json::parse(foreign.out);
  CHECK(judged["cases"][0]["views"][0]["metrics"][1] == view["metrics"][1]);
}

TEST_CASE("testcase answers relations with a verdict a metric", "[testcase][cli]") {
  const Folder folder;
  const auto run =
      folder.kindred({"testcase", "relations", "--seeds", "2", "--metric", "dsa,spectral", "--report", "r.html"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  for (const char* relation : {"rotation", "smooth observation", "ring or line", "spectrum"}) {
    CHECK(run.out.find(relation) != std::string::npos);
  }
  CHECK(run.out.find("right 2/2") != std::string::npos);
}

TEST_CASE("testcase judges labelled recordings", "[testcase][cli]") {
  const Folder folder;
  // Two rotations of the plane by 0.1 and by 1 a step, three recordings each.
  std::string systems;
  for (int i = 0; i < 6; ++i) {
    const double angle = i < 3 ? 0.1 : 1.0;
    std::vector<double> values;
    for (int t = 0; t < 60; ++t) {
      values.push_back(std::cos(angle * t + i));
      values.push_back(std::sin(angle * t + i));
    }
    const std::string file = "r" + std::to_string(i) + ".npy";
    folder.write_npy(file, {60, 2}, values);
    systems += std::string(i > 0 ? "," : "") + "{\"name\":\"r" + std::to_string(i) + "\",\"label\":\"" +
               (i < 3 ? "slow" : "fast") + "\",\"file\":\"" + file + "\"}";
  }
  folder.write("m.json", "{\"systems\":[" + systems + "]}");
  const auto run = folder.kindred({"testcase", "recordings", "m.json", "--metric", "dsa,spectral", "--delays", "2",
                                   "--rank", "2", "--json", "--quiet"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto metrics = nlohmann::json::parse(run.out)["cases"][0]["metrics"];
  for (const auto& metric : metrics) {
    CHECK(metric["accuracy"] == 1.0);
    CHECK(metric["silhouette"].get<double>() > 0.9);
  }
}

TEST_CASE("testcase refuses what does not fit together", "[testcase][cli]") {
  const Folder folder;
  CHECK(folder.kindred({"testcase", "weather"}).code == 2);
  CHECK(folder.kindred({"testcase", "regimes", "file.npy"}).code == 2);
  CHECK(folder.kindred({"testcase", "recordings"}).code == 2);
  CHECK(folder.kindred({"testcase", "regimes", "--seeds", "0"}).code == 2);
  CHECK(folder.kindred({"testcase", "regimes", "--seeds", "1", "--distances", "mine"}).code == 2);
  CHECK(
      folder.kindred({"testcase", "regimes", "--seeds", "1", "--effort", "fast", "--distances", "mine=nowhere"}).code ==
      4);
}
