#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace kindred::cli {

/// The files that a command will write, checked before it computes.
class Outputs {
 public:
  /// A file to write because of `option` ("--out"); an empty path adds nothing.
  void add(const std::string& option, const std::filesystem::path& path);
  /// Throws invalid_argument if two outputs are one file or an output is one of `inputs`, io if an output cannot be
  /// written. With `keep`, also if an output is there already.
  void check(const std::vector<std::filesystem::path>& inputs, bool keep) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::filesystem::path>>& list() const { return list_; }

 private:
  std::vector<std::pair<std::string, std::filesystem::path>> list_;
};

/// Throws invalid_argument unless `path` ends in one of `endings` (".npy").
void require_ending(const std::string& option, const std::filesystem::path& path,
                    const std::vector<std::string>& endings);

/// The sidecar of a result: the same name, ending in .json. Empty for an empty path.
[[nodiscard]] std::filesystem::path sidecar_of(std::filesystem::path path);

}  // namespace kindred::cli
