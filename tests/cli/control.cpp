/// Recordings with inputs, from the command line and from a manifest.
#include "tests/cli/recordings.hpp"

#include <kindred/io.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace kindred::test;
using nlohmann::json;

namespace {

/// NAME.npy of `steps` steps x 2 channels, driven by u_NAME.npy of one channel.
void write_driven(const Folder& folder, const std::string& name, int steps, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x, u;
  double a = normal(random), b = normal(random);
  for (int t = 0; t < steps; ++t) {
    x.insert(x.end(), {a, b});
    u.push_back(normal(random));
    const double next = 0.8 * a + 0.3 * b + u.back();
    b = -0.3 * a + 0.7 * b - 0.5 * u.back();
    a = next;
  }
  folder.write_npy(name + ".npy", {steps, 2}, x);
  folder.write_npy("u_" + name + ".npy", {steps, 1}, u);
}

}  // namespace

TEST_CASE("fit and pairwise take the inputs of systems", "[cli][inputs]") {
  const Folder folder;
  write_driven(folder, "one", 80, 1);
  write_driven(folder, "two", 60, 2);
  const Words fit = {"fit", "one.npy", "two.npy", "--rank", "2", "--ridge", "0"};
  const auto run = folder.kindred(fit + Words{"--control", "u_one.npy", "u_two.npy", "--out", "ops.npz"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.find("one: rank 2 of 2 (80 x 2), 1 input") != std::string::npos);
  const auto operators = kindred::load_operators((folder / "ops.npz").string());
  REQUIRE(operators.size() == 2);
  for (const auto& op : operators) {
    CHECK(op.inputs == 1);
    CHECK(std::abs(op(0, 0) + op(1, 1) - 1.5) <= 1e-8);                         // the trace of A
    CHECK(std::abs(op(0, 0) * op(1, 1) - op(0, 1) * op(1, 0) - 0.65) <= 1e-8);  // its determinant
  }
  REQUIRE(folder.kindred(fit + Words{"--control", "u_one.npy", "u_two.npy", "--stack", "--out", "stack.npz"}).code ==
          0);
  const auto stacked = kindred::load_operators((folder / "stack.npz").string());
  REQUIRE(stacked.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(stacked[k].name == operators[k].name);
    CHECK(stacked[k].values == operators[k].values);
    CHECK(stacked[k].input_matrix == operators[k].input_matrix);
  }
  const json sidecar = json::parse(folder.read("ops.json"));
  CHECK(sidecar["systems"][0]["inputs"] == 1);
  CHECK(sidecar["systems"][0]["fit"]["residual"] <= 1e-7);

  folder.write("m.json", R"({"systems": [{"name": "one", "file": "one.npy", "control": "u_one.npy"},
                                          {"name": "two", "file": "two.npy", "control": ["u_two.npy"]}]})");
  REQUIRE(folder.kindred({"fit", "m.json", "--rank", "2", "--ridge", "0", "--out", "all.npz", "--quiet"}).code == 0);
  const std::string inputs = folder.read("u_two.npy");
  check_error(folder.kindred({"pairwise", "m.json", "--rank", "2", "--out", "u_two.npy"}), 2, "u_two.npy");
  CHECK(folder.read("u_two.npy") == inputs);
  CHECK(folder.read("all.npz") == folder.read("ops.npz"));

  const Words pairwise = {"pairwise", "--metric", "dsa", "--quiet", "--out"};
  REQUIRE(folder.kindred(pairwise + Words{"D.npy", "--operators", "ops.npz"}).code == 0);
  REQUIRE(folder
              .kindred(pairwise + Words{"E.npy", "one.npy", "two.npy", "--rank", "2", "--ridge", "0", "--control",
                                        "u_one.npy", "u_two.npy"})
              .code == 0);
  CHECK(folder.read("D.npy") == folder.read("E.npy"));
  // Systems may have the same inputs.
  write_driven(folder, "three", 80, 3);
  const auto same = folder.kindred({"fit", "one.npy", "three.npy", "--rank", "2", "--quiet", "--control", "u_one.npy",
                                    "u_one.npy", "--out", "same.npz"});
  INFO(same.err);
  REQUIRE(same.code == 0);
  CHECK(kindred::load_operators((folder / "same.npz").string())[1].inputs == 1);
  const auto printed = folder.kindred(fit + Words{"--control", "u_one.npy", "u_two.npy", "--json", "--quiet"});
  CHECK(json::parse(printed.out)["systems"][1]["input_matrix"].size() == 2);
}

