#pragma once
/// Float arrays in memory, native byte order, aligned: what a .npy file or a member of a .npz becomes.
#include "host/base/text.hpp"
#include "host/io/formats/npy.hpp"

#include <kindred/io.hpp>
#include <kindred/types.hpp>

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
FloatType require_floats(const NpyHeader& header, const std::string& origin);

/// Bytes of the data; throws Error{io} if that is not what follows the header in `available` bytes.
std::size_t require_complete(const NpyHeader& header, const FloatType& type, std::size_t available,
                             const std::string& origin);

/// Why the elements cannot be read in place ("byte-swapped", "misaligned"); empty if they can.
[[nodiscard]] std::string copy_reason(const FloatType& type, const std::byte* data);

/// The array of a whole .npy image: a view on it where possible, else a copy in native order.
[[nodiscard]] Array to_array(const Bytes& npy);

}  // namespace kindred::io
