#include "host/io/formats/mat5.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "host/base/text.hpp"
#include "host/io/formats/inflate.hpp"
#include "host/io/formats/mat5_elements.hpp"

namespace kindred::io {
namespace {

using namespace mat5;
using host::fail;
using host::printable;

constexpr std::size_t head_bytes = 128;
constexpr std::size_t peek_bytes = 4096;      // holds the head of a variable: its longest parts are name and axes
constexpr std::size_t deepest = 32;           // structures and cells in one another
constexpr std::size_t most_arrays = 1 << 20;  // of one file

/// Where a variable lies: the data of its element, or all of its compressed form.
struct Place {
  Bytes bytes;
  bool compressed = false;
  std::endian order = std::endian::little;
  bool inflated = false;  ///< `bytes` were inflated
};

/// The data of the variable's element: as they lie, or inflated, with the checksum of the stream.
Bytes content_of(const Place& place) {
  if (!place.compressed) return place.bytes;
  const std::string& origin = place.bytes.origin;
  Inflater inflater(place.bytes.data, Deflated::zlib);
  std::byte tag[tag_bytes];
  if (inflater.read(tag) != tag_bytes || matlab::number({tag, 4}, place.order) != of_matrix) {
    malformed(origin, "a compressed element does not inflate to a variable");
  }
  const std::uint64_t bytes = matlab::number({tag + 4, 4}, place.order);
  if (bytes / deflate_ratio > place.bytes.data.size()) malformed(origin, "it claims to expand more than deflate can");
  const auto buffer = std::make_shared_for_overwrite<std::byte[]>(bytes);
  if (inflater.read({buffer.get(), bytes}) != bytes || !inflater.at_end()) {
    fail(ErrorCode::io, origin, ": damaged: does not inflate to the ", bytes, " bytes its head gives");
  }
  release_pages(place.bytes);
  return {origin, {buffer.get(), bytes}, buffer, false};
}

/// The beginning of the variable's data, which need not be more than its head.
Bytes beginning_of(const Place& place) {
  if (!place.compressed) return place.bytes;
  const auto buffer = std::make_shared_for_overwrite<std::byte[]>(peek_bytes);
  const std::size_t written = Inflater(place.bytes.data, Deflated::zlib).read({buffer.get(), peek_bytes});
  const Elements elements({buffer.get(), written}, place.order, place.bytes.origin);
  const Element variable = elements.peek();
  if (variable.type != of_matrix) malformed(place.bytes.origin, "a compressed element does not inflate to a variable");
  return {place.bytes.origin, variable.data, buffer, false};
}

Bytes part_of(const Bytes& whole, std::span<const std::byte> data) {
  return {whole.origin, data, whole.owner, whole.mapped};
}

/// Goes through the variables and what lies in them.
class Listing {
 public:
  Listing(const std::filesystem::path& file, const Bytes& bytes) : file_(file), bytes_(bytes) {}

  std::vector<ArrayRef> take() { return std::move(arrays_); }

  void add_variable(Place place) {
    place.bytes.origin = bytes_.origin;
    const Bytes beginning = beginning_of(place);
    const Matrix head = matrix_of(Elements(beginning.data, place.order, bytes_.origin));
    if (head.name.empty()) return;  // what MATLAB keeps of objects
    if (!names_.insert(head.name).second) {
      malformed(bytes_.origin, "two variables are called '" + head.name + "'");
    }
    place.bytes.origin += ':' + head.name;
    if (place.compressed && (head.kind == cell || head.kind == structure)) {
      place.bytes = content_of(place);
      place.compressed = false;
      place.inflated = true;
    }
    add(place, head.name, {}, 0);
  }

 private:
  /// `place`, called `name`, an element of `list` (if that is not empty).
  void add(const Place& place, const std::string& name, const std::string& list, std::size_t depth) {
    if (depth > deepest) malformed(bytes_.origin, "'" + name + "' lies too deep in cells and structures");
    if (arrays_.size() == most_arrays) malformed(bytes_.origin, "it holds too many arrays");
    const Bytes beginning = beginning_of(place);
    const Matrix matrix = matrix_of(Elements(beginning.data, place.order, beginning.origin));
    if (matrix.kind == cell) return add_cells(place, matrix, name, depth);
    if (matrix.kind == structure) return add_fields(place, matrix, name, depth);
    arrays_.push_back({file_, name, bytes_, {}, stored_of(place, matrix, bytes_.origin + ':' + name), list});
  }

  void add_cells(const Place& place, Matrix matrix, const std::string& name, std::size_t depth) {
    const auto count = matrix.count(matrix.rest.left() / tag_bytes);
    if (!count) malformed(place.bytes.origin, "a cell array claims more cells than there are bytes");
    for (std::size_t k = 0; k < *count; ++k) {
      add_child(place, matrix.rest, name + '{' + std::to_string(k + 1) + '}', name, depth);
    }
  }

  void add_fields(const Place& place, Matrix matrix, const std::string& name, std::size_t depth) {
    const auto fields = field_names(matrix.rest);
    const auto count = matrix.count(matrix.rest.left() / tag_bytes);
    if (!count) malformed(place.bytes.origin, "an array of structures claims more of them than there are bytes");
    for (std::size_t k = 0; k < (fields.empty() ? 0 : *count); ++k) {
      for (const std::string& field : fields) {
        if (*count == 1) {
          add_child(place, matrix.rest, name + '.' + field, {}, depth);
        } else {
          add_child(place, matrix.rest, name + '(' + std::to_string(k + 1) + ")." + field, name + '.' + field, depth);
        }
      }
    }
  }

