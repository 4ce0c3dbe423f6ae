#include "host/cli/report/png.hpp"

#include <kindred/error.hpp>

#include <zlib.h>

namespace kindred::report {
namespace {

void append_big_endian(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((v >> shift) & 0xffU));
}

/// Length, type, data, CRC of type and data.
void append_chunk(std::string& out, const char* type, std::string_view data) {
  append_big_endian(out, static_cast<std::uint32_t>(data.size()));
  const std::string body = type + std::string(data);
  out += body;
  append_big_endian(out, static_cast<std::uint32_t>(
                             crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))));
}

std::string deflated(const std::string& raw) {
  uLongf size = compressBound(raw.size());
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size(),
                9) != Z_OK) {
    throw Error(ErrorCode::out_of_memory, "cannot compress the picture of the distance matrix");
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string png(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> indices,
                std::span<const Rgb> palette) {
  std::string header;
  append_big_endian(header, width);
  append_big_endian(header, height);
  header += {8, 3, 0, 0, 0};  // 8 bits an index, palette, deflate, adaptive filters, no interlace
  std::string colours;
  for (const Rgb c : palette) colours += {static_cast<char>(c.r), static_cast<char>(c.g), static_cast<char>(c.b)};
  std::string rows;
  rows.reserve(static_cast<std::size_t>(height) * (width + 1U));
  for (std::size_t y = 0; y < height; ++y) {
    rows.push_back(0);  // filter: none
    for (const std::uint8_t v : indices.subspan(y * width, width)) rows.push_back(static_cast<char>(v));
  }
  std::string out = "\x89PNG\r\n\x1a\n";
  append_chunk(out, "IHDR", header);
  append_chunk(out, "PLTE", colours);
  append_chunk(out, "tRNS", std::string(1, '\0'));
  append_chunk(out, "IDAT", deflated(rows));
  append_chunk(out, "IEND", {});
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(i + k <= bytes.size() ? digits[group >> (18U - 6U * k) & 63U] : '=');
    }
  }
  return out;
}

}  // namespace kindred::report
