#include <catch2/catch.hpp>

#include <memory>
#include <random>

#include "tests/io/files.hpp"
#include "tests/io/fuzz/targets.hpp"

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) { return static_cast<std::size_t>(random() % n); }

/// One random change: the kinds that break parsers rather than only their payload.
void mutate(std::string& bytes, const std::vector<std::string>& seeds, Random& random) {
  static const std::vector<std::string> tokens = {"'",
                                                  "\"",
                                                  "(",
                                                  ")",
                                                  "[",
                                                  "]",
                                                  "{",
                                                  "}",
                                                  ",",
                                                  ":",
                                                  "-",
                                                  "L",
                                                  "0",
                                                  "9223372036854775807",
                                                  "1000000000000000000",
                                                  "\n",
                                                  "<f8",
                                                  ">f4",
                                                  "|O",
                                                  "PK\x01\x02",
                                                  "PK\x03\x04",
                                                  "PK\x05\x06",
                                                  "PK\x06\x06",
                                                  "PK\x06\x07",
                                                  "\x93NUMPY",
                                                  "\"name\"",
                                                  "\"files\"",
                                                  "null",
                                                  "\\u0000"};
  static const std::uint64_t numbers[] = {
      0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff};
  if (bytes.empty()) bytes = "x";
  const std::size_t at = below(random, bytes.size()), length = std::min(1 + below(random, 16), bytes.size() - at);
  switch (below(random, 8)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(random, 8)));
      break;
    case 1:
      bytes[at] = static_cast<char>(random());
      break;
    case 2: {
      const std::string number = files::le(numbers[below(random, std::size(numbers))], 1 << below(random, 4));
      bytes.replace(at, std::min(number.size(), bytes.size() - at), number);
      break;
    }
    case 3:
      bytes.resize(at);
      break;
    case 4:
      bytes.erase(at, length);
      break;
    case 5:
      bytes.insert(below(random, bytes.size()), bytes.substr(at, length));
      break;
    case 6:
      bytes.insert(at, tokens[below(random, tokens.size())]);
      break;
    default: {
      const std::string& other = seeds[below(random, seeds.size())];
      bytes = bytes.substr(0, at) + other.substr(std::min(at, other.size()));
    }
  }
}

/// Runs `target` on `rounds` mutants in memory of their exact size, so that a sanitizer sees a read past the end;
/// returns how many were understood at least in part.
template <class Target>
int run(const std::vector<std::string>& seeds, int rounds, Target target) {
  Random random(20231);
  int accepted = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = seeds[below(random, seeds.size())];
    for (std::size_t changes = 1 + below(random, 4); changes > 0; --changes) mutate(bytes, seeds, random);
    const auto exact = std::make_unique<char[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), exact.get());
    if (target(std::string_view(exact.get(), bytes.size())) > 0) ++accepted;
  }
  return accepted;
}

std::vector<std::string> npy_seeds() {
  std::vector<std::string> seeds;
  const auto value = [](kindred::index_t i) { return static_cast<double>(i); };
  for (const char* descr : {"<f4", ">f8"}) {
    for (const bool fortran : {false, true}) {
      seeds.push_back(files::npy(descr, fortran, {5, 3}, value, fortran ? 2 : 1));
      seeds.push_back(files::npy(descr, fortran, {2, 4, 3}, value, fortran ? 1 : 3));
    }
  }
  seeds.push_back(files::npy(files::header("<U3", false, {2}), std::string(24, 'a')));
  seeds.push_back(files::npy("{'descr': [('a', '<f4'), ('b', '<f8')], 'fortran_order': False, 'shape': (2,)}",
                             std::string(24, 'a')));
  return seeds;
}

std::vector<std::string> npz_seeds() {
  const auto arrays = npy_seeds();
  std::vector<std::string> seeds;
  for (const bool deflate : {false, true}) {
    for (const bool zip64 : {false, true}) {
      files::Member a{"a.npy", arrays[0], deflate, zip64, zip64};
      files::Member b{"names.npy", arrays.back(), !deflate, !zip64, zip64};
      seeds.push_back(files::zip({a, b}, zip64, zip64 ? "comment" : ""));
    }
  }
  return seeds;
}

/// The files of other programs.
std::vector<std::string> foreign_seeds(const std::vector<std::string>& names) {
  std::vector<std::string> seeds;
  for (const std::string& name : names) seeds.push_back(files::read(KINDRED_TEST_DATA "/" + name));
  return seeds;
}

}  // namespace

TEST_CASE("no mutant of a MATLAB file crashes its reader", "[io][fuzz][matlab]") {
  const auto seeds = foreign_seeds({"scipy4.mat", "scipy6.mat", "scipy7.mat", "octave6.mat", "octave7.mat"});
  for (const auto& seed : seeds) CHECK(fuzz::arrays(seed) > 0);
  const int accepted = run(seeds, 3000, fuzz::arrays);
  CHECK(accepted > 100);
  CHECK(accepted < 2900);
}

TEST_CASE("no mutant of a .npy crashes its reader", "[io][fuzz]") {
  const auto seeds = npy_seeds();
  for (const auto& seed : seeds) (void)fuzz::arrays(seed);
  const int accepted = run(seeds, 6000, fuzz::arrays);
  CHECK(accepted > 100);  // mutants reach the elements, too
  CHECK(accepted < 5900);
}

TEST_CASE("no mutant of a .npz crashes its reader", "[io][fuzz]") {
  const auto seeds = npz_seeds();
  for (const auto& seed : seeds) CHECK(fuzz::arrays(seed) > 0);
  const int accepted = run(seeds, 6000, fuzz::arrays);
  CHECK(accepted > 100);
  CHECK(accepted < 5900);
}

TEST_CASE("no mutant of a manifest crashes its reader", "[io][fuzz]") {
  const std::vector<std::string> seeds = {
      R"({"systems": [{"name": "a", "files": ["x.npy", "y.npz:r"], "label": "g", "layout": "channels,time"}]})",
      R"({"layout": "time,channels", "systems": [{"name": "é", "file": "x.npy"}, {"name": "b\n", "file": "*.npy"}]})",
      std::string(2000, '[')};
  CHECK(fuzz::manifest(seeds[0]) == 1);
  CHECK(fuzz::manifest(seeds[1]) == 2);
  const int accepted = run(seeds, 6000, fuzz::manifest);
  CHECK(accepted > 100);
  CHECK(accepted < 5900);
}
