#include "host/io/collection.hpp"

#include <glob.h>

#include <algorithm>
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

/// The recordings of a folder, by name. Hidden files are not looked at, as no pattern matches them either: other
/// systems keep their own there.
std::vector<fs::path> files_in(const fs::path& folder, Results& results, std::vector<fs::path>& left_out) {
  std::vector<fs::path> files;
  std::error_code error;
  bool any = false;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    const std::string ending = ending_of(path);
    if ((ending != ".npy" && ending != ".npz") || is_hidden(path) || is_folder(path)) continue;
    any = true;
    (results.find(path) ? left_out : files).push_back(path);
  }
  if (error) fail(ErrorCode::io, printable(folder.string()), ": cannot be read: ", error.message());
  if (files.empty()) {
    fail(ErrorCode::io, printable(folder.string()), ": this folder holds no .npy or .npz file",
         any ? " but results of kindred" : "");
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.native() < b.native(); });
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

/// Splits "x.npz:array"; a file of that very name comes first.
FileSpec split_array(const std::string& path) {
  const std::size_t at = path.rfind(':');
  if (at == std::string::npos || is_there(path)) return {path, {}};
  FileSpec spec{path.substr(0, at), path.substr(at + 1)};
  const bool named = ending_of(spec.file) == ".npz";
  if (named && spec.array.empty()) {
    fail(ErrorCode::invalid_argument, printable(path), ": names no array after the colon");
  }
  return named || is_regular(spec.file) ? spec : FileSpec{path, {}};
}

/// Those of a file's arrays that a spec means.
std::vector<ArrayRef> select(const std::vector<ArrayRef>& arrays, const std::string& name) {
  if (name.empty()) return arrays;
  const Bytes& file = arrays.front().bytes;
  if (!arrays.front().member) fail(ErrorCode::io, file.origin, ": is a .npy file: it has no named arrays");
  for (const ArrayRef& array : arrays) {
    if (array.array == name) return {array};
  }
  fail(ErrorCode::io, file.origin, ": holds no array '", printable(name), "'");
}

std::vector<SystemRef> systems_of_manifest(const fs::path& manifest, const Bytes& bytes, Layout layout, Files& files) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  std::vector<SystemRef> systems;
  for (const ManifestSystem& entry : parse_manifest(text, bytes.origin, layout)) {
    SystemRef& system = systems.emplace_back();
    system = {manifest, entry.name, entry.label, entry.layout, {}, true};
    system.fit = entry.fit;
    system.preprocess = entry.preprocess;
    Seen seen;
    for (const std::string& path : entry.files) {
      for (const FileSpec& spec : find_files((manifest.parent_path() / path).string(), files)) {
        for (ArrayRef& array : select(files.arrays(spec.file), spec.array)) {
          if (!seen.insert(array.file, array.array)) {
            fail(ErrorCode::invalid_data, bytes.origin, ": system '", entry.name, "' has ", array.origin(), " twice");
          }
          system.arrays.push_back(std::move(array));
        }
      }
    }
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
  const auto arrays = select(files.arrays(spec.file), spec.array);
  const bool whole_file = !arrays.front().member || (options.npz == NpzArrays::trials && spec.array.empty());
  if (whole_file) return {{spec.file, {}, {}, options.layout, arrays, false}};
  std::vector<SystemRef> systems;
  systems.reserve(arrays.size());
  for (const ArrayRef& array : arrays) {
    systems.push_back({spec.file, array.array, {}, options.layout, {array}, false});
  }
  return systems;
}

}  // namespace kindred::io
