#include "host/io/names.hpp"

#include <string_view>
#include <utility>

#include "host/base/text.hpp"

namespace kindred::io {
namespace {

using host::fail;
using host::printable;

namespace fs = std::filesystem;

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
  // An HDF5 path begins with a slash.
  if (!system.part.empty()) name.parts.push_back(system.part.substr(system.part.starts_with('/') ? 1 : 0));
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

}  // namespace

bool Seen::insert(const fs::path& file, const std::string& part) {
  fs::path& full = canonical_[file];
  std::error_code error;
  if (full.empty()) full = fs::weakly_canonical(file, error);
  if (error) full = file;
  return seen_.insert(full.string() + ':' + part).second;
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
