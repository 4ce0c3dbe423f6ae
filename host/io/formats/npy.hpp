#pragma once
/// The .npy format, versions 1.0 to 3.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
///
///   "\x93NUMPY" major minor | header length (u16 in 1.0, u32 after; little-endian) | header | data
///
/// The header is a Python dictionary literal with the keys descr (string, or a list for structured types),
/// fortran_order (True or False) and shape (tuple of integers).
#include "host/io/file.hpp"
#include "host/io/formats/numbers.hpp"

#include <kindred/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kindred::io {

struct NpyHeader {
  std::string descr;  ///< element type as written, "<f8"; the literal text of the list if structured
  bool fortran_order = false;
  std::vector<index_t> shape;
  std::size_t data_offset = 0;  ///< bytes before the first element
};

[[nodiscard]] bool is_npy(std::span<const std::byte> data);

/// Parses the header at the start of `file`, which need not hold the data. Throws Error{io} if it is malformed.
[[nodiscard]] NpyHeader parse_npy_header(const Bytes& file);

/// The header of a float array of this shape in C order, padded so that the data starts at a multiple of 64 bytes.
[[nodiscard]] std::string npy_header(std::size_t element_bytes, const std::vector<index_t>& shape);

/// The same for elements of another type in the machine's byte order, such as "U12".
[[nodiscard]] std::string npy_header(const std::string& type, const std::vector<index_t>& shape);

/// Product of the axis lengths (which the caller holds in memory, so that it fits).
[[nodiscard]] std::size_t element_count(const std::vector<index_t>& shape);

/// "float64", "int32", "object", "structured", ... for a descr.
[[nodiscard]] std::string dtype_name(const std::string& descr);

/// Empty unless descr is float32 or float64.
[[nodiscard]] std::optional<NumberType> float_type(const std::string& descr);

/// The type of the parts; empty unless descr is complex64 or complex128.
[[nodiscard]] std::optional<NumberType> complex_type(const std::string& descr);

}  // namespace kindred::io
