#ifdef KINDRED_HAVE_HDF5
#include "host/io/formats/hdf5/dataset.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "host/base/text.hpp"
#include "host/io/formats/hdf5/apart.hpp"
#include "host/io/formats/hdf5/chunks.hpp"
#include "host/io/formats/inflate.hpp"
#include "host/io/formats/matlab.hpp"

namespace kindred::io::hdf5 {
namespace {

using host::fail;

constexpr std::size_t longest_text = 63;

Handle type_of(hid_t dataset) { return {H5Dget_type(dataset), H5Tclose}; }

/// A boolean of h5py: an enumeration of FALSE and TRUE.
bool is_boolean(hid_t type) {
  if (H5Tget_nmembers(type) != 2) return false;
  for (const unsigned k : {0u, 1u}) {
    char* const name = H5Tget_member_name(type, k);
    const bool known = name != nullptr && std::string_view(name) == (k == 0 ? "FALSE" : "TRUE");
    H5free_memory(name);
    if (!known) return false;
  }
  return true;
}

/// Real and imaginary part, as h5py, MATLAB and Octave write complex numbers.
bool is_complex(hid_t type) {
  if (H5Tget_nmembers(type) != 2) return false;
  for (const unsigned k : {0u, 1u}) {
    char* const name = H5Tget_member_name(type, k);
    const bool known = name != nullptr && std::string_view(name).starts_with(k == 0 ? 'r' : 'i') &&
                       H5Tget_member_class(type, k) == H5T_FLOAT;
    H5free_memory(name);
    if (!known) return false;
  }
  return true;
}

/// The numbers that a type is of; nothing for other types.
std::optional<NumberType> numbers_of(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  const std::size_t bytes = H5Tget_size(type);
  const std::endian order = H5Tget_order(type) == H5T_ORDER_BE ? std::endian::big : std::endian::little;
  if (bytes == 0 || bytes > 16 || (kind == H5T_ENUM && bytes > 1)) return {};
  if (kind == H5T_FLOAT) return NumberType{NumberKind::floating, bytes, order};
  if (kind != H5T_INTEGER && !(kind == H5T_ENUM && is_boolean(type))) return {};
  const Handle whole(kind == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type), H5Tclose);
  const bool sign = H5Tget_sign(whole.get()) == H5T_SGN_2;
  return NumberType{sign ? NumberKind::signed_integer : NumberKind::unsigned_integer, bytes, order};
}

/// What elements are that are no numbers.
std::string what_is(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return "text";
    case H5T_VLEN:
      return "rows of different lengths (variable-length type)";
    case H5T_COMPOUND:
      return "compound elements";
    case H5T_REFERENCE:
      return "references";
    case H5T_ENUM:
      return "an enumeration";
    case H5T_ARRAY:
      return "arrays as elements";
    default:
      return "elements of a type without numbers";
  }
}

std::string advice_for(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_COMPOUND:
      return "; save each field as a dataset";
    case H5T_VLEN:
      return "; save each trial as a dataset of its own, in one group";
    default:
      return {};
  }
}

bool is_native(const Handle& type, std::size_t bytes) {
  return H5Tequal(type.get(), bytes == 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE) > 0;
}

/// What it takes to read a dataset.
struct Extent {
  std::string origin;
  NumberType type;
  std::size_t elements = 0;
  std::size_t bytes = 8;  ///< of an element once it is read
  bool chunked = false;

  [[nodiscard]] std::size_t stored_bytes() const { return elements * type.bytes; }
};

/// Number of elements; throws if their bytes, stored or read, are more than 2^63.
std::size_t elements_of(const std::vector<index_t>& shape, std::size_t bytes, const std::string& origin) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<index_t>::max());
  std::size_t count = 1;
  for (const index_t n : shape) {
    if (n > 0 && count > most / bytes / static_cast<std::size_t>(n)) {
      fail(ErrorCode::io, origin, ": claims ", host::shape_text(shape), " elements, more than 2^63 bytes");
    }
    count *= static_cast<std::size_t>(n);
  }
  return count;
}

