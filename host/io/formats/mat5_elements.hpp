#pragma once
/// The elements that MATLAB files of version 5 are made of (mat5.hpp), and the heads of variables among them.
#include "host/base/text.hpp"
#include "host/io/formats/matlab.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::io::mat5 {

constexpr std::size_t tag_bytes = 8;
constexpr std::size_t longest_name = 1024;  // of fields and variables; MATLAB's own limit is 63

enum Type : std::uint32_t { of_matrix = 14, of_compressed = 15 };
enum Class : unsigned {
  cell = 1,
  structure = 2,
  object = 3,
  text = 4,
  sparse = 5,
  first_number = 6,
  single = 7,
  last_number = 15,
  function = 16,
  opaque = 17
};

[[noreturn]] inline void malformed(const std::string& origin, const std::string& what) {
  host::fail(ErrorCode::io, origin, ": truncated or malformed MATLAB file: ", what);
}

/// The numbers of an element's type; nothing for other types.
[[nodiscard]] std::optional<NumberType> numbers_of(std::uint64_t type, std::endian order);

/// The type of the elements of a class of numbers.
[[nodiscard]] NumberType type_of_class(unsigned number_class);

struct Element {
  std::uint64_t type = 0;
  std::uint64_t bytes = 0;          ///< as its tag says
  std::span<const std::byte> data;  ///< as much of it as there is
};

/// The elements of a stretch of a file.
class Elements {
 public:
  Elements(std::span<const std::byte> data, std::endian order, const std::string& origin)
      : rest_(data), order_(order), origin_(&origin) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  /// The next element, of which only the beginning may be there.
  Element peek() const {
    if (rest_.size() < tag_bytes) malformed(*origin_, "an element is cut off");
    const std::uint64_t first = matlab::number(rest_.first(4), order_);
    if (const std::uint64_t bytes = first >> 16; bytes != 0) {
      if (bytes > 4) malformed(*origin_, "a small element has " + std::to_string(bytes) + " bytes");
      return {first & 0xffff, bytes, rest_.subspan(4, bytes)};
    }
    const std::uint64_t bytes = matlab::number(rest_.subspan(4, 4), order_);
    return {first, bytes, rest_.subspan(tag_bytes, std::min<std::size_t>(bytes, rest_.size() - tag_bytes))};
  }

  /// The next element, whole.
  Element next() {
    const Element element = peek();
    if (element.data.size() != element.bytes) {
      malformed(*origin_, "an element of " + std::to_string(element.bytes) + " bytes is cut off after " +
                              std::to_string(element.data.size()));
    }
    const bool small = element.data.data() == rest_.data() + 4;
    const std::size_t padding = small || element.type == of_compressed ? 0 : (8 - element.bytes % 8) % 8;
    const std::size_t used = small ? tag_bytes : tag_bytes + element.bytes;
    rest_ = rest_.subspan(std::min(used + padding, rest_.size()));
    return element;
  }

  std::string text() {
    const Element element = next();
    if (element.bytes > longest_name) malformed(*origin_, "a name has " + std::to_string(element.bytes) + " bytes");
    const std::string_view all(reinterpret_cast<const char*>(element.data.data()), element.data.size());
    return host::printable(all.substr(0, all.find('\0')));
  }

  [[nodiscard]] std::endian order() const { return order_; }
  [[nodiscard]] const std::string& origin() const { return *origin_; }

 private:
  std::span<const std::byte> rest_;
  std::endian order_;
  const std::string* origin_;
};

/// The head of a variable, a cell or a field, and what follows it.
struct Matrix {
  unsigned kind = 0;  ///< its Class
  bool complex = false, logical = false;
  std::vector<index_t> shape;
  std::string name;
  Elements rest;

  /// Number of its elements; nothing if there cannot be so many in `most`.
  [[nodiscard]] std::optional<std::size_t> count(std::size_t most) const {
    std::size_t product = 1;
    for (const index_t n : shape) {
      if (n == 0) return 0;
    }
    for (const index_t n : shape) {
      if (static_cast<std::size_t>(n) > most / product) return {};
      product *= static_cast<std::size_t>(n);
    }
    return product;
  }
};

/// The head of the variable whose data are `elements`. Throws Error{io} if they cannot be one.
[[nodiscard]] Matrix matrix_of(Elements elements);

/// The element with the real values of a numeric array, whose size its shape must give.
[[nodiscard]] Element values_of(const Matrix& matrix);

}  // namespace kindred::io::mat5
