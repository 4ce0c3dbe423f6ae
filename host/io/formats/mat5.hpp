#pragma once
/// MATLAB files of version 5 (`save -v6`, `save -v7`):
/// https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf, chapter 1. Not by matio, the library for it: that
/// reads files by their paths alone (no pipes), and takes what inflates of a compressed variable without its checksum,
/// so that most damage would go unnoticed as wrong numbers.
///
///   head: 116 bytes of text | 8 bytes | version 0x0100 | "IM" (little-endian) or "MI"
///   then elements: type, bytes (32 bits each) | data | padding to 8 bytes
///   of up to 4 bytes also: type, bytes (16 bits each) | 4 bytes
///
/// A variable is an element of type matrix, or of type compressed: a zlib stream (RFC 1950) of one of type matrix. Its
/// data are elements: flags and class | lengths of the axes | name | by class: real values, imaginary values; the
/// cells; or the names of the fields and the fields. Values may be of a narrower type than their class: a double array
/// of small integers is stored as bytes.
#include "host/io/formats/format.hpp"

namespace kindred::io {

[[nodiscard]] bool is_mat5(std::span<const std::byte> data);

/// The arrays, in their order: variables "x"; fields of structures "s.x", of arrays of structures "s(2).x" (all k of
/// s(k).x are the list "s.x"); elements of cell arrays "c{2}" (all of them are the list "c"). Throws Error{io} if the
/// file is cut off or malformed; only heads of variables are looked at, and of a compressed cell array or structure
/// all.
[[nodiscard]] std::vector<ArrayRef> mat5_arrays(const std::filesystem::path& file, const Bytes& bytes);

}  // namespace kindred::io
