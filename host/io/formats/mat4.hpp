#pragma once
/// MATLAB files of version 4 (`save -v4`): https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf, chapter 2.
///
///   per variable: type (1000 M + 100 O + 10 P + T) | rows | columns | imaginary part (0, 1) | bytes of the name, each
///   32 bits | name, ends with 0 | real values, a column after the other | imaginary values
///
/// M: 0 little-endian, 1 big-endian. P: float64, float32, int32, int16, uint16, uint8. T: 0 numbers, 1 text, 2 sparse.
#include "host/io/formats/format.hpp"

namespace kindred::io {

/// The format has no signature: whether the first bytes can be the head of a variable.
[[nodiscard]] bool is_mat4(std::span<const std::byte> data);

/// The variables, in their order. Throws Error{io} if the file is cut off or is no such file.
[[nodiscard]] std::vector<ArrayRef> mat4_arrays(const std::filesystem::path& file, const Bytes& bytes);

}  // namespace kindred::io
