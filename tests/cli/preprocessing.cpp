/// The preparation of recordings from the command line and from a manifest, and what is told of it.
#include "tests/cli/recordings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

using namespace kindred::test;
using nlohmann::json;

namespace {

/// 120 steps x 3 channels of decaying waves; steps 40 and 41 of channel 1 are missing where `gap` is.
void write_waves(const Folder& folder, const std::string& name, double pace, bool gap) {
  std::vector<double> values;
  for (int t = 0; t < 120; ++t) {
    for (int c = 0; c < 3; ++c) {
      const bool missing = gap && c == 1 && (t == 40 || t == 41);
      values.push_back(missing ? std::numeric_limits<double>::quiet_NaN()
                               : std::exp(-0.01 * t) * std::sin(pace * (t + 1) * (c + 1)) + 0.1 * c);
    }
  }
  folder.write_npy(name, {120, 3}, values);
}

void write_three(const Folder& folder) {
  write_waves(folder, "a.npy", 0.11, false);
  write_waves(folder, "b.npy", 0.13, true);
  write_waves(folder, "c.npy", 0.17, false);
}

const Words files = {"a.npy", "b.npy", "c.npy"};
const Words dsa = {"--delays", "4", "--rank", "5"};

}  // namespace

TEST_CASE("windows with missing samples are left out, counted and told", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  const Words pairwise = Words{"pairwise"} + files + dsa + Words{"--out", "D.npy"};
  check_error(
      folder.kindred(pairwise + Words{"--quiet"}), 3,
      "'b', trial 0, time 40, channel 1: the value is NaN, expected a finite number; missing samples can be left "
      "out or interpolated (--nan)");
  const auto run = folder.kindred(pairwise + Words{"--nan", "drop"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.find("system 'b': 2 missing values, 2 steps left out, 5 of 117 windows left out") != std::string::npos);
  CHECK(run.err.find("system 'a'") == std::string::npos);
  const json sidecar = json::parse(folder.read("D.json"));
  CHECK(sidecar["preprocess"]["nan"] == "drop");
  CHECK(sidecar["preprocess"]["bin"] == 1);
  CHECK(sidecar["systems"][1]["missing"] ==
        json{{"values", 2}, {"interpolated", 0}, {"steps_left_out", 2}, {"short_pieces_left_out", 0}});
  CHECK(sidecar["systems"][1]["fit"]["windows_left_out"] == 5);
  CHECK(sidecar["systems"][1]["trials"] == 2);
  CHECK_FALSE(sidecar["systems"][0].contains("missing"));
  CHECK(std::isfinite(folder.read_npy("D.npy").values[1]));

  const Words cka = Words{"pairwise"} + files + Words{"--metric", "cka", "--out", "C.npy"};
  check_error(folder.kindred(cka + Words{"--nan", "drop", "--quiet"}), 3, "system 'b' was cut at missing samples");
  const auto bridged = folder.kindred(cka + Words{"--nan", "interpolate", "--largest-gap", "2"});
  CHECK(bridged.code == 0);
  CHECK(bridged.err.find("system 'b': 2 missing values, 2 interpolated\n") != std::string::npos);
}

TEST_CASE("fit prepares recordings as pairwise does", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  const Words steps = {"--nan",         "drop", "--bin",    "2",         "--bin-by",     "sum",
                       "--smooth",      "1",    "--causal", "--scaling", "zscore-trial", "--components",
                       "variance:0.999"};
  const Words few = {"--delays", "3", "--rank", "4", "--quiet"};
  REQUIRE(folder.kindred(Words{"fit"} + files + steps + few + Words{"--out", "ops.npz"}).code == 0);
  REQUIRE(folder.kindred(Words{"pairwise", "--operators", "ops.npz", "--out", "from_ops.npy", "--quiet"}).code == 0);
  REQUIRE(folder.kindred(Words{"pairwise"} + files + steps + few + Words{"--out", "direct.npy"}).code == 0);
  CHECK(folder.read("from_ops.npy") == folder.read("direct.npy"));
  const json sidecar = json::parse(folder.read("ops.json"));
  CHECK(sidecar["preprocess"] == json::parse(folder.read("direct.json"))["preprocess"]);
  CHECK(sidecar["preprocess"]["variance"] == 0.999);
  CHECK(sidecar["preprocess"]["bin_by"] == "sum");
  CHECK(sidecar["preprocess"]["causal"] == true);
  CHECK(sidecar["systems"][1]["missing"]["values"] == 2);
  REQUIRE(folder.kindred({"fit", "a.npy", "c.npy", "--rank", "2", "--out", "plain.npz", "--quiet"}).code == 0);
  CHECK(json::parse(folder.read("plain.json"))["preprocess"].is_null());
}

TEST_CASE("a manifest sets steps for all systems and for one", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  folder.write("m.json", R"({"preprocess": {"bin": 2, "smooth": 0.5}, "systems": [
      {"name": "a", "file": "a.npy"},
      {"name": "b", "file": "b.npy", "preprocess": {"nan": "drop", "bin": 1, "causal": true}},
      {"name": "c", "file": "c.npy"}]})");
  const auto run =
      folder.kindred(Words{"pairwise", "m.json", "--scaling", "centre", "--out", "D.npy", "--quiet"} + dsa);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json sidecar = json::parse(folder.read("D.json"));
  CHECK(sidecar["preprocess"]["bin"] == 1);
  const json& own = sidecar["systems"][1]["preprocess"];
  CHECK(own["nan"] == "drop");
  CHECK(own["bin"] == 1);
  CHECK(own["smooth"] == 0.5);
  CHECK(own["causal"] == true);
  CHECK(own["scaling"] == "centre");
  CHECK(sidecar["systems"][0]["preprocess"]["bin"] == 2);
  CHECK(sidecar["systems"][0]["steps"] == json{60, 60});
  CHECK(sidecar["systems"][1]["steps"] == json{40, 78});
  REQUIRE(folder
              .kindred(Words{"fit", "c.npy", "--bin", "2", "--smooth", "0.5", "--scaling", "centre", "--out", "c.npz",
                             "--quiet"} +
                       dsa)
              .code == 0);
  REQUIRE(folder.kindred(Words{"fit", "m.json", "--scaling", "centre", "--out", "all.npz", "--quiet"} + dsa).code == 0);
  CHECK(json::parse(folder.read("c.json"))["systems"][0]["fit"] ==
        json::parse(folder.read("all.json"))["systems"][2]["fit"]);
}

