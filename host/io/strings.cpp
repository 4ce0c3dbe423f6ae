#include "host/io/strings.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "host/base/text.hpp"
#include "host/io/formats/npy.hpp"

namespace kindred::io {

using host::fail;
using host::printable;
using host::shape_text;

namespace {

constexpr std::size_t longest_string = 1 << 16;

/// Code point as UTF-8; what is no code point as '?'.
void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
    out += '?';
  } else if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

/// One string of `item.size() / 4` UCS-4 characters, padded with zeros.
std::string from_ucs4(std::span<const std::byte> item, bool big_endian) {
  std::string out;
  for (std::size_t i = 0; i < item.size(); i += 4) {
    std::uint32_t c = 0;
    for (std::size_t k = 0; k < 4; ++k) c = c << 8 | std::to_integer<std::uint32_t>(item[i + (big_endian ? k : 3 - k)]);
    if (c == 0) break;
    append_utf8(out, c);
  }
  return out;
}

std::string from_bytes(std::span<const std::byte> item) {
  const std::string_view text(reinterpret_cast<const char*>(item.data()), item.size());
  return std::string(text.substr(0, text.find('\0')));
}

/// UTF-8 as code points; a byte that is none is a question mark.
std::vector<std::uint32_t> to_ucs4(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xf0 && lead < 0xf8 ? 4
                               : lead >= 0xe0                ? 3
                               : lead >= 0xc0                ? 2
                                                             : 0;
    std::uint32_t c = length == 1 ? lead : lead & (0x7fU >> length);
    bool whole = length > 0 && lead < 0xf8 && i + length <= text.size();
    for (std::size_t k = 1; whole && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      whole = (next & 0xc0) == 0x80;
      c = c << 6 | (next & 0x3fU);
    }
    out.push_back(whole ? c : '?');
    i += whole ? length : 1;
  }
  return out;
}

}  // namespace

StringArray from_strings(const std::vector<std::string>& strings) {
  std::vector<std::vector<std::uint32_t>> all;
  std::size_t longest = 1;  // a dtype has at least one character
  for (const std::string& text : strings) {
    all.push_back(to_ucs4(text));
    longest = std::max(longest, all.back().size());
  }
  StringArray out{npy_header("U" + std::to_string(longest), {std::ssize(strings)}), {}};
  for (auto& one : all) {
    one.resize(longest, 0);
    out.characters.insert(out.characters.end(), one.begin(), one.end());
  }
  return out;
}

std::vector<std::string> to_strings(const Bytes& npy) {
  const NpyHeader header = parse_npy_header(npy);
  std::string_view code = header.descr;
  const bool big_endian = code.starts_with('>');
  if (!code.empty() && std::string_view("<>=|").find(code.front()) != code.npos) code.remove_prefix(1);
  const bool wide = code.starts_with('U');
  std::size_t characters = 0;
  for (const char c : code.substr(code.empty() ? 0 : 1)) {
    if (c < '0' || c > '9' || characters > longest_string)
      fail(ErrorCode::invalid_data, npy.origin, ": dtype '", printable(header.descr, 60), "' is not of strings");
    characters = 10 * characters + static_cast<std::size_t>(c - '0');
  }
  if ((!wide && !code.starts_with('S')) || characters == 0 || header.shape.size() != 1) {
    fail(ErrorCode::invalid_data, npy.origin, ": holds ", dtype_name(header.descr), " elements of shape ",
         shape_text(header.shape), ", expected a 1-D array of strings");
  }
  const std::size_t item_bytes = characters * (wide ? 4 : 1);
  const auto count = static_cast<std::size_t>(header.shape[0]);
  const auto data = npy.data.subspan(header.data_offset);
  if (data.size() % item_bytes != 0 || data.size() / item_bytes != count) {
    fail(ErrorCode::io, npy.origin, ": truncated: ", count, " strings of ", item_bytes, " bytes, found ", data.size(),
         " bytes of data");
  }
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < count; ++i) {
    const auto item = data.subspan(i * item_bytes, item_bytes);
    strings.push_back(printable(wide ? from_ucs4(item, big_endian) : from_bytes(item)));
  }
  return strings;
}

}  // namespace kindred::io
