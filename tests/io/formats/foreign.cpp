/// HDF5 and MATLAB files that h5py, SciPy and GNU Octave wrote (make_files.py beside this file says how), and damaged
/// ones.
#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "host/io/array.hpp"
#include "host/io/formats/hdf5/hdf5.hpp"
#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;
using files::le;

namespace {

std::string data(const std::string& name) { return std::string(KINDRED_TEST_DATA) + "/" + name; }

double exact(index_t k, index_t t, index_t c) {
  return 100.0 * static_cast<double>(k) + static_cast<double>(t) + static_cast<double>(c) / 8;
}
double whole(index_t k, index_t t, index_t c) { return static_cast<double>(100 * k + t + 8 * c); }
double odd(index_t k, index_t t, index_t c) { return static_cast<double>((100 * k + t + 8 * c) % 2); }

/// Whether the trials have the values of `expected` and the given lengths, in numbers of type T.
template <class T, class Expected>
bool holds(const TrajectorySet& set, Expected expected, const std::vector<index_t>& steps) {
  const auto* trials = std::get_if<std::vector<TrialView<T>>>(&set.trials);
  if (trials == nullptr || trials->size() != steps.size()) return false;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const TrialView<T>& trial = (*trials)[k];
    if (trial.steps != steps[k] || trial.channels != 2) return false;
    for (index_t t = 0; t < trial.steps; ++t) {
      for (index_t c = 0; c < 2; ++c) {
        if (!(static_cast<double>(trial(t, c)) == expected(static_cast<index_t>(k), t, c))) return false;
      }
    }
  }
  return true;
}

template <class T, class Expected>
bool holds(const std::string& path, Expected expected, const std::vector<index_t>& steps) {
  const auto systems = load({path});
  return systems.size() == 1 && holds<T>(systems[0], expected, steps);
}

const std::vector<index_t> all_trials{5, 5, 5}, first_trial{5}, falling{5, 4, 3};

std::string refusal(const std::string& path, ErrorCode expected) {
  ErrorCode code{};
  const std::string message = error_of([&] { (void)load({path}); }, &code);
  INFO(message);
  CHECK(message != "no error");
  CHECK(message.find('\n') == message.npos);
  CHECK(code == expected);
  return message;
}

/// A copy of a file of data/, changed by `change`.
template <class Change>
std::string changed(const files::Folder& folder, const std::string& name, Change change) {
  std::string bytes = files::read(data(name));
  change(bytes);
  return folder.write("damaged-" + name, bytes);
}

void replace_all(std::string& bytes, const std::string& from, const std::string& to) {
  std::size_t count = 0;
  for (std::size_t at = bytes.find(from); at != bytes.npos; at = bytes.find(from, at + to.size()), ++count) {
    bytes.replace(at, from.size(), to);
  }
  REQUIRE(count > 0);
}

}  // namespace

TEST_CASE("complex numbers of other programs' files", "[io][formats]") {
  for (const auto& [file, name, columns_first] :
       {std::tuple("scipy6.mat", "complex", true), std::tuple("scipy7.mat", "complex", true),
        std::tuple("octave6.mat", "z", true), std::tuple("octave7.mat", "z", true), std::tuple("octave.h5", "z", true),
        std::tuple("h5py.h5", "complex", false)}) {
    CAPTURE(file);
    if (std::string_view(file).ends_with(".h5") && !io::has_hdf5()) continue;
    const auto arrays = io::arrays_named(io::arrays_in(data(file), io::open_file(data(file))), name);
    REQUIRE((arrays.size() == 1 && io::is_complex(arrays[0])));
    const auto values = io::to_complex(arrays[0]);
    REQUIRE(values.size() == 10);
    for (index_t k = 0; k < 10; ++k) {
      const index_t t = columns_first ? k % 5 : k / 2, c = columns_first ? k / 5 : k % 2;
      CHECK(values[static_cast<std::size_t>(k)] == std::complex<double>(exact(0, t, c), 1));
    }
  }
}