TEST_CASE("inputs that do not belong to the recordings are one line", "[cli][inputs]") {
  const Folder folder;
  write_driven(folder, "one", 80, 1);
  write_driven(folder, "two", 60, 2);
  const Words fit = {"fit", "one.npy", "two.npy", "--rank", "2", "--out", "ops.npz", "--quiet", "--control"};
  check_error(folder.kindred(fit + Words{"u_two.npy", "u_one.npy"}), 3,
              "--control: inputs 'u_two', trial 0: 60 steps, expected 80 as in system 'one'");
  check_error(folder.kindred(fit + Words{"u_one.npy"}), 3,
              "--control: the number of systems is 2, that of their inputs 1; expected inputs of each");
  check_error(folder.kindred(fit + Words{"none.npy", "u_two.npy"}), 4, "none.npy");
  folder.write("m.json", R"({"systems": [{"name": "one", "file": "one.npy", "control": "u_two.npy"}]})");
  check_error(folder.kindred({"fit", "m.json", "--rank", "2", "--out", "all.npz", "--quiet"}), 3,
              "trial 0: 60 steps, expected 80 as in system 'one'");
  folder.write("m.json", R"({"systems": [{"name": "one", "file": "one.npy", "control": []}]})");
  check_error(folder.kindred({"fit", "m.json", "--rank", "2", "--out", "all.npz", "--quiet"}), 3,
              "'control' must be a list of at least one file");
  check_error(folder.kindred(Words{"fit", "one.npy", "--rank", "2", "--steps-ahead", "2", "--out", "o.npz", "--quiet",
                                   "--control", "u_one.npy"}),
              2, "--steps-ahead");
  check_error(
      folder.kindred(Words{"fit", "one.npy", "--rank", "2", "--out", "o.npy", "--quiet", "--control", "u_one.npy"}), 2,
      "write a .npz");
  CHECK(folder.list().size() == 5);  // nothing was written
}

TEST_CASE("cross and nearest take the inputs of both collections", "[cli][inputs]") {
  const Folder folder;
  write_driven(folder, "one", 80, 1);
  write_driven(folder, "two", 60, 2);
  const Words rank = {"--rank", "2", "--ridge", "0", "--quiet"};
  REQUIRE(
      folder.kindred(Words{"fit", "one.npy", "two.npy", "--control", "u_one.npy", "u_two.npy", "--out", "o.npz"} + rank)
          .code == 0);
  REQUIRE(folder.kindred({"pairwise", "--operators", "o.npz", "--quiet", "--out", "D.npy"}).code == 0);
  const Words cross = {"cross", "one.npy", "--against", "two.npy", "--control", "u_one.npy"};
  const auto run = folder.kindred(cross + Words{"--against-control", "u_two.npy", "--out", "C.npy"} + rank);
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(folder.read_npy("C.npy").values[0] == folder.read_npy("D.npy").values[1]);
  const auto near = folder.kindred(Words{"nearest", "one.npy", "--control", "u_one.npy", "--query", "two.npy",
                                         "--query-control", "u_two.npy", "--k", "1", "--json"} +
                                   rank);
  INFO(near.err);
  REQUIRE(near.code == 0);
  CHECK(json::parse(near.out)["neighbours"][0]["nearest"][0]["distance"] == folder.read_npy("D.npy").values[1]);
  check_error(folder.kindred(cross + Words{"--against-control", "u_one.npy", "--out", "C.npy"} + rank), 3,
              "--against-control: inputs 'u_one', trial 0: 80 steps, expected 60 as in system 'two'");
  check_error(folder.kindred({"nearest", "one.npy", "two.npy", "--query-control", "u_two.npy", "--json", "--quiet"}), 2,
              "--query-control");
}

TEST_CASE("subspace identification, eigenfunctions and pruning from the command line", "[cli][inputs]") {
  const Folder folder;
  write_driven(folder, "one", 80, 1);
  write_driven(folder, "two", 60, 2);
  const Words both = {"one.npy", "two.npy", "--control", "u_one.npy", "u_two.npy", "--quiet"};
  const auto fit =
      folder.kindred(Words{"fit", "--regression", "n4sid", "--delays", "3", "--rank", "2", "--out", "s.npz"} + both);
  INFO(fit.err);
  REQUIRE(fit.code == 0);
  const auto operators = kindred::load_operators((folder / "s.npz").string());
  REQUIRE(operators.size() == 2);
  CHECK((operators[0].outputs == 2 && operators[0].inputs == 1));
  CHECK(std::abs(operators[1](0, 0) + operators[1](1, 1) - 1.5) <= 1e-6);
  check_error(folder.kindred(Words{"fit", "--regression", "n4sid", "--delays", "3", "--interval", "2", "--rank", "2",
                                   "--out", "s.npz"} +
                             both),
              2, "--interval is 2");

  REQUIRE(folder.kindred(Words{"fit", "--rank", "2", "--eigenfunctions", "phi.npz"} + both).code == 0);
  CHECK(folder.has("phi.npz"));
  check_error(folder.kindred(Words{"fit", "--rank", "1,2", "--eigenfunctions", "phi.npz"} + both), 2, "of one rank");
  const Words spectral = Words{"pairwise", "--metric", "spectral", "--rank", "2"} + both;
  const auto pruned = folder.kindred(spectral + Words{"--prune", "0.5", "--out", "P.npy"});
  INFO(pruned.err);
  CHECK(pruned.code == 0);
  check_error(folder.kindred({"pairwise", "--operators", "s.npz", "--metric", "spectral", "--prune", "0.5", "--out",
                              "Q.npy", "--quiet"}),
              2, "--prune");
}

