/// Pairs i with i, parts of recordings, distances to the identity, and alignments of chosen pairs.
#include "tests/cli/recordings.hpp"

#include <kindred/io.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

using namespace kindred::test;

namespace {

/// N operators of rank r from a seed, NAME.npy.
std::vector<double> write_random(const Folder& folder, const std::string& name, std::int64_t n, std::int64_t r,
                                 std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(static_cast<std::size_t>(n * r * r));
  for (double& v : values) v = normal(random);
  folder.write_npy(name, {n, r, r}, values);
  return values;
}

}  // namespace

TEST_CASE("paired: the diagonal of rows against columns", "[cli]") {
  const Folder folder;
  (void)write_random(folder, "a.npy", 4, 5, 1);
  (void)write_random(folder, "b.npy", 4, 5, 2);
  const Words both = {"cross", "--operators", "a.npy", "--against", "b.npy", "--metric", "dsa,spectral", "--quiet"};
  REQUIRE(folder.kindred(both + Words{"--out", "all.npz"}).code == 0);
  const auto run = folder.kindred(both + Words{"--paired", "--out", "D.npz", "--report", "r.html", "--json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(json["paired"] == true);
  CHECK(json["columns"].size() == 4);
  const auto whole = nlohmann::json::parse(folder.kindred(both + Words{"--json"}).out);
  for (std::size_t k = 0; k < 2; ++k) {
    const auto& pairs = json["metrics"][k]["distances"];
    REQUIRE(pairs.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(pairs[i] == whole["metrics"][k]["distances"][i][i]);
  }
  CHECK(folder.read("r.html").find("pair by pair") != std::string::npos);
  REQUIRE(
      folder.kindred({"cross", "--operators", "a.npy", "--against", "b.npy", "--paired", "--out", "one.npy", "--quiet"})
          .code == 0);
  CHECK(folder.read_npy("one.npy").shape == "(4,)");

  (void)write_random(folder, "c.npy", 3, 5, 3);
  check_error(folder.kindred({"cross", "--operators", "a.npy", "--against", "c.npy", "--paired", "--out", "E.npy"}), 2,
              "4 systems cannot be paired with 3");
  check_error(folder.kindred({"cross", "--operators", "a.npy", "--against", "b.npy", "--paired", "--out", "E.npy",
                              "--journal", "j"}),
              2, "--journal");
}

TEST_CASE("paired recordings, fitted together", "[cli]") {
  const Recorded folder;
  const Words both =
      Words{"cross", "a.npy", "b.npy", "--against", "c.npy", "b.npy", "--metric", "dsa,cka", "--quiet", "--json"} +
      fit_options;
  const auto whole = nlohmann::json::parse(folder.kindred(both).out);
  const auto pairs = nlohmann::json::parse(folder.kindred(both + Words{"--paired"}).out);
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(pairs["metrics"][k]["distances"][i] == whole["metrics"][k]["distances"][i][i]);
    }
  }
  CHECK(pairs["metrics"][1]["distances"][1] == 0);
}

TEST_CASE("split: parts of recordings, and how far they are apart", "[cli]") {
  const Recorded folder;
  const auto run = folder.kindred(
      Words{"pairwise", "a.npy", "b.npy", "--split", "2", "--out", "D.npy", "--report", "r.html"} + fit_options);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto sidecar = nlohmann::json::parse(folder.read("D.json"));
  CHECK(sidecar["systems"][1]["name"] == "a[2]");
  CHECK(sidecar["systems"][1]["part_of"] == "a");
  CHECK(sidecar["systems"][1]["label"] == "a");
  CHECK(sidecar["systems"][1]["trials"] == 10);
  const auto d = folder.read_npy("D.npy");
  REQUIRE(d.shape == "(4, 4)");
  CHECK(sidecar["metrics"][0]["noise_floor"].get<double>() == Approx((d.values[1] + d.values[11]) / 2));
  CHECK(run.out.find("noise floor") != std::string::npos);
  CHECK(folder.read("r.html").find("noise floor") != std::string::npos);

  // One trial: parts of its time. The first half of a recording whose halves are equal is the second half.
  std::vector<double> values(60);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::sin(0.7 * static_cast<double>(k % 30));
  folder.write_npy("twice.npy", {20, 3}, values);
  const auto halves = nlohmann::json::parse(
      folder.kindred({"pairwise", "twice.npy", "--split", "2", "--metric", "procrustes", "--json", "--quiet"}).out);
  CHECK(halves["systems"][0]["steps"][0] == 10);
  CHECK(halves["metrics"][0]["distances"][0][1] == 0);
  CHECK(halves["metrics"][0]["noise_floor"] == 0);

  check_error(folder.kindred({"pairwise", "twice.npy", "--split", "21", "--metric", "cka", "--out", "E.npy"}), 3,
              "too few to split in 21 parts");
  check_error(folder.kindred({"pairwise", "twice.npy", "--split", "1", "--out", "E.npy"}), 2, "expected 2 or more");
  write_operators(folder, 2, 3);
  check_error(folder.kindred({"pairwise", "--operators", "ops.npy", "--split", "2", "--out", "E.npy"}), 2, "--split");
}

TEST_CASE("the distance to the identity is that of the trace", "[cli]") {
  // C I C^T = I for every C: the angle between A and I is arccos(tr A / (||A|| sqrt r)).
  const Folder folder;
  constexpr std::size_t n = 3, r = 4;
  const auto values = write_random(folder, "a.npy", n, r, 5);
  const auto run = folder.kindred({"cross", "--operators", "a.npy", "--against", "identity", "--json", "--quiet"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(json["columns"][0]["name"] == "identity");
  for (std::size_t k = 0; k < n; ++k) {
    const double* a = values.data() + k * r * r;
    long double trace = 0, square = 0;
    for (std::size_t i = 0; i < r; ++i) trace += a[i * r + i];
    for (std::size_t i = 0; i < r * r; ++i) square += static_cast<long double>(a[i]) * a[i];
    const auto expected = static_cast<double>(std::acos(trace / std::sqrt(square * r)));
    // Sixteen products, a few roundings each; the angle is far from 0 and pi.
    CHECK(std::fabs(json["metrics"][0]["distances"][k].get<double>() - expected) <= 1e-13);
  }
  record(folder);
  const auto fitted =
      folder.kindred(Words{"cross", "b.npy", "c.npy", "--against", "identity", "--quiet", "--json"} + fit_options);
  REQUIRE(fitted.code == 0);
  CHECK(nlohmann::json::parse(fitted.out)["metrics"][0]["distances"].size() == 2);
  check_error(folder.kindred({"cross", "b.npy", "--against", "identity", "--metric", "cka", "--out", "E.npy"}), 2,
              "the identity is an operator");
}

TEST_CASE("alignments of chosen pairs bring the operators together", "[cli]") {
  const Folder folder;
  constexpr std::size_t r = 4;
  const auto a = write_random(folder, "a.npy", 2, r, 7), b = write_random(folder, "b.npy", 2, r, 8);
  const auto run = folder.kindred({"cross", "--operators", "a.npy", "--against", "b.npy", "--metric", "dsa-euclidean",
                                   "--alignment", "C.npz", "--json", "--quiet"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto json = nlohmann::json::parse(run.out);
  const auto found = kindred::load_operators((folder / "C.npz").string());
  REQUIRE(found.size() == 4);
  CHECK(found[1].name == "a[0]|b[1]");
  for (std::size_t k = 0; k < 4; ++k) {
    const auto& c = found[k].values;
    const double *x = a.data() + k / 2 * r * r, *y = b.data() + k % 2 * r * r;
    const double nx = std::sqrt(std::inner_product(x, x + r * r, x, 0.0));
    const double ny = std::sqrt(std::inner_product(y, y + r * r, y, 0.0));
    double residual = 0;
    for (std::size_t i = 0; i < r; ++i) {
      for (std::size_t j = 0; j < r; ++j) {
        double mapped = 0, product = 0;
        for (std::size_t p = 0; p < r; ++p) {
          product += c[i * r + p] * c[j * r + p];
          for (std::size_t q = 0; q < r; ++q) mapped += c[i * r + p] * y[p * r + q] * c[j * r + q];
        }
        CHECK(std::fabs(product - (i == j ? 1 : 0)) <= 1e-12);  // orthogonal
        residual += std::pow(x[i * r + j] / nx - mapped / ny, 2);
      }
    }
    CHECK(std::fabs(std::sqrt(residual) - json["metrics"][0]["distances"][k / 2][k % 2].get<double>()) <= 1e-12);
  }
  check_error(folder.kindred({"cross", "--operators", "a.npy", "--against", "b.npy", "--metric", "spectral",
                              "--alignment", "E.npz"}),
              2, "--alignment is the change of basis of dsa");
  check_error(folder.kindred({"cross", "--operators", "a.npy", "--against", "b.npy", "--alignment", "E.npy"}), 2,
              ".npz");
}
