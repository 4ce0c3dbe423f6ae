/// The command `nearest`, and lower bounds in place of distances.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;
using nlohmann::json;

TEST_CASE("nearest gives the neighbours of the matrix of distances", "[cli]") {
  const Folder folder;
  write_operators(folder, 7, 5);
  REQUIRE(
      folder.kindred({"pairwise", "--operators", "ops.npy", "--effort", "fast", "--out", "D.npy", "--quiet"}).code ==
      0);
  const auto run = folder.kindred(
      {"nearest", "--operators", "ops.npy", "--effort", "fast", "--k", "2", "--json", "--quiet", "--device", "cpu"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json found = json::parse(run.out);
  CHECK(found["command"] == "nearest");
  CHECK(found["k"] == 2);
  CHECK(found["radius"].is_null());
  CHECK(found["pairs"] == 21);
  CHECK(found["scored"] <= 21);
  REQUIRE(found["neighbours"].size() == 7);
  const auto d = folder.read_npy("D.npy").values;
  for (std::size_t i = 0; i < 7; ++i) {
    std::vector<std::pair<double, std::size_t>> row;
    for (std::size_t j = 0; j < 7; ++j) {
      if (i != j) row.emplace_back(d[7 * i + j], j);
    }
    std::sort(row.begin(), row.end());
    const json& nearest = found["neighbours"][i]["nearest"];
    REQUIRE(nearest.size() == 2);
    for (std::size_t k = 0; k < 2; ++k) {
      CHECK(nearest[k]["index"] == row[k].second);
      CHECK(nearest[k]["distance"].get<double>() == row[k].first);
      CHECK(nearest[k]["lower_bound"].get<double>() <= row[k].first);
    }
  }
}

TEST_CASE("nearest of queries writes a table", "[cli]") {
  const Recorded folder;
  const auto run = folder.kindred(
      Words{"nearest", "a.npy", "b.npy", "--query", "c.npy", "--k", "1", "--out", "n.csv", "--device", "cpu"} +
      fit_options);
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.find("pairs scored") != std::string::npos);
  std::istringstream table(folder.read("n.csv"));
  std::string head, line, more;
  std::getline(table, head);
  std::getline(table, line);
  CHECK(head == "query,place,system,distance,lower_bound,status");
  CHECK(line.starts_with("c,1,"));
  CHECK_FALSE(std::getline(table, more));
  REQUIRE(folder.kindred(Words{"nearest", "a.npy", "b.npy", "--out", "n.json", "--quiet"} + fit_options).code == 0);
  CHECK(json::parse(folder.read("n.json"))["systems"].size() == 2);
}

TEST_CASE("nearest fits systems as their manifest says, and warns of fits", "[cli]") {
  const Recorded folder;
  folder.write("m.json", R"({"systems": [{"name": "a", "file": "a.npy", "delays": 7}, {"name": "b", "file": "b.npy"},
                                         {"name": "c", "file": "c.npy"}]})");
  const Words fit = {"--delays", "5",    "--interval", "2",        "--rank", "4",
                     "--effort", "fast", "--quiet",    "--device", "cpu"};
  REQUIRE(folder.kindred(Words{"pairwise", "m.json", "--out", "D.npy"} + fit).code == 0);
  const auto run = folder.kindred(Words{"nearest", "m.json", "--k", "2", "--json"} + fit);
  REQUIRE(run.code == 0);
  CHECK(run.err.empty());
  const json found = json::parse(run.out);
  CHECK(found["systems"][0]["fit"]["columns"] == 21);
  CHECK(found["systems"][1]["fit"]["columns"] == 15);
  const auto d = folder.read_npy("D.npy").values;
  for (const json& neighbour : found["neighbours"][0]["nearest"]) {
    CHECK(neighbour["distance"].get<double>() == d[neighbour["index"].get<std::size_t>()]);
  }
  // One trial of 13 steps, 5 delays two apart: 5 rows and 4 transitions determine no operator of rank 4.
  folder.write_npy("short.npy", {13, 3}, [] {
    std::vector<double> x;
    for (int i = 0; i < 39; ++i) x.push_back(std::sin(1.3 * i * i));
    return x;
  }());
  const auto warned = folder.kindred(Words{"nearest", "a.npy", "short.npy"} + fit);
  CHECK(warned.code == 0);
  CHECK(warned.err.find("'short'") != std::string::npos);
  const auto idle = folder.kindred(Words{"nearest", "a.npy", "b.npy", "--metric", "spectral", "--seed", "3"} + fit);
  CHECK(idle.err.find("--seed") != std::string::npos);
}

TEST_CASE("effort bound writes bounds, and calls them that", "[cli]") {
  const Folder folder;
  write_operators(folder, 4, 5);
  const Words input = {"--operators", "ops.npy", "--quiet", "--device", "cpu"};
  REQUIRE(
      folder
          .kindred(Words{"pairwise", "--effort", "bound", "--out", "B.npy", "--status", "S.npy", "--report", "B.html"} +
                   input)
          .code == 0);
  REQUIRE(folder.kindred(Words{"pairwise", "--effort", "fast", "--out", "D.npy"} + input).code == 0);
  const auto bound = folder.read_npy("B.npy").values, distance = folder.read_npy("D.npy").values,
             status = folder.read_npy("S.npy").values;
  for (std::size_t k = 0; k < 16; ++k) {
    CHECK(bound[k] <= distance[k]);
    CHECK(status[k] == (k % 5 == 0 ? 0 : 5));
  }
  const json sidecar = json::parse(folder.read("B.json"));
  CHECK(sidecar["metrics"][0]["status"]["bound"] == 6);
  CHECK(sidecar["metrics"][0]["configuration"]["effort"] == "bound");
}

TEST_CASE("what nearest refuses", "[cli]") {
  const Folder folder;
  write_operators(folder, 3, 4);
  const Words nearest = {"nearest", "--operators", "ops.npy", "--quiet"};
  check_error(folder.kindred(nearest + Words{"--k", "0"}), 2, "--radius");
  check_error(folder.kindred(nearest + Words{"--k", "-1"}), 2, "--k");
  check_error(folder.kindred(nearest + Words{"--radius", "nan"}), 2, "--radius");
  check_error(folder.kindred(nearest + Words{"--metric", "cka"}), 2, "dsa or spectral");
  check_error(folder.kindred(nearest + Words{"--metric", "dsa,spectral"}), 2, "one metric");
  check_error(folder.kindred(nearest + Words{"--out", "n.npy"}), 2, ".csv or .json");
  check_error(folder.kindred(nearest + Words{"--query", "a.npy", "b.npy"}), 2, "--query");
  check_error(folder.kindred(nearest + Words{"--effort", "bound", "--certify"}), 2, "--certify");
  check_error(folder.kindred({"nearest"}), 2, "no input");
}
