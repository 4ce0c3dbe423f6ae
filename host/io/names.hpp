#pragma once
/// What systems are called.
#include "host/io/collection.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kindred::io {

/// Tells arrays apart whatever path leads to them; a file's links are resolved once.
class Seen {
 public:
  /// False if this part of this file was there before.
  bool insert(const std::filesystem::path& file, const std::string& part);

 private:
  std::map<std::filesystem::path, std::filesystem::path> canonical_;
  std::set<std::string> seen_;
};

/// A name for each: array or stem, with as much of what leads there before it as makes all names differ.
/// Throws Error{invalid_argument} if one system is there twice.
[[nodiscard]] std::vector<std::string> distinct_names(const std::vector<SystemRef>& systems);

}  // namespace kindred::io
