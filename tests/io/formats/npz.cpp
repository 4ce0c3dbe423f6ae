#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;

namespace {

/// steps x 2 elements first, first + 1, ...
std::string array(double first, index_t steps = 3) {
  return files::npy("<f8", false, {steps, 2}, [first](index_t i) { return first + static_cast<double>(i); });
}

double first_of(const TrajectorySet& set, std::size_t trial = 0) { return std::get<1>(set.trials).at(trial)(0, 0); }
double last_of(const TrajectorySet& set, std::size_t trial = 0) {
  const auto& t = std::get<1>(set.trials).at(trial);
  return t(t.steps - 1, t.channels - 1);
}

}  // namespace

TEST_CASE("members are read however an archive stores them", "[io]") {
  const files::Folder folder;
  for (const bool deflate : {false, true}) {
    for (const bool descriptor : {false, true}) {
      for (const bool zip64 : {false, true}) {
        CAPTURE(deflate, descriptor, zip64);
        const files::Member b{"b.npy", array(100, 7), deflate, descriptor, zip64};
        const files::Member a{"inner/a.npy", array(200), !deflate, descriptor, zip64};
        const auto sets = load({folder.write("x.npz", files::zip({b, a}, zip64, "a comment"))});
        REQUIRE(sets.size() == 2);
        CHECK(sets[0].name == "b");  // the order of the archive
        CHECK(sets[1].name == "inner/a");
        CHECK(sets[0].steps(0) == 7);
        CHECK((first_of(sets[0]) == 100 && last_of(sets[0]) == 113));
        CHECK((first_of(sets[1]) == 200 && last_of(sets[1]) == 205));
      }
    }
  }
}

TEST_CASE("the arrays of a .npz are systems or trials of one, or one is picked", "[io]") {
  const files::Folder folder;
  const auto path = folder.write("net.npz", files::zip({{"b.npy", array(0, 4)}, {"a.npy", array(50, 9)}}));
  const auto one = load({path}, {.npz = NpzArrays::trials});
  REQUIRE(one.size() == 1);
  CHECK(one[0].name == "net");
  CHECK(one[0].trial_count() == 2);
  CHECK((one[0].steps(0) == 4 && one[0].steps(1) == 9 && one[0].total_steps() == 13));
  CHECK((first_of(one[0], 0) == 0 && first_of(one[0], 1) == 50));

  const auto picked = load({path + ":a"});
  REQUIRE(picked.size() == 1);
  CHECK((picked[0].name == "a" && first_of(picked[0]) == 50));
  CHECK_THAT(error_of([&] { (void)load({path + ":c"}); }), Contains("holds no array 'c'"));
  CHECK_THAT(error_of([&] { (void)load({path + ":"}); }), Contains("no array after the colon"));
}

TEST_CASE("trials of one system agree in type and channels", "[io]") {
  const files::Folder folder;
  const auto zero = [](index_t) { return 0.0; };
  const auto load_both = [&](const std::string& second) {
    const auto path = folder.write("x.npz", files::zip({{"a.npy", array(0)}, {"b.npy", second}}));
    return error_of([&] { (void)load({path}, {.npz = NpzArrays::trials}); });
  };
  CHECK_THAT(load_both(files::npy("<f8", false, {3, 5}, zero)),
             Contains("x.npz:b") && Contains("5 channels") && Contains("2"));
  CHECK_THAT(load_both(files::npy("<f4", false, {3, 2}, zero)), Contains("float32") && Contains("x.npz:a"));
  CHECK(load_both(files::npy(">f8", true, {4, 9, 2}, zero)) == "no error");
}

