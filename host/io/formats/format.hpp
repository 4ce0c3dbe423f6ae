#pragma once
/// Which kind of file some bytes are, and the arrays in it.
#include "host/io/file.hpp"
#include "host/io/formats/zip.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kindred::io {

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

/// The arrays of a .npy (one) or .npz, given its bytes. Throws Error{io} for any other file, which says what the file
/// is, where that can be told, and what to do.
[[nodiscard]] std::vector<ArrayRef> arrays_in(const std::filesystem::path& file, const Bytes& bytes);

/// "a MATLAB 7.3 file (HDF5): ..." for bytes that are neither .npy nor .npz; empty if nothing is known of them.
[[nodiscard]] std::string looks_like(const Bytes& bytes);

}  // namespace kindred::io
