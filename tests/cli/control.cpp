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
  check_error(folder.kindred(fit + Words{"u_one.npy"}), 3, "inputs of 1 systems for 2 recordings");
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