TEST_CASE("a damaged or strange archive is refused", "[io]") {
  const files::Folder folder;
  const auto refused = [&](const std::string& bytes) {
    const auto path = folder.write("bad.npz", bytes);
    ErrorCode code{};
    std::string message = error_of([&] { (void)load({path}); }, &code);
    CHECK(code == ErrorCode::io);
    CHECK_THAT(message, Contains(path));
    CHECK(message.find('\n') == std::string::npos);
    return message;
  };
  for (const bool deflate : {false, true}) {
    const std::string whole = files::zip({{"a.npy", array(1, 50), deflate}});
    for (std::size_t n = 4; n < whole.size(); n += 7) CHECK_THAT(refused(whole.substr(0, n)), Contains("truncated"));
    std::string flipped = whole;
    flipped[whole.size() / 3] = static_cast<char>(flipped[whole.size() / 3] ^ 4);
    CHECK_THAT(refused(flipped), Contains("bad.npz:a") && Contains("damaged"));
  }
  CHECK_THAT(refused(files::zip({{"a.npy", array(1)}, {"a.npy", array(2)}})),
             Contains("two members are called 'a.npy'"));
  files::Member odd{"a.npy", array(1)};
  odd.flags = 1;
  CHECK_THAT(refused(files::zip({odd})), Contains("encrypted"));
  odd.flags = 0, odd.method = 14;
  CHECK_THAT(refused(files::zip({odd})), Contains("method 14"));
  odd.method = 8;  // raw bytes that claim to be a deflate stream
  CHECK(refused(files::zip({odd})) != "no error");
  CHECK_THAT(refused(files::zip({})), Contains("no arrays"));
  CHECK_THAT(refused(files::zip({{"readme.txt", "hello"}})), Contains("bad.npz: is a ZIP file without arrays"));
}

TEST_CASE("a member that claims to be enormous costs nothing", "[io]") {
  const files::Folder folder;
  std::string bytes = files::zip({{"a.npy", array(1), true}});
  const std::size_t entry = bytes.rfind("PK\x01\x02");
  bytes.replace(entry + 24, 4, files::le(0xfffffff0, 4));  // unpacked size in the central directory
  CHECK_THAT(error_of([&] { (void)load({folder.write("big.npz", bytes)}); }), Contains("more than deflate can"));
}

TEST_CASE("a saved .npz is read back, stored arrays in place", "[io]") {
  const files::Folder folder;
  std::vector<double> wide(600);
  std::vector<float> narrow(20);
  for (std::size_t i = 0; i < wide.size(); ++i) wide[i] = std::sin(static_cast<double>(i));
  for (std::size_t i = 0; i < narrow.size(); ++i) narrow[i] = static_cast<float>(i);
  const std::vector<NpzArray> arrays = {{"b/\xc3\xa9", {10, 20, 3}, wide.data()}, {"a", {10, 2}, narrow.data()}};
  for (const auto compression : {NpzCompression::stored, NpzCompression::deflated}) {
    const auto path = folder / "x.npz";
    save_npz(path, arrays, compression);
    const auto sets = load({path});
    REQUIRE(sets.size() == 2);
    CHECK(sets[0].name == "b/\xc3\xa9");
    const auto& trials = std::get<1>(sets[0].trials);
    REQUIRE(trials.size() == 10);
    CHECK(trials[9](19, 2) == wide[599]);
    CHECK(std::get<0>(sets[1].trials)[0](9, 1) == 19);
    for (const auto& info : describe(path)) {
      CHECK(info.storage == (compression == NpzCompression::stored ? "mapped" : "copied: deflated"));
    }
  }
  CHECK_THAT(error_of([&] { save_npz(folder / "y.npz", {arrays[0], arrays[0]}); }), Contains("two arrays are called"));
  CHECK_THAT(error_of([&] { save_npz(folder / "y.npz", {{"", {2, 2}, wide.data()}}); }), Contains("name of an array"));
  CHECK(folder.names() == std::vector<std::string>{"x.npz"});
}

TEST_CASE("more members than a plain ZIP directory counts", "[io]") {
  const files::Folder folder;
  const double zeros[4] = {};
  std::vector<NpzArray> arrays;
  arrays.reserve(65600);
  for (int i = 0; i < 65600; ++i) arrays.push_back({std::to_string(i), {2, 2}, zeros});
  save_npz(folder / "many.npz", arrays);
  const auto sets = load({folder / "many.npz"});
  REQUIRE(sets.size() == 65600);
  CHECK(sets.back().name == "65599");
}
