/// Damaged files of which the HDF5 library itself makes more than an error.
#include "tests/cli/process.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace kindred::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// A file of tests/io/formats/data with one byte of its own, as x.h5.
void write_changed(const Folder& folder, const std::string& name, std::size_t place, unsigned char value) {
  std::ifstream in(std::string(KINDRED_TEST_DATA) + "/" + name, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(bytes.size() > place);
  bytes[place] = static_cast<char>(value);
  folder.write("x.h5", bytes);
}

bool reads_hdf5(const Folder& folder) {
  if (folder.kindred({"info", "--json"}).out.find("\"hdf5\": true") != std::string::npos) return true;
  WARN("skipped: this kindred was built without HDF5");
  return false;
}

}  // namespace

TEST_CASE("damaged HDF5: what the library cannot close is no second line", "[cli][hdf5]") {
  const Folder folder;
  if (!reads_hdf5(folder)) return;
  write_changed(folder, "octave.h5", 940, 255);
  const Finished run = folder.kindred({"pairwise", "x.h5", "--metric", "cka", "--out", "D.npy"});
  CHECK(run.code != 0);
  CHECK_THAT(run.err, StartsWith("kindred: ") && !Contains("infinite loop"));
  for (std::size_t line = 0; line < run.err.size(); line = run.err.find('\n', line) + 1) {
    CHECK(run.err.compare(line, 9, "kindred: ") == 0);
  }
}

TEST_CASE("damaged HDF5: a file that crashes the library ends in an error that names it", "[cli][hdf5]") {
  const Folder folder;
  if (!reads_hdf5(folder)) return;
  write_changed(folder, "h5py.h5", 19040, 255);  // version 1.10.8 of the library ends with signal 11
  const Finished run = folder.kindred({"info", "x.h5"});
  CHECK(run.code == 4);
  CHECK_THAT(run.err, StartsWith("kindred: error: ") && Contains("x.h5"));
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
}