/// Every filter of a dataset must be there. Returns whether there is one.
bool require_filters(hid_t properties, const std::string& origin) {
  const int count = H5Pget_nfilters(properties);
  for (int k = 0; k < count; ++k) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    char name[80] = {};
    const H5Z_filter_t filter =
        H5Pget_filter2(properties, static_cast<unsigned>(k), &flags, &values, nullptr, sizeof name, name, &config);
    if (filter < 0) fail(ErrorCode::io, origin, ": damaged: ", last_error());
    if (H5Zfilter_avail(filter) > 0) continue;
    fail(ErrorCode::io, origin, ": is packed by the filter ", filter,
         name[0] == '\0' ? "" : " (" + host::printable(name) + ")",
         ", which is not here; put its plugin where HDF5_PLUGIN_PATH leads, or save the dataset with gzip or unpacked");
  }
  return count > 0;
}

/// Checks what a dataset claims against what the file can hold, and says how it will be read.
std::string storage_of(const File& file, hid_t dataset, const Handle& type, const Extent& extent) {
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_external_count(properties.get()) > 0) {
    fail(ErrorCode::io, extent.origin, ": its values lie in another file, which is not read");
  }
  const H5D_layout_t layout = H5Pget_layout(properties.get());
  if (layout == H5D_VIRTUAL) {
    fail(ErrorCode::io, extent.origin, ": is a virtual dataset, whose values lie in other datasets; give those");
  }
  if (layout < 0) fail(ErrorCode::io, extent.origin, ": damaged: ", last_error());
  const std::size_t needed = extent.stored_bytes(), of_file = file.bytes.data.size();
  if (extent.elements == 0) return {};
  const auto stored = std::min<std::uint64_t>(H5Dget_storage_size(dataset), of_file);
  if (stored == 0) fail(ErrorCode::invalid_data, extent.origin, ": has no values: none was ever written to it");
  const bool filtered = layout == H5D_CHUNKED && require_filters(properties.get(), extent.origin);
  const std::uint64_t expanded = filtered || layout == H5D_CHUNKED ? deflate_ratio * stored : stored;
  if (needed > expanded) {
    fail(ErrorCode::io, extent.origin, ": damaged or truncated: its ", extent.elements, " elements need ", needed,
         " bytes, of which the file can hold ", expanded);
  }
  if (layout == H5D_CHUNKED) {
    hsize_t chunk[H5S_MAX_RANK] = {};
    const int axes = H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk);
    long double bytes = static_cast<long double>(extent.type.bytes);
    for (int k = 0; k < axes; ++k) bytes *= static_cast<long double>(chunk[k]);
    if (axes < 1 || bytes > static_cast<long double>(deflate_ratio) * static_cast<long double>(of_file)) {
      fail(ErrorCode::io, extent.origin, ": damaged: its chunks are larger than the file can hold");
    }
    return filtered ? "copied: compressed" : "copied: in chunks";
  }
  const std::string reason = copy_reason(extent.type, extent.bytes, nullptr);
  if (!reason.empty()) return "copied: " + reason;
  if (layout == H5D_COMPACT || !is_native(type, extent.bytes)) return "copied: converted";
  return {};  // in place, if it is aligned
}

/// The values where they lie in the file; nothing if they do not lie so.
std::optional<Bytes> in_place(const File& file, hid_t dataset, const Extent& extent) {
  const haddr_t offset = H5Dget_offset(dataset);
  const std::size_t needed = extent.stored_bytes(), size = file.bytes.data.size();
  if (offset == HADDR_UNDEF || offset > size || needed > size - offset) return {};
  const auto data = file.bytes.data.subspan(offset, needed);
  if (!copy_reason(extent.type, extent.bytes, data.data()).empty()) return {};
  return Bytes{extent.origin, data, file.bytes.owner, file.bytes.mapped};
}

/// An open dataset, which is closed before its file.
struct Reading {
  std::shared_ptr<const File> file;
  Handle dataset;
  Extent extent;
};

