#pragma once
/// Which kind of file some bytes are, and the arrays in it.
#include "host/io/file.hpp"
#include "host/io/formats/npy.hpp"
#include "host/io/formats/zip.hpp"

#include <kindred/error.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kindred::io {

struct ArrayRef;

/// An array of an HDF5 or MATLAB file.
struct Stored {
  std::string type;        ///< of its elements as the file has them: "int16", "complex"
  std::string byte_order;  ///< of these: "little-endian", "big-endian", or empty where it has no meaning
  NpyHeader header;        ///< shape and order of the axes; nothing else of it is meant
  std::size_t bytes = 8;   ///< of an element once it is read: 4 or 8
  std::string storage;     ///< "mapped", or "copied: " and why
  std::string problem;     ///< why it cannot be read ("holds text, expected real numbers"); empty if it can
  ErrorCode code = ErrorCode::invalid_data;  ///< of that problem
  std::function<Bytes()> values;             ///< reads: native floats of `bytes` bytes, as many as the shape says
  /// The elements are complex, which is a `problem` to all but to_complex: `values` reads real and imaginary part of
  /// each, as float64.
  bool complex = false;
  /// What another name of its file leads to, for names that no listing has (links); may be empty.
  std::function<std::vector<ArrayRef>(const std::string&)> find;
};

/// One array of an open file.
struct ArrayRef {
  std::filesystem::path file;
  std::string array;                       ///< name inside a .npz, HDF5 or MATLAB file, else empty
  Bytes bytes;                             ///< the whole file
  std::optional<ZipMember> member{};       ///< its place in a .npz
  std::shared_ptr<const Stored> stored{};  ///< its place in an HDF5 or MATLAB file
  std::string list{};  ///< name of the list (a MATLAB cell array, a field of an array of structures) that it is part of

  /// Whether the file may hold several arrays, which then have names.
  [[nodiscard]] bool named() const { return member || stored; }
  [[nodiscard]] std::string origin() const;
  /// Its name without the slash with which an HDF5 path begins.
  [[nodiscard]] std::string short_name() const { return array.starts_with('/') ? array.substr(1) : array; }
  /// The array as a .npy image, whole and checked; not of a `stored` one, for which this throws Error{invalid_data}.
  [[nodiscard]] Bytes read() const;
  /// The beginning of that image, enough for its header.
  [[nodiscard]] Bytes peek() const;
  /// Size of that image.
  [[nodiscard]] std::size_t size() const;
  /// Order and lengths of the axes.
  [[nodiscard]] NpyHeader header() const;
};

/// The arrays of a .npy (one), .npz, HDF5 or MATLAB file, given its bytes. Throws Error{io} for any other file, which
/// says what the file is, where that can be told, and what to do.
[[nodiscard]] std::vector<ArrayRef> arrays_in(const std::filesystem::path& file, const Bytes& bytes);

/// The arrays of a file that `name` means: one, the elements of a list, or those of a group, at any depth; all arrays
/// if `name` is empty. Never returns none. Throws Error{io} that names the nearest names if there is nothing of that
/// name.
[[nodiscard]] std::vector<ArrayRef> arrays_named(const std::vector<ArrayRef>& arrays, const std::string& name);

/// A name of an array, a list or a group as `arrays_named` takes it, so that one thing has one name.
[[nodiscard]] std::string plain_name(const std::vector<ArrayRef>& arrays, const std::string& name);

/// "compressed by gzip: ..." for bytes that are no file of arrays; empty if nothing is known of them.
[[nodiscard]] std::string looks_like(const Bytes& bytes);

}  // namespace kindred::io
