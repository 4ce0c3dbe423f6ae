/// Results in HDF5, read back with the library's C interface.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/io/files.hpp"
#include "tests/job/scenes.hpp"

#ifdef KINDRED_HAVE_HDF5
#include <hdf5.h>

using namespace kindred;
using Catch::Contains;

namespace {

struct Read {
  std::vector<hsize_t> shape;
  std::size_t bytes = 0;  ///< of an element in the file
  std::vector<double> values;
};

Read read_numbers(hid_t file, const std::string& name) {
  const hid_t set = H5Dopen2(file, name.c_str(), H5P_DEFAULT), space = H5Dget_space(set), type = H5Dget_type(set);
  REQUIRE(set >= 0);
  Read out;
  out.shape.resize(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
  H5Sget_simple_extent_dims(space, out.shape.data(), nullptr);
  out.bytes = H5Tget_size(type);
  out.values.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  REQUIRE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.values.data()) >= 0);
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
  return out;
}

std::vector<std::string> read_strings(hid_t file, const std::string& name) {
  const hid_t set = H5Dopen2(file, name.c_str(), H5P_DEFAULT), space = H5Dget_space(set), type = H5Dget_type(set);
  REQUIRE(set >= 0);
  const std::size_t width = H5Tget_size(type);
  const auto count = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space));
  std::string bytes(width * std::max<std::size_t>(count, 1), 'x');
  if (count > 0) REQUIRE(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0);
  std::vector<std::string> out;
  for (std::size_t k = 0; k < count; ++k) out.emplace_back(bytes.c_str() + k * width);
  const bool ascii =
      std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
  CHECK(H5Tget_cset(type) == (ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8));
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
  return out;
}

void check_matrix(hid_t file, const std::string& group, const DistanceMatrix& matrix, bool condensed, bool float32) {
  const Read distances = read_numbers(file, group + "distances"), bounds = read_numbers(file, group + "lower_bounds"),
             statuses = read_numbers(file, group + "statuses");
  CHECK(distances.bytes == (float32 ? 4 : 8));
  CHECK(statuses.bytes == 1);
  std::size_t k = 0;
  for (index_t i = 0; i < matrix.rows(); ++i) {
    for (index_t j = condensed ? i + 1 : 0; j < matrix.columns(); ++j, ++k) {
      const PairResult& pair = matrix.at(i, j);
      const auto rounded = [&](double x) { return float32 ? static_cast<double>(static_cast<float>(x)) : x; };
      const double expected[] = {rounded(pair.distance), rounded(pair.lower_bound)};
      REQUIRE((distances.values.at(k) == expected[0] || (std::isnan(distances.values[k]) && std::isnan(expected[0]))));
      REQUIRE((bounds.values.at(k) == expected[1] || (std::isnan(bounds.values[k]) && std::isnan(expected[1]))));
      REQUIRE(statuses.values.at(k) == static_cast<double>(pair.status));
    }
  }
  const auto n = static_cast<hsize_t>(matrix.rows()), m = static_cast<hsize_t>(matrix.columns());
  CHECK(distances.shape == (condensed ? std::vector<hsize_t>{n * (n - 1) / 2} : std::vector<hsize_t>{n, m}));
}

}  // namespace

TEST_CASE("a file of results in HDF5 holds the matrices, names and configuration", "[job][hdf5]") {
  for (const test::Scene& scene : test::scenes()) {
    INFO(scene.name);
    Engine plain(Device::cpu(1)), engine(Device::cpu(1), {.memory_budget = 1 << 18, .tile_pairs = 7});
    const DistanceMatrix matrix = scene.matrix(plain);
    for (const bool other : {false, true}) {
      const bool condensed = other && scene.pairs.symmetric();
      const files::Folder folder;
      ResultsLayout layout{.pairs = scene.pairs,
                           .metrics = {"first"},
                           .row_names = matrix.row_names(),
                           .row_labels = std::vector<std::string>(matrix.row_names().size(), "\xc3\xa9"),
                           .column_names = matrix.column_names(),
                           .column_labels = {},
                           .condensed = condensed,
                           .float32 = other};
      if (other) layout.metrics.emplace_back("second");
      ResultsFile file(folder / "D.h5", layout);
      for (std::size_t k = 0; k < layout.metrics.size(); ++k) scene.score(engine, file.sink(k), {});
      CHECK(folder.names() != std::vector<std::string>{"D.h5"});
      const std::string configuration(200000, 'x');
      file.commit(configuration);
      CHECK(folder.names() == std::vector<std::string>{"D.h5"});

      const hid_t in = H5Fopen((folder / "D.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
      REQUIRE(in >= 0);
      for (const std::string& group :
           other ? std::vector<std::string>{"first/", "second/"} : std::vector<std::string>{""}) {
        check_matrix(in, group, matrix, condensed, other);
      }
      CHECK(read_strings(in, "configuration") == std::vector<std::string>{configuration});
      CHECK(read_strings(in, "metrics") == layout.metrics);
      const std::string prefix = scene.pairs.symmetric() ? "" : "row_";
      CHECK(read_strings(in, prefix + "names") == matrix.row_names());
      CHECK(read_strings(in, prefix + "labels") == layout.row_labels);
      if (!scene.pairs.symmetric()) CHECK(read_strings(in, "column_names") == matrix.column_names());
      H5Fclose(in);
    }
  }
}

TEST_CASE("a file of results in HDF5 that is not finished, or has no room, leaves nothing", "[job][hdf5]") {
  const files::Folder folder;
  ResultsLayout layout;
  layout.pairs = PairSet::all(300);
  layout.metrics = {"cka"};
  {
    ResultsFile file(folder / "D.h5", layout);
    CHECK_THROWS_WITH(file.commit("{}"), Contains("of the 44850 pairs of this matrix 0 have come"));
  }
  CHECK(folder.names().empty());
  CHECK_THROWS_WITH(ResultsFile("/dev/null", layout), Contains("not a pipe or a device"));
  std::string told;
  ErrorCode code{};
  {
    const files::SmallDisk disk(1 << 16);
    told = files::error_of([&] { const ResultsFile file(folder / "D.h5", layout); }, &code);
  }
  CHECK(code == ErrorCode::io);
  CHECK(told.find("D.h5: cannot be written: ") != std::string::npos);
  CHECK(folder.names().empty());
}

#endif
