#include "host/io/collection.hpp"

#include <glob.h>

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <string_view>
#include <utility>

#include "host/base/text.hpp"
#include "host/io/formats/npy.hpp"
#include "host/io/manifest.hpp"

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_header = std::size_t{1} << 20;  // of an array that is only looked at

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    if ((path.extension() == ".npy" || path.extension() == ".npz") && !is_folder(path)) files.push_back(path);
  }
  if (error) fail(ErrorCode::io, printable(folder.string()), ": cannot be read: ", error.message());
  if (files.empty()) fail(ErrorCode::io, printable(folder.string()), ": this folder holds no .npy or .npz file");
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
  constexpr std::string_view mark = ".npz:";
  const std::size_t at = path.rfind(mark);
  if (at == std::string::npos || is_there(path)) return {path, {}};
  FileSpec spec{path.substr(0, at + mark.size() - 1), path.substr(at + mark.size())};
  if (spec.array.empty()) fail(ErrorCode::invalid_argument, printable(path), ": names no array after the colon");
  return spec;
}

/// Tells arrays apart whatever path leads to them; a file's links are resolved once.
class Seen {
 public:
  /// False if this part of this file was there before.
  bool insert(const fs::path& file, const std::string& part) {
    fs::path& full = canonical_[file];
    std::error_code error;
    if (full.empty()) full = fs::weakly_canonical(file, error);
    if (error) full = file;
    return seen_.insert(full.string() + ':' + part).second;
  }

 private:
  std::map<fs::path, fs::path> canonical_;
  std::set<std::string> seen_;
};

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

std::vector<SystemRef> systems_of_manifest(const fs::path& manifest, const Bytes& bytes, Layout layout) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  std::map<fs::path, std::vector<ArrayRef>> opened;  // many systems may lie in one .npz
  std::vector<SystemRef> systems;
  for (const ManifestSystem& entry : parse_manifest(text, bytes.origin, layout)) {
    SystemRef& system = systems.emplace_back();
    system = {manifest, entry.name, entry.label, entry.layout, {}, true};
    Seen seen;
    for (const std::string& path : entry.files) {
      for (const FileSpec& spec : find_files((manifest.parent_path() / path).string())) {
        auto& arrays = opened[spec.file];
        if (arrays.empty()) arrays = find_arrays(spec.file);
        for (ArrayRef& array : select(arrays, spec.array)) {
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

/// A name under construction: the last `length` of its parts.
struct Name {
  std::vector<std::string> parts;
  std::size_t length = 1;

  [[nodiscard]] std::string text() const {
    std::string joined;
    for (std::size_t k = parts.size() - length; k < parts.size(); ++k) joined += (joined.empty() ? "" : "/") + parts[k];
    return joined;
  }
};

/// Folders, stem of the file and, if there is one, the part of it.
Name full_name(const SystemRef& system) {
  std::error_code error;
  const fs::path full = fs::absolute(system.file, error).lexically_normal();
  Name name;
  for (const fs::path& folder : full.parent_path().relative_path()) name.parts.push_back(printable(folder.string()));
  name.parts.push_back(printable(full.stem().string()));
  if (!system.part.empty()) name.parts.push_back(system.part);
  return name;
}

/// Names that occur more than once, each with its systems.
std::vector<std::vector<std::size_t>> collisions(const std::vector<std::string>& names) {
  std::map<std::string_view, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < names.size(); ++i) by_name[names[i]].push_back(i);
  std::vector<std::vector<std::size_t>> groups;
  for (auto& [name, group] : by_name) {
    if (group.size() > 1) groups.push_back(std::move(group));
  }
  return groups;
}

/// ", but an HDF5 file: ..." for a kind of file in which recordings are often stored.
std::string looks_like(const Bytes& bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data.data()),
                               std::min<std::size_t>(bytes.data.size(), 16));
  const char* kind = start.starts_with("\x89HDF\r\n")                                           ? "an HDF5 file"
                     : start.starts_with("MATLAB 5.0")                                          ? "a MATLAB file"
                     : start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5 ? "a Python pickle"
                                                                                                : nullptr;
  return kind == nullptr ? std::string()
                         : std::string(", but ") + kind + ": read it in Python and save its arrays with numpy.save";
}

}  // namespace

