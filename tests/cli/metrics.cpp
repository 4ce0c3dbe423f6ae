/// `kindred metrics`: every name is told of in full.
#include "tests/cli/recordings.hpp"

#include <kindred/metric_names.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

using namespace kindred;
using namespace kindred::test;

TEST_CASE("metrics lists every name with its facts", "[cli]") {
  const Folder folder;
  const auto run = folder.kindred({"metrics", "--json"});
  REQUIRE(run.code == 0);
  const auto list = nlohmann::json::parse(run.out);
  REQUIRE(list.size() == metric_names().size());
  for (std::size_t k = 0; k < list.size(); ++k) {
    CHECK(list[k]["name"] == metric_names()[k].name);
    for (const char* key : {"summary", "unit", "formula", "range", "invariances", "cost", "source", "configuration"}) {
      INFO(list[k]["name"] << " " << key);
      CHECK_FALSE(list[k][key].get<std::string>().empty());
    }
    CHECK_FALSE((list[k]["is_metric"].get<bool>() && list[k]["is_similarity"].get<bool>()));
  }
  // Squares and estimates have no triangle inequality.
  for (const auto& [name, is_metric] :
       {std::pair("procrustes", true), std::pair("procrustes-squared", false), std::pair("spectral", false),
        std::pair("spectral-root", true), std::pair("cka-song", false), std::pair("cka-rbf", true)}) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry["name"] == name; });
    INFO(name);
    REQUIRE(found != list.end());
    CHECK((*found)["is_metric"] == is_metric);
  }
  const auto one = folder.kindred({"metrics", "wasserstein"});
  CHECK(one.out.starts_with("spectral: "));
  CHECK(one.out.find("\n\n") == std::string::npos);
  check_error(folder.kindred({"metrics", "ckka"}), 2, "'cka'");
}