TEST_CASE("a journal of another preparation is refused", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  const Words cka =
      Words{"pairwise", "a.npy", "c.npy", "--metric", "cka", "--journal", "j", "--quiet", "--out", "D.npy"};
  REQUIRE(folder.kindred(cka + Words{"--bin", "2"}).code == 0);
  CHECK(folder.kindred(cka + Words{"--bin", "2"}).code == 0);
  for (const Words& other : {Words{"--bin", "3"}, Words{"--smooth", "2"}, Words{"--bin", "2", "--every", "2"}}) {
    const auto refused = folder.kindred(cka + other);
    CHECK(refused.code == 2);
    CHECK(refused.err.find("the recording of system") != std::string::npos);
  }
}

TEST_CASE("steps of the preparation that cannot be are one line that names them", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  const auto refused = [&](const Words& words, int code, const std::string& part) {
    check_error(folder.kindred(Words{"pairwise", "a.npy", "c.npy", "--rank", "2", "--out", "D.npy", "--quiet"} + words),
                code, part);
  };
  refused({"--nan", "zero"}, 2, "--nan");
  refused({"--nan", "interpolate"}, 2, "--largest-gap is 0");
  refused({"--largest-gap", "3"}, 2, "--largest-gap 3 is for --nan interpolate");
  refused({"--bin", "0"}, 2, "--bin");
  refused({"--bin", "200"}, 3, "system 'a', trial 0: 120 steps are too few for a bin of --bin 200");
  refused({"--bin", "3", "--bin-overlap", "3"}, 2, "--bin-overlap 3, expected 0 to 2, less than --bin");
  refused({"--smooth", "-1"}, 2, "--smooth");
  refused({"--causal"}, 2, "--causal is for a filter: --smooth is 0");
  refused({"--every", "0"}, 2, "--every");
  refused({"--components", "variance:1.5"}, 2, "'variance:1.5': expected a whole number from 0, or variance:SHARE");
  refused({"--components", "variance:0"}, 2, "variance:0");
  refused({"--components", "-1"}, 2, "--components");
  refused({"--common-basis"}, 2, "--common-basis needs --components");
  write_operators(folder, 2, 3);
  check_error(folder.kindred({"pairwise", "--operators", "ops.npy", "--bin", "2", "--out", "D.npy", "--quiet"}), 2,
              "--bin prepares recordings; --operators has none");
  const auto manifest = [&](const std::string& steps, const std::string& part) {
    folder.write("m.json", R"({"systems": [{"name": "one", "file": "a.npy", "preprocess": )" + steps + "}]}");
    check_error(folder.kindred({"pairwise", "m.json", "--rank", "2", "--out", "D.npy", "--quiet"}), 3, part);
  };
  manifest(R"({"bim": 3})", "'one'): Preprocess has no field 'bim'");
  manifest(R"({"bin": 2.5})", "'one'): --bin is '2.5', expected a whole number from 1");
  manifest(R"({"bin": [2]})", "must be a word, a number, true or false");
  manifest("3", "'preprocess' must be an object");
}

