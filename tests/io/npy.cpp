#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <filesystem>

using namespace kindred;

TEST_CASE("a saved .npy is read back in place", "[io]") {
  const auto path = std::filesystem::temp_directory_path() / "kindred_npy_roundtrip.npy";
  const std::vector<double> values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  save_npy(path, {2, 3, 2}, values.data());
  const auto sets = load_npy({path.string()});
  REQUIRE(sets.size() == 1);
  CHECK(sets[0].name == "kindred_npy_roundtrip");
  CHECK(sets[0].trial_count() == 2);
  CHECK(sets[0].channels() == 2);
  const auto& views = std::get<1>(sets[0].trials);
  CHECK(views[1](2, 1) == 11);
  std::filesystem::remove(path);
}
