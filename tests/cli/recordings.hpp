#pragma once
/// Small inputs for tests of the program, and what every error looks like.
#include "tests/cli/process.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace kindred::test {

using Words = std::vector<std::string>;

inline const Words fit_options = {"--delays", "5", "--interval", "2", "--rank", "6"};

inline Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Small Lorenz recordings a.npy, b.npy, c.npy.
inline void record(const Folder& folder) {
  const std::vector<std::pair<std::string, std::string>> systems = {{"a", "0.5"}, {"b", "10"}, {"c", "40"}};
  for (const auto& [name, rho] : systems) {
    const auto run = folder.kindred(
        {"simulate", "lorenz", "--rho", rho, "--trials", "20", "--steps", "80", "--seed", "1", "--out", name + ".npy"});
    REQUIRE(run.code == 0);
  }
}

/// A folder with these recordings.
class Recorded : public Folder {
 public:
  Recorded() { record(*this); }
};

/// N random operators of rank r as ops.npy.
inline void write_operators(const Folder& folder, std::int64_t n, std::int64_t r) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<double> values(static_cast<std::size_t>(n * r * r));
  for (double& v : values) v = normal(random);
  folder.write_npy("ops.npy", {n, r, r}, values);
}

/// One line on standard error, beginning as errors do.
inline void check_error(const Finished& run, int code, const std::string& part) {
  INFO(run.err);
  CHECK(run.code == code);
  CHECK(run.err.starts_with("kindred: error: "));
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.err.find(part) != std::string::npos);
  CHECK(run.err.find("::") == std::string::npos);  // options are named, not fields of structs
  CHECK(run.out.empty());
}

}  // namespace kindred::test
