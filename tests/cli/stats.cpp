/// `kindred stats`, and the same figures at the end of `pairwise`.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

using namespace kindred::test;

namespace {

/// Six points on a line in two groups, D.npy.
void write_distances(const Folder& folder, const std::string& name = "D.npy") {
  const std::vector<double> points = {0, 1, 2, 10, 11, 12.5};
  std::vector<double> values;
  for (const double a : points) {
    for (const double b : points) values.push_back(std::fabs(a - b));
  }
  folder.write_npy(name, {6, 6}, values);
}

}  // namespace

TEST_CASE("stats tells of groups, in words and as JSON", "[cli]") {
  const Folder folder;
  write_distances(folder);
  const Words command = {"stats", "D.npy", "--labels", "a,a,a,b,b,b"};
  const auto words = folder.kindred(command);
  INFO(words.err);
  REQUIRE(words.code == 0);
  CHECK(words.out.find("D: 6 systems in 2 groups") != std::string::npos);
  CHECK(words.out.find("p 0.1 (all 20 relabellings)") != std::string::npos);
  CHECK(words.out.find("95 % intervals over systems, from 999 resamples") != std::string::npos);
  const auto json = nlohmann::json::parse(folder.kindred(command + Words{"--json"}).out);
  const auto& group = json["groups"][0];
  CHECK(group["permanova"]["p"] == 0.1);
  CHECK(group["permanova"]["exact"] == true);
  CHECK(group["within"]["value"].get<double>() == Approx((1 + 2 + 1 + 1 + 2.5 + 1.5) / 6));
  CHECK(group["accuracy"] == 1);
  folder.write("labels.txt", "a\na\na\nb\nb\nb\n");
  CHECK(folder.kindred({"stats", "D.npy", "--labels", "@labels.txt"}).out == words.out);
  const auto few = folder.kindred(command + Words{"--permutations", "9", "--resamples", "0"});
  CHECK(few.out.find("(9 random relabellings)") != std::string::npos);
  CHECK(few.out.find("intervals") == std::string::npos);
}

TEST_CASE("stats compares matrices and writes coordinates", "[cli]") {
  const Folder folder;
  write_distances(folder);
  write_distances(folder, "E.npy");
  const auto run = folder.kindred(
      {"stats", "D.npy", "E.npy", "--names", "u,v,\"w\",x,y,z", "--embedding", "e.csv", "--dimensions", "1"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.find("D with E (Mantel): 6 systems") != std::string::npos);
  CHECK(run.out.find("Pearson 1 ") != std::string::npos);
  CHECK(run.out.find("(all 720 relabellings)") != std::string::npos);
  const std::string csv = folder.read("e.csv");
  CHECK(csv.starts_with("name,label,x1\nu,,"));
  CHECK(csv.find("\"\"\"w\"\"\",,") != std::string::npos);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 7);
}

