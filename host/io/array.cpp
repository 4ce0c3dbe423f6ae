#include "host/io/array.hpp"

#include <algorithm>
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
  if (name.starts_with("complex"))
    return "; save real and imaginary parts as channels (a vector of eigenvalues is read as an operator)";
  if (name.starts_with("int") || name.starts_with("uint") || name.starts_with("float") || name == "bool") {
    return "; save it with array.astype('float64')";
  }
  if (name == "object") {
    return "; trials of different lengths are the arrays of one .npz, read with LoadOptions::npz = trials";
  }
  return {};
}

void require_axes(const NpyHeader& header, const std::string& origin) {
  if (std::find(header.shape.begin(), header.shape.end(), 0) == header.shape.end()) return;
  fail(ErrorCode::invalid_data, origin, ": is empty (shape ", shape_text(header.shape),
       "), expected no axis of length 0");
}

/// `values`: native floats of `bytes` bytes.
Array array_of(const std::string& origin, const NpyHeader& header, Bytes values, std::size_t bytes) {
  Array array{origin, header.shape, strides_of(header), {}, std::move(values.owner)};
  if (bytes == 4) {
    array.values = reinterpret_cast<const float*>(values.data.data());
  } else {
    array.values = reinterpret_cast<const double*>(values.data.data());
  }
  return array;
}

}  // namespace

NumberType require_floats(const NpyHeader& header, const std::string& origin) {
  const auto type = float_type(header.descr);
  if (!type) {
    fail(ErrorCode::invalid_data, origin, ": holds ", dtype_name(header.descr), " elements (dtype '",
         printable(header.descr, 60), "'), expected float32 or float64", advice_for(header.descr));
  }
  require_axes(header, origin);
  return *type;
}

std::size_t require_complete(const NpyHeader& header, const NumberType& type, std::size_t available,
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

void require_readable(const Stored& stored, const std::string& origin) {
  if (!stored.problem.empty()) fail(stored.code, origin, ": ", stored.problem);
  require_axes(stored.header, origin);
}

Array to_array(const Bytes& npy) {
  const NpyHeader header = parse_npy_header(npy);
  const NumberType type = require_floats(header, npy.origin);
  const std::size_t bytes = require_complete(header, type, npy.data.size(), npy.origin);
  const Bytes values{npy.origin, npy.data.subspan(header.data_offset, bytes), npy.owner, npy.mapped};
  return array_of(npy.origin, header, to_floats(values, type, type.bytes), type.bytes);
}

bool is_complex(const ArrayRef& ref) {
  return ref.stored ? ref.stored->complex : complex_type(ref.header().descr).has_value();
}

std::vector<std::complex<double>> to_complex(const ArrayRef& ref) {
  std::vector<std::complex<double>> out;
  const auto gather = [&out](const auto* parts, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) out.emplace_back(parts[2 * k], parts[2 * k + 1]);
  };
  if (ref.stored) {
    require_axes(ref.stored->header, ref.origin());
    const Bytes values = ref.stored->values();
    gather(reinterpret_cast<const double*>(values.data.data()), values.data.size() / (2 * sizeof(double)));
    return out;
  }
  const Bytes npy = ref.read();
  const NpyHeader header = parse_npy_header(npy);
  const NumberType part = *complex_type(header.descr);
  require_axes(header, npy.origin);
  const std::size_t bytes =
      require_complete(header, {part.kind, 2 * part.bytes, part.order}, npy.data.size(), npy.origin);
  const Bytes image{npy.origin, npy.data.subspan(header.data_offset, bytes), npy.owner, npy.mapped};
  const Bytes values = to_floats(image, part, sizeof(double));
  gather(reinterpret_cast<const double*>(values.data.data()), bytes / (2 * part.bytes));
  return out;
}

Array to_array(const ArrayRef& ref) {
  if (!ref.stored) return to_array(ref.read());
  require_readable(*ref.stored, ref.origin());
  return array_of(ref.origin(), ref.stored->header, ref.stored->values(), ref.stored->bytes);
}

}  // namespace kindred::io
