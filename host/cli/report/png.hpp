#pragma once
#include "host/cli/report/colour.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kindred::report {

/// An 8-bit palette PNG (ISO/IEC 15948), width x height indices, row-major. Entry 0 of the palette is transparent.
[[nodiscard]] std::string png(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> indices,
                              std::span<const Rgb> palette);

/// Base64 (RFC 4648).
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace kindred::report