TEST_CASE("datasets of h5py have the axes that it gives", "[io][hdf5]") {
  if (!io::has_hdf5()) return;
  const std::string file = data("h5py.h5");
  CHECK(holds<double>(file + ":/x", exact, all_trials));
  CHECK(holds<double>(file + ":x", exact, all_trials));
  CHECK(holds<double>(file + "://x/", exact, all_trials));
  CHECK(holds<float>(file + ":/single", exact, all_trials));
  CHECK(holds<double>(file + ":/big", exact, all_trials));
  CHECK(holds<float>(file + ":/half", exact, first_trial));
  CHECK(holds<double>(file + ":/int16", whole, all_trials));
  CHECK(holds<double>(file + ":/spikes", odd, first_trial));
  CHECK(holds<double>(file + ":/packed", exact, all_trials));
  CHECK(holds<double>(file + ":/link", exact, first_trial));
  CHECK(holds<double>(file + ":/session/itself/trials/t0", exact, first_trial));
  const auto turned = load({file + ":/x"}, {.layout = Layout::channels_trials_time});
  CHECK(turned[0].trial_count() == 5);
  CHECK(turned[0].channels() == 3);
}

TEST_CASE("the datasets of a group are systems or trials of one", "[io][hdf5]") {
  if (!io::has_hdf5()) return;
  const std::string group = data("h5py.h5") + ":/session/trials";
  const auto systems = load({group});
  REQUIRE(systems.size() == 3);
  CHECK(systems[2].name == "session/trials/t2");
  const auto one = load({group}, {.npz = NpzArrays::trials});
  REQUIRE(one.size() == 1);
  CHECK(one[0].name == "session/trials");
  CHECK(holds<double>(one[0], exact, falling));
  CHECK_THAT(error_of([&] { (void)load({group, group + "/t1"}); }), Contains("is given twice"));
}

TEST_CASE("variables of MATLAB have the axes that MATLAB shows", "[io][matlab]") {
  for (const std::string name :
       {"matlab73.mat", "scipy6.mat", "scipy7.mat", "octave6.mat", "octave7.mat", "octave.h5"}) {
    if (!io::has_hdf5() && (name == "matlab73.mat" || name == "octave.h5")) continue;
    INFO(name);
    const std::string file = data(name);
    CHECK(holds<double>(file + ":x", exact, all_trials));
    CHECK(holds<float>(file + ":single", exact, all_trials));
    CHECK(holds<double>(file + ":trials", exact, falling));
    CHECK(holds<double>(file + ":trials{1}", exact, first_trial));
    CHECK(holds<double>(file + ":s.rates", exact, first_trial));
    CHECK(holds<double>(file + ":s/rates", exact, first_trial));
    CHECK_THAT(refusal(file + ":name", ErrorCode::invalid_data), Contains(name) && Contains("name: holds text"));
    CHECK_THAT(refusal(file + ":tirals", ErrorCode::io), Contains("did you mean") && Contains("trials"));
  }
  for (const std::string name : {"scipy6.mat", "scipy7.mat"}) {
    CHECK(holds<double>(data(name) + ":int16", whole, all_trials));
    CHECK(holds<double>(data(name) + ":spikes", odd, first_trial));
    CHECK(holds<double>(data(name) + ":d.rates", exact, falling));
    CHECK(load({data(name) + ":d(2).rates"}).at(0).steps(0) == 4);
    CHECK_THAT(refusal(data(name) + ":complex", ErrorCode::invalid_data), Contains("holds complex numbers"));
    CHECK_THAT(refusal(data(name) + ":empty", ErrorCode::invalid_data), Contains("is empty (shape 0 x 3)"));
  }
  CHECK(holds<double>(data("octave7.mat") + ":whole", whole, all_trials));
  CHECK(holds<double>(data("scipy4.mat") + ":x", exact, first_trial));
  CHECK(holds<double>(data("scipy4.mat") + ":int16", whole, first_trial));
  CHECK(holds<double>(data("octave4.mat") + ":y", exact, first_trial));
  CHECK_THAT(refusal(data("scipy4.mat") + ":name", ErrorCode::invalid_data), Contains("holds text"));
}

