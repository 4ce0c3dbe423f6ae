#pragma once
/// Float arrays in memory, native byte order, aligned: what an array of a file becomes.
#include "host/base/text.hpp"
#include "host/io/formats/format.hpp"
#include "host/io/formats/npy.hpp"

#include <kindred/io.hpp>
#include <kindred/types.hpp>

#include <complex>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kindred::io {

struct Array {
  std::string origin;
  std::vector<index_t> shape;
  std::vector<index_t> strides;  ///< in elements
  std::variant<const float*, const double*> values;
  std::shared_ptr<const void> owner;
};

/// Throws Error{invalid_data} unless the elements are float32 or float64 and no axis is empty.
NumberType require_floats(const NpyHeader& header, const std::string& origin);

/// Bytes of the data; throws Error{io} if that is not what follows the header in `available` bytes.
std::size_t require_complete(const NpyHeader& header, const NumberType& type, std::size_t available,
                             const std::string& origin);

/// Throws what reading the array would, as far as its description tells.
void require_readable(const Stored& stored, const std::string& origin);

/// The array of a whole .npy image: a view on it where possible, else a copy in native order.
[[nodiscard]] Array to_array(const Bytes& npy);

/// The array of a file.
[[nodiscard]] Array to_array(const ArrayRef& ref);

/// Whether the elements are complex numbers.
[[nodiscard]] bool is_complex(const ArrayRef& ref);

/// The elements of an array of complex numbers, in the order in which they are stored. Throws as to_array.
[[nodiscard]] std::vector<std::complex<double>> to_complex(const ArrayRef& ref);

}  // namespace kindred::io
