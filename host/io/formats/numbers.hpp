#pragma once
/// Numbers as files hold them, and as floats in memory.
#include "host/io/file.hpp"

#include <bit>
#include <cstddef>
#include <string>

namespace kindred::io {

enum class NumberKind { floating, signed_integer, unsigned_integer };

struct NumberType {
  NumberKind kind = NumberKind::floating;
  std::size_t bytes = 8;
  std::endian order = std::endian::native;
};

/// "float32", "int16", ...
[[nodiscard]] std::string name_of(const NumberType& type);

/// "little-endian", "big-endian", or empty for single bytes.
[[nodiscard]] std::string byte_order_of(const NumberType& type);

/// Bytes of the float that holds such a number: floats of up to 4 bytes are float32, all others float64 (which holds
/// integers beyond 2^53 to their first 53 bits).
[[nodiscard]] std::size_t float_bytes(const NumberType& type);

/// Why the numbers cannot be read in place as floats of `bytes` bytes ("int16 as float64", "byte-swapped",
/// "misaligned"); empty if they can.
[[nodiscard]] std::string copy_reason(const NumberType& type, std::size_t bytes, const std::byte* data);

/// Numbers as native floats of `bytes` bytes (4 or 8): as they lie, or a copy. Of floating types those of 4 and
/// 8 bytes, of integers those of 1, 2, 4 and 8 are known; `values` holds a whole number of them.
[[nodiscard]] Bytes to_floats(const Bytes& values, const NumberType& type, std::size_t bytes);

/// Complex numbers, real part first, of as many float64 real parts and imaginary parts.
[[nodiscard]] Bytes interleaved(const Bytes& real, const Bytes& imaginary);

}  // namespace kindred::io
