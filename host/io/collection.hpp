#pragma once
/// From paths to systems: which files a path leads to, which arrays those hold, and which arrays make up which system.
/// Nothing but directories and headers is read here.
#include "host/io/file.hpp"
#include "host/io/formats/zip.hpp"

#include <kindred/io.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kindred::io {

/// A file that exists, and the one array of it that is meant (empty: all).
struct FileSpec {
  std::filesystem::path file;
  std::string array;
};

/// One array of an open file.
struct ArrayRef {
  std::filesystem::path file;
  std::string array;                ///< name inside a .npz, else empty
  Bytes bytes;                      ///< the whole file
  std::optional<ZipMember> member;  ///< its place in a .npz

  [[nodiscard]] std::string origin() const;
  /// The array as a .npy image, whole and checked.
  [[nodiscard]] Bytes read() const;
  /// The beginning of that image, enough for its header.
  [[nodiscard]] Bytes peek() const;
  /// Size of that image.
  [[nodiscard]] std::size_t size() const;
};

struct SystemRef {
  std::filesystem::path file;  ///< .npy, .npz or manifest
  std::string part;            ///< array of the .npz or system of the manifest; empty: all of the file
  std::string label;
  Layout layout = Layout::automatic;
  std::vector<ArrayRef> arrays;  ///< whose trials are the system's
  bool from_manifest = false;
};

/// Files that a path, folder, glob pattern or "x.npz:array" leads to; throws Error{io} if there are none.
[[nodiscard]] std::vector<FileSpec> find_files(const std::string& path);

/// The systems of a .npy, .npz or manifest.
[[nodiscard]] std::vector<SystemRef> find_systems(const FileSpec& spec, const LoadOptions& options);

/// The arrays of a .npy (one) or .npz, given its bytes.
[[nodiscard]] std::vector<ArrayRef> arrays_in(const std::filesystem::path& file, const Bytes& bytes);
[[nodiscard]] std::vector<ArrayRef> find_arrays(const std::filesystem::path& file);

/// A name for each: array or stem, with as much of what leads there before it as makes all names differ.
/// Throws Error{invalid_argument} if one system is there twice.
[[nodiscard]] std::vector<std::string> distinct_names(const std::vector<SystemRef>& systems);

}  // namespace kindred::io
