#pragma once
/// The records of a ZIP archive (PKWARE APPNOTE 6.3), for its reader and its writer.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace kindred::io::zip {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t locator64_signature = 0x07064b50;
constexpr std::size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, end64_bytes = 56, locator64_bytes = 20;
constexpr std::uint16_t zip64_extra = 0x0001;
constexpr std::uint16_t method_stored = 0, method_deflated = 8;
constexpr std::uint32_t in_zip64 = 0xffffffff;  // "see the ZIP64 extra field"

/// CRC-32 of what had `crc` before, and of `data` after it.
inline std::uint32_t checksum(std::uint32_t crc, std::span<const std::byte> data) {
  return static_cast<std::uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

}  // namespace kindred::io::zip