TEST_CASE("pairwise ends with the figures of its groups, which stats finds again", "[cli]") {
  const Folder folder;
  write_operators(folder, 6, 4);
  const auto run = folder.kindred({"pairwise", "--operators", "ops.npy", "--metric", "dsa,spectral", "--labels",
                                   "a,b,a,b,a,b", "--out", "D.npz", "--report", "r.html"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.find("(all 20 relabellings)") != std::string::npos);
  CHECK(folder.read("r.html").find("PERMANOVA") != std::string::npos);
  const auto sidecar = nlohmann::json::parse(folder.read("D.json"));
  const auto stats = nlohmann::json::parse(folder.kindred({"stats", "D.npz", "--json"}).out);
  REQUIRE(stats["groups"].size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    auto found = stats["groups"][k];
    CHECK(found["name"] == sidecar["metrics"][k]["name"]);
    found.erase("name");
    found.erase("left_out");
    CHECK(found == sidecar["metrics"][k]["statistics"]);
  }
  CHECK(stats["correlations"].size() == 1);
  CHECK(nlohmann::json::parse(folder.kindred({"stats", "D.npz:spectral", "--json"}).out)["groups"][0]["name"] ==
        "spectral");
  // Labels that make no groups to compare are no error: they colour pictures.
  CHECK(folder.kindred({"pairwise", "--operators", "ops.npy", "--labels", "a,b,c,d,e,f", "--out", "S.npy", "--quiet"})
            .code == 0);
}

TEST_CASE("a failed system is left out by name", "[cli]") {
  const Folder folder;
  std::vector<double> values(25, 1.0);
  for (std::size_t i = 0; i < 5; ++i) values[6 * i] = 0;
  for (std::size_t j = 0; j < 5; ++j) values[10 + j] = values[5 * j + 2] = std::nan("");
  folder.write_npy("D.npy", {5, 5}, values);
  const auto run = folder.kindred({"stats", "D.npy", "--labels", "a,a,a,b,b", "--names", "p,q,r,s,t"});
  REQUIRE(run.code == 0);
  CHECK(run.out.find("left out: r (no label, or no distance to another)") != std::string::npos);
}

TEST_CASE("what stats cannot use is refused in one line", "[cli]") {
  const Folder folder;
  write_distances(folder);
  folder.write_npy("wide.npy", {2, 3}, std::vector<double>(6, 0.0));
  folder.write_npy("odd.npy", {2, 2}, {0, 1, 2, 0});
  folder.write_npy("negative.npy", {2, 2}, {0, -1, -1, 0});
  folder.write_npy("similar.npy", {2, 2}, {1, 0.5, 0.5, 1});
  check_error(folder.kindred({"stats"}), 2, "no input");
  check_error(folder.kindred({"stats", "D.npy"}), 2, "--labels");
  check_error(folder.kindred({"stats", "D.npy", "--labels", "a,b"}), 2, "--labels gives 2 for 6 systems");
  check_error(folder.kindred({"stats", "D.npy", "--labels", "a,a,a,a,a,a"}), 2, "1 group");
  check_error(folder.kindred({"stats", "D.npy", "--labels", "a,a,a,b,b,b", "--neighbours", "6"}), 2,
              "--neighbours is 6");
  check_error(folder.kindred({"stats", "wide.npy", "--labels", "a,b"}), 3, "has shape 2 x 3, expected n x n");
  check_error(folder.kindred({"stats", "odd.npy", "--labels", "a,b"}), 3, "symmetric");
  check_error(folder.kindred({"stats", "negative.npy", "--labels", "a,b"}), 3, "0 or more");
  check_error(folder.kindred({"stats", "similar.npy", "--labels", "a,b"}), 3, "similarities");
  check_error(folder.kindred({"stats", "missing.npy", "--labels", "a,b"}), 4, "missing.npy");
  check_error(folder.kindred({"stats", "D.npy", "--labels", "a,a,a,b,b,b", "--embedding", "D.npy"}), 2, "is an input");
  check_error(folder.kindred({"stats", "D.npy", "D.npy"}), 2, "D.npy is given twice");
}

TEST_CASE("mean writes the mean shape and where each recording lies about it", "[cli]") {
  const Folder folder;
  const std::vector<double> x = {0, 0, 2, 0, 2, 2, 0, 3}, turned = {0, 0, 0, 2, -2, 2, -3, 0};  // by a right angle
  folder.write_npy("x.npy", {4, 2}, x);
  folder.write_npy("y.npy", {4, 2}, turned);
  folder.write_npy("z.npy", {4, 2}, {0, 0, 2, 0, 2, 2, 0, 9});
  const auto run = folder.kindred({"mean", "x.npy", "y.npy", "z.npy", "--out", "mean.npy", "--coordinates", "c.csv",
                                   "--dimensions", "1", "--json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(json["converged"] == true);
  CHECK(json["systems"][0]["distance"].get<double>() == Approx(json["systems"][1]["distance"].get<double>()));
  CHECK(json["systems"][2]["distance"].get<double>() == Approx(2 * json["systems"][0]["distance"].get<double>()));
  CHECK(json["shares"][0].get<double>() == Approx(1));
  CHECK(folder.read("c.csv").starts_with("name,label,distance,x1\nx,,"));
  CHECK(folder.has("mean.npy"));
  // Names that a CSV must quote.
  folder.write("names.txt", "plain\nwith, comma\nwith \"quotes\"\n");
  const auto named =
      folder.kindred({"mean", "x.npy", "y.npy", "z.npy", "--coordinates", "c.csv", "--names", "@names.txt"});
  INFO(named.err);
  REQUIRE(named.code == 0);
  const std::string table = folder.read("c.csv");
  CHECK(table.find("\nplain,") != std::string::npos);
  CHECK(table.find("\n\"with, comma\",") != std::string::npos);
  CHECK(table.find("\n\"with \"\"quotes\"\"\",") != std::string::npos);
  check_error(folder.kindred({"mean", "x.npy"}), 2, "nothing to write");
}