/// The type of complex numbers of double parts that are called as in a type that is_complex.
Handle complex_doubles(hid_t type) {
  Handle memory(H5Tcreate(H5T_COMPOUND, 2 * sizeof(double)), H5Tclose);
  for (const unsigned k : {0u, 1u}) {
    char* const name = H5Tget_member_name(type, k);
    H5Tinsert(memory.get(), name, k * sizeof(double), H5T_NATIVE_DOUBLE);
    H5free_memory(name);
  }
  return memory;
}

/// Reads the values as numbers of the type `memory` to `to`.
void read_to(std::byte* to, const Reading& reading, hid_t memory) {
  const Extent& extent = reading.extent;
  if (extent.chunked) {
    require_whole_chunks(reading.dataset.get(), extent.type.bytes, reading.file->bytes.data.size(), extent.origin);
  }
  if (H5Dread(reading.dataset.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0) {
    fail(ErrorCode::io, extent.origin, ": damaged: its values cannot be read (", last_error(), ")");
  }
}

Bytes read(const Reading& reading) {
  const Session session;
  const Extent& extent = reading.extent;
  // An enumeration is read as the integers that it stands for.
  const Handle type = type_of(reading.dataset.get());
  const bool boolean = H5Tget_class(type.get()) == H5T_ENUM;
  const bool complex = H5Tget_class(type.get()) == H5T_COMPOUND;
  const Handle floats = complex ? complex_doubles(type.get())
                                : Handle(H5Tcopy(extent.bytes == 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE), H5Tclose);
  const std::size_t bytes = boolean ? extent.stored_bytes() : extent.elements * extent.bytes;
  const std::size_t needed = bytes > reading.file->bytes.data.size() ? bytes : reading.file->bytes.data.size();
  auto buffer = shared_bytes(bytes);
  apart(extent.origin, needed, [&] { read_to(buffer.get(), reading, boolean ? type.get() : floats.get()); });
  constexpr std::size_t small = std::size_t{1} << 20;  // a system has room for some ten thousands of maps
  if (bytes < small) {
    auto heap = std::make_shared_for_overwrite<std::byte[]>(bytes);
    std::copy_n(buffer.get(), bytes, heap.get());
    buffer = std::move(heap);
  }
  const Bytes values{extent.origin, {buffer.get(), bytes}, buffer, false};
  return boolean ? to_floats(values, extent.type, extent.bytes) : values;
}

void describe_numbers(Stored& stored, const std::shared_ptr<const File>& file, Handle dataset, const Handle& type,
                      const NumberType& numbers, const std::string& origin) {
  Extent extent{origin, numbers, 0, float_bytes(numbers), false};
  extent.elements = elements_of(stored.header.shape, std::max(numbers.bytes, extent.bytes), origin);
  stored.type = H5Tget_class(type.get()) == H5T_ENUM ? "bool" : name_of(numbers);
  stored.byte_order = byte_order_of(numbers);
  stored.bytes = extent.bytes;
  stored.storage = storage_of(*file, dataset.get(), type, extent);
  const Handle properties(H5Dget_create_plist(dataset.get()), H5Pclose);
  extent.chunked = H5Pget_layout(properties.get()) == H5D_CHUNKED;
  if (stored.storage.empty() && extent.elements > 0) {
    const auto values = in_place(*file, dataset.get(), extent);
    stored.storage = values ? "mapped" : "copied: misaligned";
    if (values) {
      stored.values = [file, bytes = *values] { return bytes; };
      return;
    }
  }
  auto reading = std::make_shared<Reading>(Reading{file, std::move(dataset), std::move(extent)});
  stored.values = [reading = std::move(reading)] { return read(*reading); };
}

/// Real and imaginary part of each element, as doubles.
void describe_complex(Stored& stored, const std::shared_ptr<const File>& file, Handle dataset, const Handle& type,
                      const std::string& origin) {
  Extent extent{origin, {NumberKind::floating, H5Tget_size(type.get())}, 0, 2 * sizeof(double), false};
  extent.elements = elements_of(stored.header.shape, std::max(extent.type.bytes, extent.bytes), origin);
  (void)storage_of(*file, dataset.get(), type, extent);
  const Handle properties(H5Dget_create_plist(dataset.get()), H5Pclose);
  extent.chunked = H5Pget_layout(properties.get()) == H5D_CHUNKED;
  auto reading = std::make_shared<Reading>(Reading{file, std::move(dataset), std::move(extent)});
  stored.values = [reading = std::move(reading)] { return read(*reading); };
  matlab::refuse_complex(stored);
}

void describe(Stored& stored, const std::shared_ptr<const File>& file, Handle dataset, const std::string& origin,
              bool reversed) {
  const std::string of_matlab = matlab_class(dataset.get());
  stored.header.fortran_order = reversed || !of_matlab.empty();
  stored.header.shape = shape_of(dataset.get(), origin);
  if (stored.header.fortran_order) std::reverse(stored.header.shape.begin(), stored.header.shape.end());
  const Handle type = type_of(dataset.get());
  if (!type) fail(ErrorCode::io, origin, ": damaged: ", last_error());
  if (of_matlab == "char") return matlab::refuse(stored, "text");
  if (of_matlab == "function_handle") return matlab::refuse(stored, "a function");
  if (H5Aexists(dataset.get(), "MATLAB_empty") > 0) {
    stored.header.shape.assign(2, 0);
    stored.type = of_matlab;
    return;
  }
  if (H5Tget_class(type.get()) == H5T_COMPOUND && is_complex(type.get())) {
    return describe_complex(stored, file, std::move(dataset), type, origin);
  }
  const auto numbers = numbers_of(type.get());
  if (!numbers) return matlab::refuse(stored, what_is(type.get()), advice_for(type.get()));
  describe_numbers(stored, file, std::move(dataset), type, *numbers, origin);
  if (of_matlab == "logical") stored.type = "bool";
}

}  // namespace

