#pragma once
/// Which files are results that kindred wrote: the JSON beside every result lists the outputs of its run.
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace kindred::io {

/// A file that a run of kindred wrote.
struct Result {
  std::filesystem::path sidecar;  ///< the JSON that lists it
  std::string command;            ///< of that run: "pairwise", "cross", "fit"
};

/// Looks files up in the JSON of their folders; each folder is read once.
class Results {
 public:
  /// Nothing if no JSON in the folder of `file` says that kindred wrote it.
  [[nodiscard]] std::optional<Result> find(const std::filesystem::path& file);

 private:
  using Folder = std::map<std::filesystem::path, Result>;  // by name of the file
  std::map<std::filesystem::path, Folder> folders_;
};

/// Why `file` is not read as a recording.
[[nodiscard]] std::string not_a_recording(const std::filesystem::path& file, const Result& result);

}  // namespace kindred::io
