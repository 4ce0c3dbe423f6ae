/// Ranks by rule and by number, fits of a system's own, and what is predicted: the commands fit, predict and sweep.
#include "tests/cli/recordings.hpp"

#include <kindred/io.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

TEST_CASE("several ranks from one command are those of one command a rank", "[cli]") {
  const Recorded folder;
  const Words base = {"fit", "a.npy", "b.npy", "--delays", "5", "--interval", "2", "--quiet", "--rank"};
  REQUIRE(folder.kindred(base + Words{"3,5", "--out", "ops.npz"}).code == 0);
  CHECK(folder.list() ==
        Words{"a.npy", "b.npy", "c.npy", "ops-rank-3.json", "ops-rank-3.npz", "ops-rank-5.json", "ops-rank-5.npz"});
  CHECK(nlohmann::json::parse(folder.read("ops-rank-3.json"))["dmd"]["rank"] == 3);
  for (const std::string rank : {"3", "5"}) {
    REQUIRE(folder.kindred(base + Words{rank, "--out", "one.npz"}).code == 0);
    const OperatorSet several = load_operators((folder / ("ops-rank-" + rank + ".npz")).string()),
                      one = load_operators((folder / "one.npz").string());
    REQUIRE(several.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      REQUIRE(several[i].values.size() == one[i].values.size());
      // Leading blocks of more moments: rounding by sigma_1 / sigma_5 of a few hundred.
      for (std::size_t e = 0; e < one[i].values.size(); ++e) {
        CHECK(std::abs(several[i].values[e] - one[i].values[e]) <= 1e-10);
      }
    }
  }
  const auto json = folder.kindred(base + Words{"3,5", "--json"});
  REQUIRE(json.code == 0);
  const auto documents = nlohmann::json::parse(json.out);
  REQUIRE(documents.size() == 2);
  CHECK(documents[1]["systems"][0]["operator"].size() == 25);
}

TEST_CASE("spectra of operators, in the JSON and drawn", "[cli]") {
  const Recorded folder;
  const Words base = {"a.npy", "b.npy", "--delays", "5", "--interval", "2", "--quiet", "--rank", "4"};
  REQUIRE(folder.kindred(Words{"fit"} + base + Words{"--spectra", "--out", "ops.npz", "--report", "fit.html"}).code ==
          0);
  const auto told = nlohmann::json::parse(folder.read("ops.json"))["systems"][1]["fit"];
  REQUIRE(told["eigenvalues"].size() == 4);
  CHECK(told["eigenvalues"][0]["residual"].get<double>() >= 0);
  // Eigenvalues come by modulus, the largest is the spectral radius.
  const double re = told["eigenvalues"][0]["re"], im = told["eigenvalues"][0]["im"];
  CHECK(std::abs(std::hypot(re, im) - told["spectral_radius"].get<double>()) <= 1e-14);
  const std::string drawn = "Colour is the residual";
  CHECK(folder.read("fit.html").find(drawn) != std::string::npos);
  REQUIRE(folder.kindred(Words{"pairwise"} + base + Words{"--report", "pairs.html"}).code == 0);
  CHECK(folder.read("pairs.html").find(drawn) != std::string::npos);
  REQUIRE(folder.kindred({"pairwise", "--operators", "ops.npz", "--report", "given.html", "--quiet"}).code == 0);
  CHECK(folder.read("given.html").find("Eigenvalues of the operators") != std::string::npos);
  CHECK(folder.read("given.html").find(drawn) == std::string::npos);
  REQUIRE(
      folder
          .kindred({"sweep", "a.npy", "b.npy", "--delays", "2,4", "--rank", "3,4", "--report", "sweep.html", "--quiet"})
          .code == 0);
  CHECK(folder.read("sweep.html").find(drawn) != std::string::npos);
}