TEST_CASE("a manifest and a folder lead to HDF5 and MATLAB files", "[io][hdf5][matlab]") {
  const files::Folder folder;
  for (const std::string name : {"scipy4.mat", "octave7.mat"}) folder.write("f/" + name, files::read(data(name)));
  const auto manifest = folder.write("m.json", R"({"systems": [
    {"name": "a", "files": ["f/octave7.mat:trials"], "control": "f/octave7.mat:trials"},
    {"name": "b", "files": ["f/octave7.mat:s.rates", "f/scipy4.mat:x"]}]})");
  const auto systems = load({manifest});
  REQUIRE(systems.size() == 2);
  CHECK(holds<double>(systems[0], exact, falling));
  CHECK(systems[1].trial_count() == 2);
  // A file whose own name has a colon comes first.
  const auto colon = folder.write("f/octave7.mat:x", files::read(data("octave7.mat")));
  CHECK(load({colon + ":trials"}).at(0).trial_count() == 3);
  CHECK_THAT(error_of([&] { (void)load({folder / "f"}); }),
             Contains("octave7.mat:name: holds text") && Contains("can be recordings: give"));
  CHECK_THAT(error_of([&] { (void)load({(folder / "none.mat") + ":x"}); }), Contains("none.mat: no such file"));
}

TEST_CASE("info says how datasets and variables are read", "[io][hdf5][matlab]") {
  const auto info = [](const std::string& path) {
    const auto all = describe(path);
    REQUIRE(all.size() == 1);
    return all[0];
  };
  const ArrayInfo packed = info(data("scipy7.mat") + ":x");
  CHECK(packed.storage == "copied: compressed");
  CHECK(packed.dtype == "float64");
  CHECK(packed.order == "Fortran");
  CHECK(packed.shape == std::vector<index_t>{3, 5, 2});
  CHECK(info(data("scipy6.mat") + ":x").storage == "mapped");
  CHECK(info(data("scipy6.mat") + ":int16").storage == "copied: int16 as float64");
  CHECK(info(data("scipy6.mat") + ":spikes").dtype == "bool");
  if (!io::has_hdf5()) return;
  const ArrayInfo x = info(data("h5py.h5") + ":/x");
  CHECK(x.storage == "mapped");
  CHECK(x.axes == std::vector<std::string>{"trials", "time", "channels"});
  CHECK(info(data("h5py.h5") + ":/big").storage == "copied: byte-swapped");
  CHECK(info(data("h5py.h5") + ":/big").byte_order == "big-endian");
  CHECK(info(data("h5py.h5") + ":/packed").storage == "copied: compressed");
  CHECK(info(data("h5py.h5") + ":/spikes").dtype == "bool");
  CHECK(info(data("matlab73.mat") + ":x").shape == std::vector<index_t>{3, 5, 2});
  // Everything in the file, each with what is wrong with it; a group that holds itself is gone through once.
  const auto all = describe(data("h5py.h5"));
  CHECK(all.size() == 16);
  CHECK(std::count_if(all.begin(), all.end(), [](const ArrayInfo& a) { return a.problem.empty(); }) == 10);
}

TEST_CASE("what is no recording in an HDF5 file is refused by one line", "[io][hdf5]") {
  if (!io::has_hdf5()) return;
  const std::string file = data("h5py.h5");
  const auto invalid = [&](const char* name) { return refusal(file + ":/" + name, ErrorCode::invalid_data); };
  CHECK_THAT(invalid("complex"), Contains("h5py.h5:/complex: holds complex numbers, expected real numbers"));
  CHECK_THAT(invalid("names"), Contains("holds text"));
  CHECK_THAT(invalid("table"), Contains("holds compound elements") && Contains("save each field as a dataset"));
  CHECK_THAT(invalid("empty"), Contains("is empty (shape 0 x 3)"));
  CHECK_THAT(invalid("scalar"), Contains("has 0 axes"));
  CHECK_THAT(invalid("unwritten"), Contains("has no values"));
  CHECK_THAT(refusal(file + ":/dangling", ErrorCode::io), Contains("is a link that leads nowhere"));
  CHECK_THAT(refusal(file + ":/elsewhere", ErrorCode::io), Contains("is a link into another file, other.h5"));
  CHECK_THAT(refusal(file + ":/session/x", ErrorCode::io), Contains("holds no array '/session/x'"));
  CHECK_THAT(refusal(file, ErrorCode::invalid_data), Contains("10 can be recordings: give " + file + ":/big"));
}

