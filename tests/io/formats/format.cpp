/// Files that are no recordings are named for what they are.
#include "host/io/formats/format.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;
using files::le;

namespace {

std::string what_is(const files::Folder& folder, const std::string& content) {
  ErrorCode code{};
  const std::string message = error_of([&] { (void)load({folder.write("x.npy", content)}); }, &code);
  CHECK(code == ErrorCode::io);
  CHECK_THAT(message, Contains("x.npy"));
  CHECK(message.find('\n') == std::string::npos);
  return message;
}

/// The head of a MATLAB 4 file: a matrix of the given type, 2 x 3, called `name`.
std::string matlab4(unsigned type, const std::string& name) {
  return le(type, 4) + le(2, 4) + le(3, 4) + le(0, 4) + le(name.size() + 1, 4) + name + std::string(1, '\0') +
         std::string(48, '\1');
}

}  // namespace

TEST_CASE("a file that holds no arrays is named for what it is, with what to do", "[io]") {
  const files::Folder folder;
  const std::string nul(1, '\0');
  CHECK_THAT(what_is(folder, "MATLAB 7.3 MAT-file, Platform: GLNXA64" + std::string(474, ' ') + "\x89HDF\r\n\x1a\n"),
             Contains("HDF5"));
  CHECK_THAT(what_is(folder, "MATLAB 7.3 MAT-file, Platform: GLNXA64"),
             Contains("without the HDF5 that should follow"));
  CHECK_THAT(what_is(folder, "MATLAB 5.0 MAT-file, Platform: GLNXA64"), Contains("MATLAB file: its head is cut off"));
  CHECK_THAT(what_is(folder, matlab4(10, "x_1")), Contains("MATLAB file: no variable begins at byte 48"));
  CHECK_THAT(what_is(folder, matlab4(99, "rates")), Contains("is neither .npy, .npz, HDF5 nor MATLAB"));
  CHECK_THAT(what_is(folder, matlab4(0, "\1ates")), Contains("is neither .npy, .npz, HDF5 nor MATLAB"));
  CHECK_THAT(what_is(folder, "\x89HDF\r\n\x1a\n"), Contains("HDF5 file"));
  CHECK_THAT(what_is(folder, "\x1f\x8b\x08" + nul), Contains("gunzip"));
  CHECK_THAT(what_is(folder, "BZh91AY"), Contains("bunzip2"));
  CHECK_THAT(what_is(folder,
                     "\xfd"
                     "7zXZ" +
                         nul),
             Contains("unxz"));
  CHECK_THAT(what_is(folder, "\x28\xb5\x2f\xfd"), Contains("unzstd"));
  CHECK_THAT(what_is(folder, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
             Contains("git lfs pull"));
  CHECK_THAT(what_is(folder, "/annex/objects/MD5E-s9--0.npy\n"), Contains("git annex get"));
  CHECK_THAT(what_is(folder, "\n<!DOCTYPE html><html>"), Contains("a web page"));
  CHECK_THAT(what_is(folder, "<HTML>"), Contains("a web page"));
  CHECK_THAT(what_is(folder, nul + "\x05\x16\x07"), Contains("macOS"));
  CHECK_THAT(what_is(folder, "PAR1"), Contains("Parquet"));
  CHECK_THAT(what_is(folder, "\x80\x04\x95"), Contains("a Python pickle"));
  CHECK_THAT(what_is(folder, "1.5,2e-3\n3,nan\n"), Contains("numpy.loadtxt"));
  CHECK_THAT(what_is(folder, "{\"systems\": []}"), Contains("the name of a manifest ends in .json"));
  CHECK_THAT(what_is(folder, "runs/a.npy\nruns/b.npy\n"), Contains("a list of files"));
  CHECK_THAT(what_is(folder, files::zip({{"archive/data.pkl", "\x80\x02"}, {"archive/data/0", "1234"}})),
             Contains("a PyTorch file"));
  CHECK_THAT(what_is(folder, files::zip({{"[Content_Types].xml", "<xml>"}})), Contains("an Office document"));
  CHECK_THAT(what_is(folder, files::zip({{"a.txt", "text"}})), Contains("a ZIP file without arrays"));
  CHECK_THAT(error_of([&] { (void)load({folder.write("v5.mat", "MATLAB 5.0 MAT-file") + ":x"}); }),
             Contains("v5.mat: truncated or malformed MATLAB file"));
}

TEST_CASE("a .npz with other things beside recordings says which to give", "[io]") {
  const files::Folder folder;
  const auto rates = files::npy("<f8", false, {40, 4}, [](index_t i) { return static_cast<double>(i); });
  const auto scalar = files::npy("<f8", false, {}, [](index_t) { return 0.01; });
  const auto names = files::npy(files::header("<U2", false, {2}), std::string(16, '\0'));
  const auto path = folder.write(
      "s.npz", files::zip({{"dt.npy", scalar}, {"rates.npy", rates}, {"labels.npy", names}, {"other.npy", rates}}));
  const auto hint =
      Contains("of the arrays of this file, 2 can be recordings: give " + path + ":rates " + path + ":other");
  CHECK_THAT(error_of([&] { (void)load({path}); }), Contains("s.npz:dt: has 0 axes") && hint);
  CHECK_THAT(error_of([&] { (void)load({path}, {.npz = NpzArrays::trials}); }), hint);
  CHECK_THAT(error_of([&] { (void)load({path + ":labels"}); }), Contains("holds string elements") && hint);
  CHECK(load({path + ":rates", path + ":other"}).size() == 2);
  const auto none = folder.write("n.npz", files::zip({{"dt.npy", scalar}, {"t.npy", scalar}}));
  CHECK_THAT(error_of([&] { (void)load({none}); }), Contains("no array of this file can be a recording"));
}
