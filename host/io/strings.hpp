#pragma once
/// Arrays of strings (NumPy dtypes U and S), for names.
#include "host/io/file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kindred::io {

/// The strings of a 1-D .npy image, as UTF-8 on one line each (see printable). Throws Error{io} / Error{invalid_data}.
[[nodiscard]] std::vector<std::string> to_strings(const Bytes& npy);

/// A 1-D .npy image of UTF-8 strings (dtype U), in its two parts.
struct StringArray {
  std::string header;
  std::vector<std::uint32_t> characters;
};
[[nodiscard]] StringArray from_strings(const std::vector<std::string>& strings);

}  // namespace kindred::io