TEST_CASE("predict and sweep take the inputs of systems", "[cli][inputs][sweep]") {
  const Folder folder;
  write_driven(folder, "one", 80, 1);
  write_driven(folder, "two", 60, 2);
  const Words control = {"--control", "u_one.npy", "u_two.npy"}, end = {"--hold-out", "time:0.25"};
  const Words predict = Words{"predict", "one.npy", "two.npy", "--rank", "2", "--ridge", "0", "--reseed", "0"} + end;
  const auto run = folder.kindred(predict + control + Words{"--json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json with = json::parse(run.out), without = json::parse(folder.kindred(predict + Words{"--json"}).out);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(with["systems"][k]["reseeded"]["nmse"] <= 1e-16);
    CHECK(without["systems"][k]["reseeded"]["nmse"] > 0.3);
  }
  folder.write("m.json", R"({"systems": [{"name": "one", "file": "one.npy", "control": "u_one.npy"},
                                          {"name": "two", "file": "two.npy", "control": "u_two.npy"}]})");
  const auto listed =
      folder.kindred(Words{"predict", "m.json", "--rank", "2", "--ridge", "0", "--reseed", "0", "--json"} + end);
  CHECK(json::parse(listed.out)["systems"][1]["reseeded"] == with["systems"][1]["reseeded"]);
  const Words sweep = {"sweep", "one.npy", "two.npy", "--delays", "1,2", "--rank", "1:4", "--recommend", "--quiet"};
  const auto chosen = folder.kindred(sweep + end + control);
  INFO(chosen.err);
  CHECK(chosen.out == "--delays 1 --interval 1 --rank 2\n");
  check_error(folder.kindred(predict + Words{"--control", "u_one.npy"}), 3,
              "--control: the number of systems is 2, that of their inputs 1; expected inputs of each");
  check_error(folder.kindred(predict + Words{"--control", "u_two.npy", "u_one.npy"}), 3,
              "--control: inputs 'u_two', trial 0: 60 steps, expected 80 as in system 'one'");
  check_error(folder.kindred(predict + control + Words{"--steps-ahead", "2", "--quiet"}), 2, "--steps-ahead");
}

TEST_CASE("systems of which the eigenvalues alone are known", "[cli][spectral]") {
  const Folder folder;
  const auto write = [&](double second) {
    const std::vector<double> a = {1, second}, b = {1};
    kindred::save_npz(folder / "s.npz", {{"a", {2}, a.data()}, {"b", {1}, b.data()}});
  };
  write(0.5);
  const Words pairwise = {"pairwise", "--operators", "s.npz", "--quiet", "--metric"};
  const auto told = folder.kindred(pairwise + Words{"spectral,spectral-share", "--json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const json metrics = json::parse(told.out)["metrics"];
  CHECK(metrics[0]["distances"][0][1] == 0.125);  // 0.5 goes to a zero, with half of the mass
  CHECK(metrics[1]["distances"][0][1] == 0.125);  // and to 1
  check_error(folder.kindred(pairwise + Words{"dsa", "--out", "D.npy"}), 2, "'a' is given by its eigenvalues alone");
  // Other eigenvalues are another comparison.
  const Words kept = pairwise + Words{"spectral", "--journal", "j", "--out", "D.npy"};
  REQUIRE(folder.kindred(kept).code == 0);
  write(0.25);
  check_error(folder.kindred(kept), 2, "belongs to another comparison");
}

TEST_CASE("a sweep starts from q* and goes on from its journal", "[cli][sweep]") {
  const Recorded folder;
  const Words sweep = {"sweep", "a.npy",     "b.npy", "--delays", "q-star", "--rank",
                       "2:4",   "--journal", "j",     "--out",    "s.json"};
  const auto first = folder.kindred(sweep);
  INFO(first.err);
  REQUIRE(first.code == 0);
  CHECK(first.err.find("q* = ") != std::string::npos);
  const json one = json::parse(folder.read("s.json"));
  CHECK(one["q_star"]["delays"] >= 2);
  const auto again = folder.kindred(sweep);
  CHECK(again.err.find("goes on behind") != std::string::npos);
  CHECK(json::parse(folder.read("s.json"))["sweep"] == one["sweep"]);
  check_error(
      folder.kindred({"sweep", "a.npy", "c.npy", "--rank", "2:4", "--journal", "j", "--out", "s.json", "--quiet"}), 2,
      "another sweep");
}
