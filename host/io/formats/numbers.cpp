#include "host/io/formats/numbers.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace kindred::io {
namespace {

template <class From>
From number_at(const std::byte* at, bool reversed) {
  std::byte word[sizeof(From)];
  if (reversed) {
    std::reverse_copy(at, at + sizeof(From), word);
  } else {
    std::memcpy(word, at, sizeof(From));
  }
  From value;
  std::memcpy(&value, word, sizeof(From));
  return value;
}

template <class From, class To>
void convert(std::span<const std::byte> from, bool reversed, std::byte* to) {
  const std::size_t count = from.size() / sizeof(From);
  for (std::size_t i = 0; i < count; ++i) {
    const To value = static_cast<To>(number_at<From>(from.data() + i * sizeof(From), reversed));
    std::memcpy(to + i * sizeof(To), &value, sizeof(To));
  }
}

template <class To>
void convert(std::span<const std::byte> from, const NumberType& type, std::byte* to) {
  const bool reversed = type.bytes > 1 && type.order != std::endian::native;
  const auto as = [&]<class From>(From) { convert<From, To>(from, reversed, to); };
  const bool sign = type.kind == NumberKind::signed_integer;
  if (type.kind == NumberKind::floating) return type.bytes == 4 ? as(float{}) : as(double{});
  switch (type.bytes) {
    case 1:
      return sign ? as(std::int8_t{}) : as(std::uint8_t{});
    case 2:
      return sign ? as(std::int16_t{}) : as(std::uint16_t{});
    case 4:
      return sign ? as(std::int32_t{}) : as(std::uint32_t{});
    default:
      return sign ? as(std::int64_t{}) : as(std::uint64_t{});
  }
}

}  // namespace

std::string name_of(const NumberType& type) {
  const char* kind = type.kind == NumberKind::floating         ? "float"
                     : type.kind == NumberKind::signed_integer ? "int"
                                                               : "uint";
  return kind + std::to_string(8 * type.bytes);
}

std::string byte_order_of(const NumberType& type) {
  if (type.bytes == 1) return {};
  return type.order == std::endian::little ? "little-endian" : "big-endian";
}

std::size_t float_bytes(const NumberType& type) { return type.kind == NumberKind::floating && type.bytes <= 4 ? 4 : 8; }

std::string copy_reason(const NumberType& type, std::size_t bytes, const std::byte* data) {
  if (type.kind != NumberKind::floating || type.bytes != bytes) {
    return name_of(type) + " as float" + std::to_string(8 * bytes);
  }
  if (type.order != std::endian::native) return "byte-swapped";
  if (reinterpret_cast<std::uintptr_t>(data) % bytes != 0) return "misaligned";
  return {};
}

Bytes to_floats(const Bytes& values, const NumberType& type, std::size_t bytes) {
  if (copy_reason(type, bytes, values.data.data()).empty()) return values;
  const std::size_t total = values.data.size() / type.bytes * bytes;
  const auto copy = std::make_shared_for_overwrite<std::byte[]>(total);
  if (bytes == 4) {
    convert<float>(values.data, type, copy.get());
  } else {
    convert<double>(values.data, type, copy.get());
  }
  release_pages(values);
  return {values.origin, {copy.get(), total}, copy, false};
}

Bytes interleaved(const Bytes& real, const Bytes& imaginary) {
  const std::size_t part = sizeof(double), total = 2 * real.data.size();
  const auto copy = std::make_shared_for_overwrite<std::byte[]>(total);
  for (std::size_t at = 0; at < real.data.size(); at += part) {
    std::memcpy(copy.get() + 2 * at, real.data.data() + at, part);
    std::memcpy(copy.get() + 2 * at + part, imaginary.data.data() + at, part);
  }
  return {real.origin, {copy.get(), total}, copy, false};
}

}  // namespace kindred::io