std::string ArrayRef::origin() const { return array.empty() ? bytes.origin : bytes.origin + ':' + array; }

Bytes ArrayRef::read() const { return member ? read_member(bytes, *member, origin()) : bytes; }

Bytes ArrayRef::peek() const { return member ? peek_member(bytes, *member, origin(), longest_header) : bytes; }

std::size_t ArrayRef::size() const { return member ? static_cast<std::size_t>(member->bytes) : bytes.data.size(); }

std::vector<FileSpec> find_files(const std::string& path) {
  const FileSpec asked = split_array(path);
  const bool pattern = asked.file.native().find_first_of("*?[") != std::string::npos && !is_there(asked.file);
  std::vector<FileSpec> specs;
  for (const fs::path& found : pattern ? files_matching(asked.file.native()) : std::vector<fs::path>{asked.file}) {
    if (is_folder(found)) {
      for (const fs::path& file : files_in(found)) specs.push_back({file, asked.array});
    } else {
      specs.push_back({found, asked.array});
    }
  }
  return specs;
}

std::vector<ArrayRef> arrays_in(const fs::path& file, const Bytes& bytes) {
  if (is_npy(bytes.data)) return {{file, {}, bytes, {}}};
  if (is_zip(bytes.data)) {
    std::vector<ArrayRef> arrays;
    for (ZipMember& member : read_zip_directory(bytes)) {
      constexpr std::string_view suffix = ".npy";
      std::string name = member.name;
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
      arrays.push_back({file, printable(name), bytes, std::move(member)});
    }
    if (arrays.empty()) fail(ErrorCode::io, bytes.origin, ": holds no arrays");
    return arrays;
  }
  if (bytes.data.empty()) fail(ErrorCode::io, bytes.origin, ": is empty, expected a .npy, a .npz or a manifest");
  fail(ErrorCode::io, bytes.origin, ": is neither .npy nor .npz", looks_like(bytes),
       " (the name of a manifest ends in .json)");
}

std::vector<ArrayRef> find_arrays(const fs::path& file) { return arrays_in(file, open_file(file)); }

std::vector<SystemRef> find_systems(const FileSpec& spec, const LoadOptions& options) {
  const Bytes bytes = open_file(spec.file);
  if (spec.file.extension() == ".json" && spec.array.empty()) {
    return systems_of_manifest(spec.file, bytes, options.layout);
  }
  const auto arrays = select(arrays_in(spec.file, bytes), spec.array);
  const bool whole_file = !arrays.front().member || (options.npz == NpzArrays::trials && spec.array.empty());
  if (whole_file) return {{spec.file, {}, {}, options.layout, arrays, false}};
  std::vector<SystemRef> systems;
  systems.reserve(arrays.size());
  for (const ArrayRef& array : arrays) {
    systems.push_back({spec.file, array.array, {}, options.layout, {array}, false});
  }
  return systems;
}

std::vector<std::string> distinct_names(const std::vector<SystemRef>& systems) {
  Seen seen;
  std::set<fs::path> files;
  std::vector<Name> parts;
  for (const SystemRef& system : systems) {
    if (!seen.insert(system.file, system.part)) {
      fail(ErrorCode::invalid_argument, printable(system.file.string()), system.part.empty() ? "" : ":", system.part,
           ": is given twice; give each system once");
    }
    files.insert(system.file);
    parts.push_back(full_name(system));
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    const bool array = !systems[i].part.empty() && !systems[i].from_manifest;
    if (array && files.size() > 1) parts[i].length = 2;
    names.push_back(parts[i].text());
  }
  for (bool longer = true; longer;) {
    longer = false;
    for (const auto& group : collisions(names)) {
      for (const std::size_t i : group) {
        if (parts[i].length == parts[i].parts.size()) continue;
        ++parts[i].length;
        names[i] = parts[i].text();
        longer = true;
      }
    }
  }
  for (const auto& group : collisions(names)) {  // x.npy and x.npz of one folder
    for (const std::size_t i : group) names[i] = printable(systems[i].file.string()) + ':' + systems[i].part;
  }
  return names;
}

}  // namespace kindred::io