TEST_CASE("a recording without any sample left fails alone", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  folder.write_npy("none.npy", {120, 3}, std::vector<double>(360, std::numeric_limits<double>::quiet_NaN()));
  const auto run =
      folder.kindred(Words{"pairwise"} + files + Words{"none.npy", "--nan", "drop", "--out", "D.npy"} + dsa);
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.find("system 'none': no stretch of 5 steps is free of missing samples") != std::string::npos);
  const auto distances = folder.read_npy("D.npy").values;
  CHECK(std::isnan(distances[3]));
  REQUIRE(folder.kindred(Words{"pairwise"} + files + Words{"--nan", "drop", "--out", "E.npy", "--quiet"} + dsa).code ==
          0);
  CHECK(distances[1] == folder.read_npy("E.npy").values[1]);
  const auto swept =
      folder.kindred({"sweep", "a.npy", "none.npy", "--nan", "drop", "--rank", "2,3", "--hold-out", "time:0.2"});
  INFO(swept.err);
  CHECK(swept.code == 0);
  CHECK(swept.err.find("system 'none' is left out: it was cut at missing samples") != std::string::npos);
  // A constant recording leaves one component, which is not too few for the rank of the others.
  folder.write_npy("still.npy", {120, 3}, std::vector<double>(360, 2.0));
  const auto reduced = folder.kindred(
      {"pairwise", "a.npy", "still.npy", "c.npy", "--rank", "2", "--components", "variance:0.9999", "--out", "F.npy"});
  INFO(reduced.err);
  CHECK(reduced.code == 0);
  CHECK(reduced.err.find("system 'still': its only channel is constant") != std::string::npos);
}

TEST_CASE("a recording without a scale for a kernel fails alone", "[cli][preprocess]") {
  const Folder folder;
  write_three(folder);
  folder.write_npy("still.npy", {120, 3}, std::vector<double>(360, 2.0));
  const Words some = {"a.npy", "still.npy", "c.npy"}, kernel = {"--observables", "nystroem", "--features", "20"};
  const std::string named = "system 'still'", why = "the median distance between its samples is 0, which is no scale";
  for (const Words& metric : {dsa, Words{"--metric", "cka"}, Words{"--metric", "dsa,cka"} + dsa}) {
    const auto run =
        folder.kindred(Words{"pairwise"} + some + kernel + metric + Words{"--out", "D.npz", "--no-clobber"});
    INFO(run.err);
    CHECK(run.code == 0);
    const std::size_t at = run.err.find(named + ": " + why);
    REQUIRE(at != std::string::npos);
    CHECK(run.err.find(why, at + named.size() + 2 + why.size()) == std::string::npos);  // told once
    std::filesystem::remove(folder / "D.npz");
    std::filesystem::remove(folder / "D.json");
  }
  const auto fit = folder.kindred(Words{"fit"} + some + kernel + dsa + Words{"--out", "ops.npz"});
  CHECK(fit.code == 0);
  CHECK(fit.err.find(named + " is left out: " + why) != std::string::npos);
  const Words sweep = {"sweep", "--rank", "2,3", "--hold-out", "time:0.2", "--json"};
  const auto swept = folder.kindred(sweep + some + kernel);
  INFO(swept.err);
  REQUIRE(swept.code == 0);
  CHECK(swept.err.find(named + " is left out: " + why) != std::string::npos);
  const json document = json::parse(swept.out);
  CHECK(document["sweep"]["left_out"][0]["name"] == "still");
  const auto others = folder.kindred(sweep + Words{"a.npy", "c.npy"} + kernel);
  CHECK(json::parse(others.out)["sweep"]["points"] == document["sweep"]["points"]);
  check_error(folder.kindred(Words{"sweep", "still.npy", "--rank", "2", "--hold-out", "time:0.2", "--quiet"}), 3,
              "no system can be judged; system 'still': all its channels are constant");
}