TEST_CASE("damaged HDF5 files are refused by one line", "[io][hdf5]") {
  if (!io::has_hdf5()) return;
  const files::Folder folder;
  const auto damaged = [&](const std::string& part, auto change) {
    const std::string path = changed(folder, "h5py.h5", change);
    const std::string message = refusal(path + part, ErrorCode::io);
    CHECK_THAT(message, Contains("damaged-h5py.h5"));
    return message;
  };
  for (const std::size_t size : {std::size_t{20}, std::size_t{100}, std::size_t{5000}, std::size_t{15000}}) {
    CHECK_THAT(damaged(":/x", [&](std::string& b) { b.resize(size); }), Contains("damaged or truncated HDF5 file"));
  }
  CHECK_THAT(damaged(":/x", [](std::string& b) { b[8] = 9; }), Contains("damaged or truncated HDF5 file"));
  CHECK_THAT(damaged("", [](std::string& b) { b[0] = 'x'; }), Contains("is neither .npy, .npz, HDF5 nor MATLAB"));
  CHECK_THAT(damaged(":/x", [](std::string& b) { replace_all(b, "BTHD", "BTHX"); }), Contains("damaged"));
  const std::string axes = le(3, 8) + le(5, 8) + le(2, 8);
  CHECK_THAT(
      damaged(":/x",
              [&](std::string& b) { replace_all(b, axes, le(3, 8) + le(std::uint64_t{1} << 40, 8) + le(2, 8)); }),
      Contains("damaged or truncated: its 6597069766656 elements need"));
  CHECK_THAT(
      damaged(":/x",
              [&](std::string& b) { replace_all(b, axes, le(~std::uint64_t{0} >> 1, 8) + le(5, 8) + le(2, 8)); }),
      Contains("more than 2^63 bytes"));
  // A byte of each compressed chunk, which begins with the head of zlib.
  CHECK_THAT(damaged(":/packed",
                     [](std::string& b) {
                       std::size_t count = 0;
                       for (std::size_t at = b.find("\x78\x5e"); at != b.npos;
                            at = b.find("\x78\x5e", at + 1), ++count) {
                         b[at + 8] = static_cast<char>(b[at + 8] ^ 0x55);
                       }
                       REQUIRE(count > 0);
                     }),
             Contains("its values cannot be read"));
  // A chunk that claims to have no filters, in the tree of chunks: filters left out, then where it begins.
  const std::string begins = le(1, 8) + le(0, 8) + le(0, 8) + le(0, 8);
  CHECK_THAT(damaged(":/packed", [&](std::string& b) { replace_all(b, le(0, 4) + begins, le(7, 4) + begins); }),
             Contains("a chunk holds ") && Contains(" bytes, expected 80"));
  CHECK_THAT(damaged(":/packed",
                     [](std::string& b) {
                       replace_all(b, "deflate", "shrinks");
                       replace_all(b, le(1, 2) + le(8, 2), le(999, 2) + le(8, 2));
                     }),
             Contains("is packed by the filter 999"));
}