TEST_CASE("rules of rank, and fits of its own that a manifest gives a system", "[cli]") {
  const Recorded folder;
  folder.write("m.json", R"({"systems": [{"name": "a", "file": "a.npy", "delays": 7, "rank": 4, "ridge": 1e-4},
                                         {"name": "b", "file": "b.npy"}]})");
  REQUIRE(folder
              .kindred({"fit", "m.json", "--delays", "5", "--interval", "2", "--rank", "variance:0.999", "--out",
                        "ops.npz", "--quiet"})
              .code == 0);
  const auto sidecar = nlohmann::json::parse(folder.read("ops.json"));
  CHECK(sidecar["dmd"]["rank"] == "variance:0.999");
  CHECK(sidecar["systems"][0]["dmd"]["delays"] == 7);
  CHECK(sidecar["systems"][0]["fit"]["rank"] == 4);
  CHECK(sidecar["systems"][0]["fit"]["columns"] == 21);
  CHECK_FALSE(sidecar["systems"][1].contains("dmd"));
  CHECK(sidecar["systems"][1]["fit"]["columns"] == 15);
  CHECK(sidecar["systems"][1]["fit"]["rank"] > 0);
  CHECK(sidecar["systems"][1]["fit"]["numerical_rank_is_bound"] == false);

  // pairwise and cross fit them likewise.
  const Words fit = {"--delays", "5", "--interval", "2", "--rank", "4", "--metric", "spectral", "--quiet"};
  REQUIRE(folder.kindred(Words{"pairwise", "m.json", "--out", "D.npy"} + fit).code == 0);
  CHECK(nlohmann::json::parse(folder.read("D.json"))["systems"][0]["fit"]["columns"] == 21);
  REQUIRE(folder.kindred(Words{"cross", "b.npy", "--against", "m.json", "--out", "X.npy"} + fit).code == 0);
  CHECK(nlohmann::json::parse(folder.read("X.json"))["columns"][0]["fit"]["columns"] == 21);
  CHECK(folder.read_npy("D.npy").values[1] == folder.read_npy("X.npy").values[0]);

  check_error(folder.kindred({"fit", "m.json", "--rank", "2,3", "--delays", "5", "--out", "R.npz", "--quiet"}), 2,
              "asks for several ranks, but the manifest gives system 'a' a rank of its own");
  // A rule that chooses nothing is a failure of that system.
  const auto nothing = folder.kindred({"fit", "a.npy", "--rank", "sigma:1e9", "--out", "N.npz", "--quiet"});
  check_error(nothing, 3, "no system could be fitted; system 'a': the rank rule sigma:1e+09 chooses no direction");
  check_error(folder.kindred({"pairwise", "a.npy", "b.npy", "--rank", "sigma:1e9", "--out", "N.npy", "--quiet"}), 3,
              "dsa: 1 of 1 pairs have no distance; system 'a': the rank rule sigma:1e+09 chooses no direction");
  check_error(folder.kindred({"pairwise", "a.npy", "b.npy", "--metric", "spectral", "--rank", "3", "--prune", "1e-13",
                              "--out", "N.npy", "--quiet"}),
              3, "system 'a': no eigenvalue has a residual up to --prune 1e-13: the least is ");
}

TEST_CASE("the directions and singular values of the embedded data on request", "[cli]") {
  const Recorded folder;
  const std::vector<double> still(400, 1.0);
  folder.write_npy("still.npy", {2, 50, 4}, still);
  const auto run = folder.kindred(
      {"fit", "a.npy", "b.npy", "still.npy", "--delays", "5", "--rank", "4", "--basis", "basis.npz", "--quiet"});
  CHECK(run.code == 0);
  CHECK(run.err == "kindred: warning: system 'still' is left out: all its channels are constant\n");
  const auto arrays = describe((folder / "basis.npz").string());
  REQUIRE(arrays.size() == 4);
  CHECK((arrays[2].array == "b/basis" && arrays[2].shape == std::vector<index_t>{15, 4}));
  CHECK((arrays[3].array == "b/sigma" && arrays[3].shape == std::vector<index_t>{4}));
  // The JSON beside operators lists them, so that they are no recordings of their folder.
  REQUIRE(folder.kindred({"fit", "a.npy", "--rank", "3", "--basis", "basis.npz", "--out", "o.npz", "--quiet"}).code ==
          0);
  const auto again = folder.kindred({"fit", ".", "--rank", "3", "--quiet", "--json"});
  CHECK(again.code == 0);
  CHECK(nlohmann::json::parse(again.out)["systems"].size() == 4);
}

