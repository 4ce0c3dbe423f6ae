#pragma once
/// What the readers of MATLAB's formats share.
#include "host/io/formats/format.hpp"

#include <cstdint>

namespace kindred::io::matlab {

/// An unsigned number of as many bytes as `data` has.
[[nodiscard]] inline std::uint64_t number(std::span<const std::byte> data, std::endian order) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::size_t at = order == std::endian::big ? i : data.size() - 1 - i;
    value = value << 8 | std::to_integer<std::uint64_t>(data[at]);
  }
  return value;
}

/// Says of `stored` that it holds no real numbers.
inline void refuse(Stored& stored, const std::string& what, const std::string& advice = {}) {
  stored.type = what;
  stored.byte_order.clear();
  stored.storage.clear();
  stored.problem = "holds " + what + ", expected real numbers" + advice;
}
/// Complex numbers are none either; the values of `stored` must read them.
inline void refuse_complex(Stored& stored) {
  refuse(stored, "complex numbers",
         "; save real and imaginary parts as channels (a vector of eigenvalues is read as an operator)");
  stored.complex = true;
}
inline void refuse_sparse(Stored& stored) { refuse(stored, "a sparse matrix", "; save full(...) of it"); }

/// An array of numbers, a column after the other, that begins at `data` where it lies in memory as a whole.
inline void describe(Stored& stored, const NumberType& type, std::size_t bytes, std::vector<index_t> shape,
                     const std::byte* data) {
  stored.type = name_of(type);
  stored.byte_order = byte_order_of(type);
  stored.header.fortran_order = true;
  stored.header.shape = std::move(shape);
  stored.bytes = bytes;
  const std::string reason = copy_reason(type, bytes, data);
  stored.storage = reason.empty() ? "mapped" : "copied: " + reason;
}

}  // namespace kindred::io::matlab
