#include "host/io/formats/mat5_elements.hpp"

#include <limits>

namespace kindred::io::mat5 {
namespace {

constexpr std::size_t most_axes = 64;  // as of .npy
constexpr std::uint64_t flag_complex = 0x0800, flag_logical = 0x0200;

}  // namespace

std::optional<NumberType> numbers_of(std::uint64_t type, std::endian order) {
  using enum NumberKind;
  struct Known {
    std::uint64_t type;
    NumberKind kind;
    std::size_t bytes;
  };
  constexpr Known all[] = {{1, signed_integer, 1},   {2, unsigned_integer, 1}, {3, signed_integer, 2},
                           {4, unsigned_integer, 2}, {5, signed_integer, 4},   {6, unsigned_integer, 4},
                           {7, floating, 4},         {9, floating, 8},         {12, signed_integer, 8},
                           {13, unsigned_integer, 8}};
  for (const Known& known : all) {
    if (known.type == type) return NumberType{known.kind, known.bytes, order};
  }
  return {};
}

NumberType type_of_class(unsigned number_class) {
  using enum NumberKind;
  constexpr NumberType types[] = {
      {floating, 8},         {floating, 4},       {signed_integer, 1},   {unsigned_integer, 1}, {signed_integer, 2},
      {unsigned_integer, 2}, {signed_integer, 4}, {unsigned_integer, 4}, {signed_integer, 8},   {unsigned_integer, 8}};
  return types[number_class - first_number];
}

Matrix matrix_of(Elements elements) {
  Matrix matrix{first_number, false, false, {0, 0}, {}, elements};
  if (elements.done()) return matrix;  // an element of no bytes is an empty array
  const Element flags = elements.next();
  if (flags.bytes != 8) malformed(elements.origin(), "a variable begins without flags");
  const std::uint64_t word = matlab::number(flags.data.first(4), elements.order());
  matrix.kind = word & 0xff;
  matrix.complex = (word & flag_complex) != 0;
  matrix.logical = (word & flag_logical) != 0;
  if (matrix.kind < cell || matrix.kind > opaque) {
    malformed(elements.origin(), "a variable is of the unknown class " + std::to_string(matrix.kind));
  }
  if (matrix.kind != opaque) {  // whose axes lie elsewhere
    const Element axes = elements.next();
    if (axes.bytes % 4 != 0 || axes.bytes < 8 || axes.bytes / 4 > most_axes) {
      malformed(elements.origin(), "a variable has " + std::to_string(axes.bytes) + " bytes of axis lengths");
    }
    matrix.shape.clear();
    for (std::size_t k = 0; k < axes.bytes; k += 4) {
      const auto length = static_cast<index_t>(matlab::number(axes.data.subspan(k, 4), elements.order()));
      if (length > std::numeric_limits<std::int32_t>::max())
        malformed(elements.origin(), "an axis has a negative length");
      matrix.shape.push_back(length);
    }
  }
  matrix.name = elements.text();
  matrix.rest = elements;
  return matrix;
}

Element values_of(const Matrix& matrix) {
  if (matrix.shape[0] == 0 && matrix.rest.done()) return {9, 0, {}};
  const Element values = matrix.rest.peek();
  const auto type = numbers_of(values.type, matrix.rest.order());
  if (!type) malformed(matrix.rest.origin(), "values are of the unknown type " + std::to_string(values.type));
  const auto count = matrix.count(values.bytes);
  if (!count || *count * type->bytes != values.bytes) {
    malformed(matrix.rest.origin(), host::shape_text(matrix.shape) + " values of " + std::to_string(type->bytes) +
                                        (type->bytes == 1 ? " byte" : " bytes") + " take " +
                                        std::to_string(values.bytes) + " bytes");
  }
  return values;
}

}  // namespace kindred::io::mat5