  std::vector<std::string> field_names(Elements& rest) const {
    const Element length = rest.next();
    if (length.bytes != 4) malformed(bytes_.origin, "a structure does not say how long its names are");
    const std::uint64_t bytes = matlab::number(length.data, rest.order());
    const Element all = rest.next();
    if (bytes == 0 || bytes > longest_name || all.bytes % bytes != 0) {
      malformed(bytes_.origin, "the names of a structure's fields have " + std::to_string(bytes) + " bytes each");
    }
    std::vector<std::string> names;
    for (std::size_t at = 0; at < all.bytes; at += bytes) {
      const std::string_view one(reinterpret_cast<const char*>(all.data.data()) + at, bytes);
      names.push_back(printable(one.substr(0, one.find('\0'))));
    }
    return names;
  }

  void add_child(const Place& place, Elements& rest, const std::string& name, const std::string& list,
                 std::size_t depth) {
    const Element child = rest.next();
    if (child.type != of_matrix) malformed(bytes_.origin, "'" + name + "' is no array");
    add({part_of(place.bytes, child.data), false, place.order, place.inflated}, name, list, depth + 1);
  }

  std::shared_ptr<const Stored> stored_of(Place place, const Matrix& matrix, const std::string& origin) const {
    auto stored = std::make_shared<Stored>();
    stored->header.shape = matrix.shape;
    stored->header.fortran_order = true;
    place.bytes.origin = origin;
    if (matrix.kind == text) {
      matlab::refuse(*stored, "text");
    } else if (matrix.kind == sparse) {
      matlab::refuse_sparse(*stored);
    } else if (matrix.kind < first_number || matrix.kind > last_number) {
      matlab::refuse(*stored, matrix.kind == function ? "a function" : "a MATLAB object");
    } else {
      describe_numbers(*stored, place, matrix);
    }
    return stored;
  }

  static void describe_numbers(Stored& stored, const Place& place, const Matrix& matrix) {
    const Element values = values_of(matrix);
    const NumberType of_class = type_of_class(matrix.kind);
    const std::size_t bytes = float_bytes(of_class);
    const NumberType type = *numbers_of(values.type, place.order);
    matlab::describe(stored, type, bytes, matrix.shape, values.data.data());
    stored.type = matrix.logical ? "bool" : name_of(of_class);
    if (place.compressed || place.inflated) stored.storage = "copied: compressed";
    if (!place.compressed && !matrix.rest.done()) (void)Elements(matrix.rest).next();  // it must be whole
    stored.values = [place, bytes, complex = matrix.complex] {
      const Bytes content = content_of(place);
      Elements elements(content.data, place.order, place.bytes.origin);
      Matrix found = matrix_of(elements);
      const auto next = [&](std::size_t wanted) {
        const Element numbers = values_of(found);
        (void)found.rest.next();
        return to_floats(part_of(content, numbers.data), *numbers_of(numbers.type, place.order), wanted);
      };
      if (!complex) return next(bytes);
      const Bytes real = next(sizeof(double));
      return interleaved(real, next(sizeof(double)));
    };
    if (matrix.complex) matlab::refuse_complex(stored);
  }

  const std::filesystem::path& file_;
  const Bytes& bytes_;
  std::set<std::string> names_;
  std::vector<ArrayRef> arrays_;
};

}  // namespace

bool is_mat5(std::span<const std::byte> data) {
  constexpr std::string_view known = "MATLAB 5.0";
  if (data.size() < known.size()) return false;
  const std::string_view start(reinterpret_cast<const char*>(data.data()), std::min(data.size(), head_bytes));
  if (start.starts_with(known)) return true;
  if (start.size() < head_bytes) return false;
  const std::string_view end = start.substr(head_bytes - 4);  // other programs write other text
  return end == std::string_view("\0\1IM", 4) || end == std::string_view("\1\0MI", 4);
}

std::vector<ArrayRef> mat5_arrays(const std::filesystem::path& file, const Bytes& bytes) {
  if (bytes.data.size() < head_bytes) malformed(bytes.origin, "its head is cut off");
  const bool big = bytes.data[head_bytes - 2] == std::byte{'M'};
  if (matlab::number(bytes.data.subspan(head_bytes - 4, 2), big ? std::endian::big : std::endian::little) != 0x0100) {
    malformed(bytes.origin, "its head has another version than 5");
  }
  const std::endian order = big ? std::endian::big : std::endian::little;
  Elements elements(bytes.data.subspan(head_bytes), order, bytes.origin);
  Listing listing(file, bytes);
  while (!elements.done()) {
    const Element element = elements.next();
    if (element.type != of_matrix && element.type != of_compressed) {
      malformed(bytes.origin, "an element of type " + std::to_string(element.type) + " where a variable should be");
    }
    listing.add_variable({part_of(bytes, element.data), element.type == of_compressed, order});
  }
  auto arrays = listing.take();
  if (arrays.empty()) fail(ErrorCode::io, bytes.origin, ": holds no arrays");
  return arrays;
}

}  // namespace kindred::io
