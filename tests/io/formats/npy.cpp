#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;

namespace {

const std::vector<Layout> layouts_2d = {Layout::automatic, Layout::time_channels, Layout::channels_time};
const std::vector<Layout> layouts_3d = {Layout::automatic,
                                        Layout::trials_time_channels,
                                        Layout::trials_channels_time,
                                        Layout::time_trials_channels,
                                        Layout::time_channels_trials,
                                        Layout::channels_time_trials,
                                        Layout::channels_trials_time};

/// Position of an axis in a layout's name; a name that is not there is an axis of length 1.
int axis_in(Layout layout, std::size_t axes, const std::string& axis) {
  std::string name(layout_name(layout));
  if (name == "auto") name = axes == 2 ? "time,channels" : "trials,time,channels";
  const std::size_t at = name.find(axis);
  if (at == std::string::npos) return -1;
  return static_cast<int>(std::count(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(at), ','));
}

/// Checks every element of a set that was made from an array with the value i at its C-order index i.
template <class T>
void check_elements(const TrajectorySet& set, const std::vector<index_t>& shape, Layout layout) {
  const int k_axis = axis_in(layout, shape.size(), "trials"), t_axis = axis_in(layout, shape.size(), "time"),
            c_axis = axis_in(layout, shape.size(), "channels");
  const auto length = [&](int axis) { return axis < 0 ? 1 : shape[static_cast<std::size_t>(axis)]; };
  REQUIRE(set.is_float32() == std::is_same_v<T, float>);
  const auto& trials = std::get<std::vector<TrialView<T>>>(set.trials);
  REQUIRE(set.trial_count() == length(k_axis));
  index_t wrong = 0;
  for (index_t k = 0; k < length(k_axis); ++k) {
    const auto& trial = trials[static_cast<std::size_t>(k)];
    REQUIRE(trial.steps == length(t_axis));
    REQUIRE(trial.channels == length(c_axis));
    for (index_t t = 0; t < trial.steps; ++t) {
      for (index_t c = 0; c < trial.channels; ++c) {
        index_t i = 0;
        for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
          const index_t at = axis == k_axis ? k : axis == t_axis ? t : c;
          i = i * shape[static_cast<std::size_t>(axis)] + at;
        }
        if (!(trial(t, c) == static_cast<T>(i))) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("every .npy variant gives every layout the right elements", "[io]") {
  const files::Folder folder;
  const auto identity = [](index_t i) { return static_cast<double>(i); };
  for (const std::vector<index_t>& shape : {std::vector<index_t>{5, 3}, {2, 5, 3}, {1, 1, 1}, {3, 1, 4}}) {
    for (const char* descr : {"<f4", ">f4", "<f8", ">f8"}) {
      for (const bool fortran : {false, true}) {
        for (const int version : {1, 2, 3}) {
          const auto path = folder.write("x.npy", files::npy(descr, fortran, shape, identity, version));
          for (const Layout layout : shape.size() == 2 ? layouts_2d : layouts_3d) {
            CAPTURE(descr, fortran, version, layout_name(layout));
            const auto sets = load({path}, {.layout = layout});
            REQUIRE(sets.size() == 1);
            CHECK(sets[0].name == "x");
            if (descr[2] == '4') check_elements<float>(sets[0], shape, layout);
            if (descr[2] == '8') check_elements<double>(sets[0], shape, layout);
          }
        }
      }
    }
  }
}

TEST_CASE("what NumPy wrote is read", "[io]") {
  // np.save(f, np.asfortranarray(np.arange(6, dtype='>f4').reshape(2, 3))), NumPy 2.4
  const std::string numpy = "\x93NUMPY" + files::le(1, 2) + files::le(118, 2) +
                            "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }" + std::string(59, ' ') + "\n" +
                            std::string("\0\0\0\0\x40\x40\0\0\x3f\x80\0\0\x40\x80\0\0\x40\0\0\0\x40\xa0\0\0", 24);
  const files::Folder folder;
  check_elements<float>(load({folder.write("n.npy", numpy)})[0], {2, 3}, Layout::automatic);
}

TEST_CASE("a header may be spelled in any way that Python reads", "[io]") {
  const files::Folder folder;
  const std::string data(48, '\0');
  for (const char* header : {"{\"shape\":(2,3),\"descr\":\"<f8\",\"fortran_order\":False}",
                             "{ 'shape' : ( 2L , 3L ) , 'fortran_order' : False , 'descr' : 'f8' , }   \n\n",
                             "{'descr': '=f8', 'fortran_order': True, 'shape': (2, 3,)}"}) {
    CAPTURE(header);
    CHECK(load({folder.write("x.npy", files::npy(header, data))})[0].steps(0) == 2);
  }
}

TEST_CASE("a saved .npy is read back, in place", "[io]") {
  const files::Folder folder;
  std::vector<double> wide(30);
  std::iota(wide.begin(), wide.end(), 0.0);
  const std::vector<float> narrow(wide.begin(), wide.end());
  save_npy(folder / "wide.npy", {2, 5, 3}, wide.data());
  save_npy(folder / "narrow.npy", {10, 3}, narrow.data());
  const auto sets = load({folder / "wide.npy", folder / "narrow.npy"});
  check_elements<double>(sets[0], {2, 5, 3}, Layout::automatic);
  check_elements<float>(sets[1], {10, 3}, Layout::automatic);
  CHECK(describe(folder / "wide.npy")[0].storage == "mapped");
  // 10 magic, version and length + 118 header = 128 bytes, a multiple of 64, before 240 of data.
  CHECK(files::read(folder / "wide.npy").size() == 128 + 240);
  CHECK(files::read(folder / "wide.npy") ==
        files::npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 5, 3), }" + std::string(55, ' ') + "\n",
                   std::string(reinterpret_cast<const char*>(wide.data()), 240)));
}

TEST_CASE("views keep their file mapped after it is gone from the folder", "[io]") {
  const files::Folder folder;
  const auto path = folder.write("x.npy", files::npy("<f8", false, {4, 2}, [](index_t i) { return double(i); }));
  auto sets = load_npy({path});
  std::filesystem::remove(path);
  TrajectorySet copy = sets[0];
  sets.clear();
  check_elements<double>(copy, {4, 2}, Layout::automatic);
}

TEST_CASE("a .npy that cannot be used is refused by name, value and remedy", "[io]") {
  const files::Folder folder;
  const auto refused = [&](const std::string& bytes, ErrorCode expected) {
    ErrorCode code{};
    const std::string path = folder.write("bad.npy", bytes);
    std::string message = error_of([&] { (void)load({path}); }, &code);
    CHECK(code == expected);
    CHECK_THAT(message, Contains(path));
    CHECK(message.find('\n') == std::string::npos);
    CHECK(error_of([&] { (void)load_npy({path}); }) != "no error");
    CHECK(!describe(path).at(0).problem.empty());
    return message;
  };
  const auto with = [](const std::string& descr, const std::vector<index_t>& shape, std::size_t bytes) {
    return files::npy(files::header(descr, false, shape), std::string(bytes, '\0'));
  };
  SECTION("element types") {
    CHECK_THAT(refused(with("|O", {2, 2}, 32), ErrorCode::invalid_data),
               Contains("object") && Contains("LoadOptions::npz = trials"));
    CHECK_THAT(refused(with("<i4", {2, 2}, 16), ErrorCode::invalid_data), Contains("int32") && Contains("astype"));
    CHECK_THAT(refused(with("<c16", {2, 2}, 64), ErrorCode::invalid_data), Contains("complex128"));
    CHECK_THAT(refused(with("|b1", {2, 2}, 4), ErrorCode::invalid_data), Contains("bool"));
    CHECK_THAT(refused(with("<f2", {2, 2}, 8), ErrorCode::invalid_data), Contains("float16"));
    CHECK_THAT(refused(with("<f16", {2, 2}, 64), ErrorCode::invalid_data), Contains("float128"));
    CHECK_THAT(refused(with("<U3", {2, 2}, 48), ErrorCode::invalid_data), Contains("string"));
    CHECK_THAT(refused(with("", {2, 2}, 32), ErrorCode::invalid_data), Contains("unknown"));
    const char* fields = "{'descr': [('a]', '<f4'), ('b', '<f8')], 'fortran_order': False, 'shape': (2, 2)}";
    CHECK_THAT(refused(files::npy(fields, std::string(48, '\0')), ErrorCode::invalid_data), Contains("structured"));
  }
  SECTION("shapes") {
    CHECK_THAT(refused(with("<f8", {5}, 40), ErrorCode::invalid_data), Contains("1 axis") && Contains("[:, None]"));
    CHECK_THAT(refused(with("<f8", {1, 1, 1, 5}, 40), ErrorCode::invalid_data),
               Contains("4 axes (shape 1 x 1 x 1 x 5)"));
    CHECK_THAT(refused(with("<f8", {}, 8), ErrorCode::invalid_data), Contains("0 axes"));
    CHECK_THAT(refused(with("<f8", {0, 3}, 0), ErrorCode::invalid_data), Contains("empty (shape 0 x 3)"));
    CHECK_THAT(refused(with("<f8", {4, 0, 3}, 0), ErrorCode::invalid_data), Contains("empty"));
  }
  SECTION("sizes") {
    const std::string whole = with("<f8", {4, 2}, 64);
    CHECK_THAT(
        refused(whole.substr(0, whole.size() - 1), ErrorCode::io),
        Contains("truncated") && Contains(std::to_string(whole.size())) && Contains(std::to_string(whole.size() - 1)));
    CHECK_THAT(refused(whole + "x", ErrorCode::io), Contains("nothing after it"));
    CHECK_THAT(refused(with("<f8", {1000000000000000000, 3}, 64), ErrorCode::io), Contains("1000000000000000000 x 3"));
    CHECK_THAT(refused(with("<f4", {1000000000000000000}, 64), ErrorCode::io), Contains("1000000000000000000"));
    CHECK_THAT(refused(with("<f8", {100000000000000000, 1}, 64), ErrorCode::io), Contains("truncated"));
    for (std::size_t n = 0; n < whole.size(); ++n) (void)refused(whole.substr(0, n), ErrorCode::io);
  }
  SECTION("headers") {
    const auto bad = [&](const std::string& header) {
      return refused(files::npy(header, std::string(48, '\0')), ErrorCode::io);
    };
    // A header, and what the message says.
    const std::pair<const char*, const char*> headers[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 3)}", "2^63"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 3)}", "length of an axis"},
        {"{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 3)}", "neither True nor False"},
        {"{'descr': '<f8', 'fortran_order': False}", "missing"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", "'descr'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)} 1", "after"},
        {"{'descr': '<f8, 'fortran_order': False, 'shape': (2, 3)}", "malformed"},
        {"{'descr': [('a', '<f8', 'fortran_order': False, 'shape': (2, 3)}", "does not end"},
        {"\x01\x02\n\xff", "??"},
    };
    for (const auto& [header, part] : headers) CHECK_THAT(bad(header), Contains(part));
    std::string many = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
    for (int i = 0; i < 65; ++i) many += "1, ";
    CHECK_THAT(bad(many + ")}"), Contains("64 axes"));
    CHECK_THAT(refused("\x93NUMPY\x04" + std::string(100, '\0'), ErrorCode::io), Contains("version 4.0"));
    CHECK_THAT(refused("PLAIN TEXT", ErrorCode::io), Contains("neither .npy, .npz, HDF5 nor MATLAB"));
    CHECK_THAT(refused("\x89HDF\r\n\x1a\n", ErrorCode::io), Contains("HDF5 file"));
    CHECK_THAT(refused("MATLAB 5.0 MAT-file", ErrorCode::io), Contains("MATLAB file: its head is cut off"));
    CHECK_THAT(refused("\x80\x04\x95", ErrorCode::io), Contains("but a Python pickle"));
  }
}

TEST_CASE("a layout must have the array's number of axes", "[io]") {
  const files::Folder folder;
  const auto path = folder.write("x.npy", files::npy("<f8", false, {4, 2}, [](index_t i) { return double(i); }));
  CHECK_THAT(error_of([&] { (void)load({path}, {.layout = Layout::time_trials_channels}); }),
             Contains("4 x 2") && Contains("time,trials,channels"));
  CHECK(parse_layout("channels,time") == Layout::channels_time);
  CHECK_THAT(error_of([] { (void)parse_layout("time"); }), Contains("time,trials,channels"));
  CHECK(parse_npz_arrays("trials") == NpzArrays::trials);
  CHECK_THAT(error_of([] { (void)parse_npz_arrays("x"); }), Contains("systems | trials"));
}
