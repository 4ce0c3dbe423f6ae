#pragma once
/// From paths to systems: which files a path leads to, which arrays those hold, and which arrays make up which system.
/// Nothing but directories and headers is read here.
#include "host/io/file.hpp"
#include "host/io/formats/format.hpp"
#include "host/io/results.hpp"

#include <kindred/io.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kindred::io {

/// A file that exists, and the one array of it that is meant (empty: all).
struct FileSpec {
  std::filesystem::path file;
  std::string array;
};

struct SystemRef {
  std::filesystem::path file;  ///< .npy, .npz, HDF5, MATLAB or manifest
  std::string part;            ///< array, list or group of the file or system of the manifest; empty: all of the file
  std::string label;
  Layout layout = Layout::automatic;
  std::vector<ArrayRef> arrays;   ///< whose trials are the system's
  std::vector<ArrayRef> control;  ///< whose trials are its inputs
  bool from_manifest = false;
  std::vector<std::pair<std::string, std::string>> preprocess{};  ///< TrajectorySet::preprocess
  FitFields fit{};                                                ///< of a manifest
};

/// The files of one call, each opened once, however many paths lead to it: what a pipe holds can be read once.
class Files {
 public:
  [[nodiscard]] const Bytes& bytes(const std::filesystem::path& file);
  [[nodiscard]] const std::vector<ArrayRef>& arrays(const std::filesystem::path& file);

  Results results;
  /// Results of kindred to which a folder or a pattern led: no recordings.
  std::vector<std::filesystem::path> left_out;

 private:
  std::map<std::filesystem::path, Bytes> bytes_;
  std::map<std::filesystem::path, std::vector<ArrayRef>> arrays_;
};

/// Splits "x.npz:array"; a file of that very name, or whose name has a colon, comes first.
[[nodiscard]] FileSpec split_array(const std::string& path);

/// Files that a path, folder, glob pattern or "x.npz:array" ("x.h5:/path", "x.mat:variable") leads to; throws Error{io}
/// if there are none, and Error{invalid_data} for the very name of a result of kindred.
[[nodiscard]] std::vector<FileSpec> find_files(const std::string& path, Files& files);

/// The systems of a file of arrays or a manifest.
[[nodiscard]] std::vector<SystemRef> find_systems(const FileSpec& spec, const LoadOptions& options, Files& files);

}  // namespace kindred::io
