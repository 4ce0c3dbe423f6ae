#include "host/io/array.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

namespace kindred::io {

using host::fail;
using host::printable;
using host::shape_text;

namespace {

/// Product of the axis lengths times the element size; nothing if it exceeds what a file can hold.
std::optional<std::size_t> data_bytes(const std::vector<index_t>& shape, std::size_t element_bytes) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<index_t>::max());
  std::size_t bytes = element_bytes;
  for (const index_t n : shape) {
    if (n > 0 && bytes > most / static_cast<std::size_t>(n)) return {};
    bytes *= static_cast<std::size_t>(n);
  }
  return bytes;
}

std::vector<index_t> strides_of(const NpyHeader& header) {
  const std::size_t axes = header.shape.size();
  std::vector<index_t> strides(axes);
  index_t stride = 1;
  for (std::size_t k = 0; k < axes; ++k) {
    const std::size_t axis = header.fortran_order ? k : axes - 1 - k;  // fastest first
    strides[axis] = stride;
    stride *= header.shape[axis];
  }
  return strides;
}

/// What to do about elements that are not floats.
std::string advice_for(const std::string& descr) {
  const std::string name = dtype_name(descr);
  if (name.starts_with("complex")) return "; save real and imaginary parts as channels";
  if (name.starts_with("int") || name.starts_with("uint") || name.starts_with("float") || name == "bool") {
    return "; save it with array.astype('float64')";
  }
  if (name == "object") {
    return "; trials of different lengths are the arrays of one .npz, read with LoadOptions::npz = trials";
  }
  return {};
}

template <class Word>
void copy_reversed(std::byte* to, const std::byte* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof(Word)) {
    std::byte word[sizeof(Word)];
    std::reverse_copy(from + i, from + i + sizeof(Word), word);
    std::memcpy(to + i, word, sizeof(Word));
  }
}

}  // namespace

FloatType require_floats(const NpyHeader& header, const std::string& origin) {
  const auto type = float_type(header.descr);
  if (!type) {
    fail(ErrorCode::invalid_data, origin, ": holds ", dtype_name(header.descr), " elements (dtype '",
         printable(header.descr, 60), "'), expected float32 or float64", advice_for(header.descr));
  }
  if (std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end()) {
    fail(ErrorCode::invalid_data, origin, ": is empty (shape ", shape_text(header.shape),
         "), expected no axis of length 0");
  }
  return *type;
}

std::size_t require_complete(const NpyHeader& header, const FloatType& type, std::size_t available,
                             const std::string& origin) {
  const auto needed = data_bytes(header.shape, type.bytes);
  if (needed && *needed == available - header.data_offset) return *needed;
  const std::string shape = shape_text(header.shape) + " of " + dtype_name(header.descr);
  if (!needed) {
    fail(ErrorCode::io, origin, ": its header claims ", shape, ", more than 2^63 bytes; the file has ", available);
  }
  const std::size_t expected = header.data_offset + *needed;
  if (expected > available) {
    fail(ErrorCode::io, origin, ": truncated: ", shape, " needs ", expected, " bytes, found ", available);
  }
  fail(ErrorCode::io, origin, ": ", shape, " ends at byte ", expected, ", but the file has ", available,
       "; expected one array and nothing after it");
}

std::string copy_reason(const FloatType& type, const std::byte* data) {
  if (type.order != std::endian::native) return "byte-swapped";
  if (reinterpret_cast<std::uintptr_t>(data) % type.bytes != 0) return "misaligned";
  return {};
}

Array to_array(const Bytes& npy) {
  const NpyHeader header = parse_npy_header(npy);
  const FloatType type = require_floats(header, npy.origin);
  const std::size_t bytes = require_complete(header, type, npy.data.size(), npy.origin);

  const std::byte* data = npy.data.data() + header.data_offset;
  std::shared_ptr<const void> owner = npy.owner;
  if (!copy_reason(type, data).empty()) {
    const auto copy = std::make_shared_for_overwrite<std::byte[]>(bytes);
    if (type.order == std::endian::native) {
      std::memcpy(copy.get(), data, bytes);
    } else if (type.bytes == 4) {
      copy_reversed<float>(copy.get(), data, bytes);
    } else {
      copy_reversed<double>(copy.get(), data, bytes);
    }
    data = copy.get();
    owner = copy;
    release_pages(npy);
  }

  Array array{npy.origin, header.shape, strides_of(header), {}, std::move(owner)};
  if (type.bytes == 4) {
    array.values = reinterpret_cast<const float*>(data);
  } else {
    array.values = reinterpret_cast<const double*>(data);
  }
  return array;
}

}  // namespace kindred::io