TEST_CASE("an HDF5 file whose links lead astray is refused by one line", "[io][hdf5]") {
  if (!io::has_hdf5()) return;
  const files::Folder folder;
  // The link "half" leads far outside of the file, where a walk by h5py crashes (1.10.8).
  const std::string link = std::string("\x04half", 5) + le(0x1000, 6);
  const std::string path = changed(folder, "h5py.h5", [&](std::string& b) {
    replace_all(b, link, std::string("\x04half", 5) + le(0xffff00001000, 6));
  });
  CHECK_THAT(refusal(path, ErrorCode::io), Contains("damaged-h5py.h5") && Contains("damaged"));
  CHECK(holds<double>(data("h5py.h5") + ":/x", exact, all_trials));  // and the next file is read
}

TEST_CASE("threads read HDF5 files side by side", "[io][hdf5]") {
  if (!io::has_hdf5()) return;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; ++k) {
    threads.emplace_back([&good] {
      for (int round = 0; round < 5; ++round) {
        good += holds<double>(data("h5py.h5") + ":/packed", exact, all_trials) ? 1 : 0;
        good += holds<double>(data("matlab73.mat") + ":trials", exact, falling) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 40);
}

TEST_CASE("damaged MATLAB files are refused by one line", "[io][matlab]") {
  const files::Folder folder;
  const auto damaged = [&](const std::string& name, auto change) {
    const std::string message = refusal(changed(folder, name, change) + ":x", ErrorCode::io);
    CHECK_THAT(message, Contains("damaged-" + name));
    return message;
  };
  CHECK_THAT(damaged("scipy6.mat", [](std::string& b) { b.resize(60); }), Contains("its head is cut off"));
  CHECK_THAT(damaged("scipy6.mat", [](std::string& b) { b.resize(b.size() - 9); }), Contains("is cut off after"));
  CHECK_THAT(damaged("scipy7.mat", [](std::string& b) { b.resize(b.size() - 9); }), Contains("is cut off after"));
  CHECK_THAT(damaged("scipy6.mat", [](std::string& b) { b[125] = 7; }), Contains("another version"));
  CHECK_THAT(damaged("scipy6.mat", [](std::string& b) { b[128] = 99; }), Contains("an element of type 99"));
  const std::string axes = le(3, 4) + le(5, 4) + le(2, 4);
  CHECK_THAT(damaged("scipy6.mat",
                     [&](std::string& b) { replace_all(b, axes, le(0x7fffffff, 4) + le(0x7fffffff, 4) + le(2, 4)); }),
             Contains("2147483647 x 2147483647 x 2 values of 8 bytes take 240 bytes"));
  CHECK_THAT(
      damaged("scipy6.mat", [&](std::string& b) { replace_all(b, axes, le(3, 4) + le(0xffffffff, 4) + le(2, 4)); }),
      Contains("an axis has a negative length"));
  // Every byte of the compressed form is under its checksum.
  const std::string good = files::read(data("scipy7.mat"));
  const std::size_t packed = static_cast<unsigned char>(good[132]);
  for (std::size_t at = 136; at < 136 + packed; ++at) {
    const auto path = changed(folder, "scipy7.mat", [&](std::string& b) { b[at] = static_cast<char>(b[at] ^ 0x10); });
    INFO("byte " << at);
    bool noticed = false;  // or harmless: bits between the deflated data and the checksum mean nothing
    try {
      noticed = holds<double>(path + ":x", exact, all_trials);
    } catch (const Error&) {
      noticed = true;
    }
    CHECK(noticed);
  }
  CHECK_THAT(damaged("scipy4.mat", [](std::string& b) { b.resize(90); }),
             Contains("variable 'x' is 5 x 2 elements of 8 bytes"));
  CHECK_THAT(damaged("scipy4.mat", [](std::string& b) { b.resize(b.size() - 3); }), Contains("truncated"));
}

TEST_CASE("without the HDF5 library a file says what to install", "[io][hdf5]") {
  if (io::has_hdf5()) return;
  CHECK_THAT(refusal(data("h5py.h5") + ":/x", ErrorCode::io), Contains("libhdf5-dev"));
  CHECK_THAT(refusal(data("matlab73.mat") + ":x", ErrorCode::io), Contains("a MATLAB 7.3 file") && Contains("h5py"));
}
