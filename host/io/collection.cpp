#include "host/io/collection.hpp"

#include <glob.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "host/base/text.hpp"
#include "host/io/manifest.hpp"
#include "host/io/names.hpp"

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_regular(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_one_of(const std::string& ending, std::initializer_list<std::string_view> known) {
  return std::find(known.begin(), known.end(), ending) != known.end();
}
bool is_npy_name(const std::string& ending) { return is_one_of(ending, {".npy", ".npz"}); }
bool is_hdf5_or_matlab_name(const std::string& ending) { return is_one_of(ending, {".h5", ".hdf5", ".mat", ".nwb"}); }

/// The recordings of a folder, by name: its .npy and .npz files, or, where it has none, those of HDF5 and MATLAB.
/// Hidden files are not looked at, as no pattern matches them either: other systems keep their own there.
std::vector<fs::path> files_in(const fs::path& folder, Results& results, std::vector<fs::path>& left_out) {
  std::vector<fs::path> files, others, results_found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    const std::string ending = ending_of(path);
    const bool npy = is_npy_name(ending);
    if ((!npy && !is_hdf5_or_matlab_name(ending)) || is_hidden(path) || is_folder(path)) continue;
    (results.find(path) ? results_found : npy ? files : others).push_back(path);
  }
  if (error) fail(ErrorCode::io, printable(folder.string()), ": cannot be read: ", error.message());
  left_out.insert(left_out.end(), results_found.begin(), results_found.end());
  if (files.empty()) files = std::move(others);
  if (files.empty()) {
    fail(ErrorCode::io, printable(folder.string()), ": this folder holds no .npy, .npz, .h5, .hdf5, .nwb or .mat file",
         results_found.empty() ? "" : " but results of kindred");
  }
  std::sort(files.begin(), files.end(), [](const auto& x, const auto& y) { return x.native() < y.native(); });
  return files;
}

std::vector<fs::path> files_matching(const std::string& pattern) {
  glob_t matches = {};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches);
  const std::unique_ptr<glob_t, void (*)(glob_t*)> release(&matches, ::globfree);
  if (result == GLOB_NOSPACE) throw std::bad_alloc();
  if (result != 0) fail(ErrorCode::io, printable(pattern), ": no file matches this pattern");
  std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  std::sort(paths.begin(), paths.end());
  return {paths.begin(), paths.end()};
}

}  // namespace

FileSpec split_array(const std::string& path) {
  if (is_there(path)) return {path, {}};
  const auto holds_named = [](const FileSpec& spec) {
    const std::string ending = ending_of(spec.file);
    return ending == ".npz" || is_hdf5_or_matlab_name(ending);
  };
  std::vector<FileSpec> ways;  // the longest name of a file first
  for (std::size_t at = path.rfind(':'); at != std::string::npos && at > 0; at = path.rfind(':', at - 1)) {
    ways.push_back({path.substr(0, at), path.substr(at + 1)});
  }
  auto way = std::find_if(ways.begin(), ways.end(), [](const FileSpec& spec) { return is_regular(spec.file); });
  if (way == ways.end()) way = std::find_if(ways.begin(), ways.end(), holds_named);
  if (way != ways.end()) {
    FileSpec& spec = *way;
    if (holds_named(spec) && spec.array.empty()) {
      fail(ErrorCode::invalid_argument, printable(path), ": names no array after the colon");
    }
    return spec;
  }
  return {path, {}};
}

namespace {

/// The arrays that the paths of one system of a manifest lead to.
std::vector<ArrayRef> arrays_of_system(const std::vector<std::string>& paths, const fs::path& manifest,
                                       const std::string& origin, const std::string& name, Files& files) {
  std::vector<ArrayRef> arrays;
  Seen seen;
  for (const std::string& path : paths) {
    for (const FileSpec& spec : find_files((manifest.parent_path() / path).string(), files)) {
      for (ArrayRef& array : arrays_named(files.arrays(spec.file), spec.array)) {
        if (!seen.insert(array.file, array.array)) {
          fail(ErrorCode::invalid_data, origin, ": system '", name, "' has ", array.origin(), " twice");
        }
        arrays.push_back(std::move(array));
      }
    }
  }
  return arrays;
}

std::vector<SystemRef> systems_of_manifest(const fs::path& manifest, const Bytes& bytes, Layout layout, Files& files) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  std::vector<SystemRef> systems;
  for (const ManifestSystem& entry : parse_manifest(text, bytes.origin, layout)) {
    SystemRef& system = systems.emplace_back();
    system.file = manifest;
    system.part = entry.name;
    system.label = entry.label;
    system.layout = entry.layout;
    system.arrays = arrays_of_system(entry.files, manifest, bytes.origin, entry.name, files);
    system.control = arrays_of_system(entry.control, manifest, bytes.origin, entry.name, files);
    system.from_manifest = true;
    system.preprocess = entry.preprocess;
    system.fit = entry.fit;
  }
  return systems;
}

}  // namespace

const Bytes& Files::bytes(const fs::path& file) {
  const auto known = bytes_.find(file);
  return known != bytes_.end() ? known->second : bytes_.emplace(file, open_file(file)).first->second;
}

const std::vector<ArrayRef>& Files::arrays(const fs::path& file) {
  std::vector<ArrayRef>& known = arrays_[file];
  if (known.empty()) known = arrays_in(file, bytes(file));
  return known;
}

std::vector<FileSpec> find_files(const std::string& path, Files& files) {
  const FileSpec asked = split_array(path);
  const bool pattern = asked.file.native().find_first_of("*?[") != std::string::npos && !is_there(asked.file);
  std::vector<FileSpec> specs;
  for (const fs::path& found : pattern ? files_matching(asked.file.native()) : std::vector<fs::path>{asked.file}) {
    if (is_folder(found)) {
      for (const fs::path& file : files_in(found, files.results, files.left_out)) specs.push_back({file, asked.array});
      continue;
    }
    const auto result = is_regular(found) ? files.results.find(found) : std::nullopt;
    if (result && !pattern) fail(ErrorCode::invalid_data, not_a_recording(found, *result));
    if (result) {
      files.left_out.push_back(found);
    } else {
      specs.push_back({found, asked.array});
    }
  }
  if (specs.empty()) fail(ErrorCode::io, printable(path), ": this pattern matches nothing but results of kindred");
  return specs;
}

std::vector<SystemRef> find_systems(const FileSpec& spec, const LoadOptions& options, Files& files) {
  if (ending_of(spec.file) == ".json" && spec.array.empty()) {
    return systems_of_manifest(spec.file, files.bytes(spec.file), options.layout, files);
  }
  const auto arrays = arrays_named(files.arrays(spec.file), spec.array);
  const std::string named = plain_name(files.arrays(spec.file), spec.array);
  const bool one_array = arrays.size() == 1 && arrays.front().array == named;
  if (!arrays.front().named() || (options.npz == NpzArrays::trials && !one_array)) {
    return {{spec.file, named, {}, options.layout, arrays, {}, false}};
  }
  std::vector<SystemRef> systems;
  std::map<std::string, std::size_t> of_lists;
  for (const ArrayRef& array : arrays) {
    // An element of a list that was asked for by its own name is a system, else it is one of the list's trials.
    const bool trial = !array.list.empty() && !one_array;
    const std::string& part = trial ? array.list : array.array;
    if (trial && !of_lists.emplace(part, systems.size()).second) {
      systems[of_lists[part]].arrays.push_back(array);
    } else {
      systems.push_back({spec.file, part, {}, options.layout, {array}, {}, false});
    }
  }
  return systems;
}

}  // namespace kindred::io
