#include "host/cli/report/markup.hpp"

#include <cmath>
#include <cstdio>

namespace kindred::report {
namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

/// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (starts_character(text[i]) && count-- == 0) break;
    ++i;
  }
  return i;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::size_t length(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += starts_character(c) ? 1 : 0;
  return count;
}

std::string shorten(std::string_view text, std::size_t limit) {
  const std::size_t size = length(text);
  if (size <= limit) return std::string(text);
  const std::size_t tail = (limit - 1) / 2;
  const std::size_t head = limit - 1 - tail;
  return std::string(text.substr(0, bytes_of(text, head))) + "\u2026" +
         std::string(text.substr(bytes_of(text, size - tail)));
}

std::string significant(double value) {
  if (std::isnan(value)) return "n/a";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

Markup& Markup::operator<<(double value) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%.2f", value);
  std::string_view digits(text, static_cast<std::size_t>(size));
  while (digits.ends_with('0')) digits.remove_suffix(1);
  if (digits.ends_with('.')) digits.remove_suffix(1);
  text_ += digits == "-0" ? "0" : digits;
  return *this;
}

}  // namespace kindred::report