TEST_CASE("predictions of what was held out", "[cli]") {
  const Recorded folder;
  const Words fit = {"--delays", "5", "--interval", "2", "--rank", "6", "--quiet"};
  REQUIRE(folder.kindred(Words{"predict", "a.npy", "b.npy", "--out", "p.npz"} + fit).code == 0);
  const auto sidecar = nlohmann::json::parse(folder.read("p.json"));
  CHECK(sidecar["hold_out"] == "trials:0.2");
  for (const auto& system : sidecar["systems"]) {
    // 4 of 20 trials, 80 steps less 8 of the window and 1 ahead, 3 channels.
    CHECK(system["reseeded"]["values"] == 4 * 71 * 3);
    CHECK(system["one_step"]["nmse"].get<double>() < 1);
    CHECK(system["one_step"]["r2"].get<double>() > 0);
  }
  // Beside its JSON it is a result, and none to read as recordings.
  std::filesystem::create_directory(folder / "apart");
  std::filesystem::copy_file(folder / "p.npz", folder / "apart" / "p.npz");
  const auto values = load({(folder / "apart" / "p.npz").string()});
  REQUIRE(values.size() == 2);
  CHECK(values[0].trial_count() == 4);
  CHECK(values[0].steps(0) == 80);
  // One choice for all: a manifest's own does not count.
  folder.write("m.json", R"({"systems": [{"name": "a", "file": "a.npy", "delays": 9}]})");
  const auto own = folder.kindred(Words{"predict", "m.json", "--json"} + fit);
  REQUIRE(own.code == 0);
  CHECK(own.err ==
        "kindred: warning: what the manifest says of the fit of 1 system plays no part: one choice is judged "
        "for all\n");
  CHECK(nlohmann::json::parse(own.out)["systems"][0]["reseeded"]["values"] == 4 * 71 * 3);
  const auto json = folder.kindred(Words{"predict", "a.npy", "--hold-out", "time:0.5", "--json"} + fit);
  REQUIRE(json.code == 0);
  CHECK(nlohmann::json::parse(json.out)["systems"][0]["reseeded"]["values"] == 20 * 31 * 3);
  // Systems of which nothing can be said are named, and spoil no other.
  std::vector<double> samples(5 * 40 * 2, 1.0);
  folder.write_npy("still.npy", {5, 40, 2}, samples);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = std::sin(static_cast<double>(i * i));
  samples[30] = std::numeric_limits<double>::quiet_NaN();
  folder.write_npy("hole.npy", {5, 40, 2}, samples);
  const Words plain = {"--rank", "2", "--quiet"};
  const auto some =
      folder.kindred(Words{"predict", "a.npy", "still.npy", "hole.npy", "--nan", "drop", "--json"} + plain);
  CHECK(some.code == 0);
  CHECK(some.err ==
        "kindred: warning: system 'still': all its channels are constant\n"
        "kindred: warning: system 'hole': it was cut at missing samples, and predictions are of whole recordings: "
        "interpolate them (--nan interpolate, --largest-gap)\n");
  const auto alone = folder.kindred(Words{"predict", "a.npy", "--json"} + plain);
  CHECK(nlohmann::json::parse(some.out)["systems"][0]["reseeded"] ==
        nlohmann::json::parse(alone.out)["systems"][0]["reseeded"]);
  check_error(folder.kindred(Words{"predict", "still.npy"} + plain), 3,
              "no system can be judged; system 'still': all its channels are constant");
  check_error(folder.kindred(Words{"predict", "a.npy", "--delays", "20", "--hold-out", "time:0.2"} + plain), 3,
              "system 'a': what is held out of it is too short: predictions begin after 20 steps");
}

TEST_CASE("a sweep recommends options that other commands take", "[cli]") {
  const Recorded folder;
  const Words sweep = {"sweep", "a.npy", "b.npy", "--delays", "1,3:7:2", "--interval", "1,2", "--rank", "2:20:3"};
  const auto run = folder.kindred(sweep + Words{"--out", "s.json", "--report", "s.html", "--recommend", "--quiet"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 1);
  const auto document = nlohmann::json::parse(folder.read("s.json"));
  const auto& result = document["sweep"];
  CHECK(result["points"].size() == 4 * 2 * 7);
  const auto& chosen = result["points"][result["recommended"].get<std::size_t>()];
  CHECK(chosen["feasible"] == true);
  CHECK(run.out == result["flags"].get<std::string>() + "\n");
  // One delay has three columns.
  CHECK(result["points"][1]["feasible"] == false);
  CHECK(result["points"][1]["reseeded"]["nmse"].is_null());
  const std::string report = folder.read("s.html");
  CHECK(report.find(result["flags"].get<std::string>()) != std::string::npos);
  CHECK(report.find("Held-out error, interval 2") != std::string::npos);
  // The results lie beside the recordings and are no recordings.
  const auto again = folder.kindred({"predict", "a.npy", "--delays", chosen["delays"].dump(), "--interval",
                                     chosen["interval"].dump(), "--rank", chosen["rank"].dump(), "--quiet"});
  CHECK(again.code == 0);
}