std::string short_text(hid_t object, hid_t type, bool attribute) {
  if (type < 0 || H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0) return {};
  const std::size_t bytes = H5Tget_size(type);
  if (bytes == 0 || bytes > longest_text) return {};
  char text[longest_text + 1] = {};
  const herr_t result =
      attribute ? H5Aread(object, type, text) : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text);
  return result < 0 ? std::string() : std::string(text);
}

std::string matlab_class(hid_t object) {
  if (H5Aexists(object, "MATLAB_class") <= 0) return {};
  const Handle attribute(H5Aopen(object, "MATLAB_class", H5P_DEFAULT), H5Aclose);
  if (!attribute) return {};
  const Handle space(H5Aget_space(attribute.get()), H5Sclose), type(H5Aget_type(attribute.get()), H5Tclose);
  return H5Sget_simple_extent_npoints(space.get()) == 1 ? short_text(attribute.get(), type.get(), true) : std::string();
}

std::vector<index_t> shape_of(hid_t dataset, const std::string& origin) {
  const Handle space(H5Dget_space(dataset), H5Sclose);
  if (!space) fail(ErrorCode::io, origin, ": damaged: ", last_error());
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) return {0};
  hsize_t lengths[H5S_MAX_RANK] = {};
  const int axes = H5Sget_simple_extent_dims(space.get(), lengths, nullptr);
  if (axes < 0) fail(ErrorCode::io, origin, ": damaged: ", last_error());
  std::vector<index_t> shape;
  for (int k = 0; k < axes; ++k) {
    if (lengths[k] > static_cast<hsize_t>(std::numeric_limits<index_t>::max())) {
      fail(ErrorCode::io, origin, ": damaged: axis ", k, " has ", lengths[k], " elements");
    }
    shape.push_back(static_cast<index_t>(lengths[k]));
  }
  return shape;
}

std::shared_ptr<Stored> describe(const std::shared_ptr<const File>& file, Handle dataset, const std::string& origin,
                                 bool reversed) {
  auto stored = std::make_shared<Stored>();
  try {
    describe(*stored, file, std::move(dataset), origin, reversed);
  } catch (const Error& error) {
    stored->code = error.code();
    stored->problem = std::string(error.what()).substr(origin.size() + 2);
  }
  return stored;
}

}  // namespace kindred::io::hdf5
#endif
