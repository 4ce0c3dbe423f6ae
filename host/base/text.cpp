#include "host/base/text.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace kindred::host {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t n = byte(0) < 0x80   ? 1
                        : byte(0) < 0xc2 ? 0
                        : byte(0) < 0xe0 ? 2
                        : byte(0) < 0xf0 ? 3
                        : byte(0) < 0xf5 ? 4
                                         : 0;
  if (n == 0 || n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return n;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const std::size_t n = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (n == 0 || first < 0x20 || first == 0x7f) {
      out += '?';
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

std::string in_quotes(std::string_view text) { return "'" + printable(text) + "'"; }

std::string shape_text(std::span<const index_t> shape) {
  if (shape.empty()) return "()";
  std::string out;
  for (const index_t n : shape) {
    if (!out.empty()) out += " x ";
    out += std::to_string(n);
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t columns = b.size() + 1;
  std::vector<std::size_t> d((a.size() + 1) * columns);
  const auto entry = [&d, columns](std::size_t i, std::size_t j) -> std::size_t& { return d[i * columns + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        entry(i, j) = i + j;
        continue;
      }
      const std::size_t replaced = entry(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      entry(i, j) = std::min({entry(i - 1, j) + 1, entry(i, j - 1) + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        entry(i, j) = std::min(entry(i, j), entry(i - 2, j - 2) + 1);
      }
    }
  }
  return d.back();
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const auto letters = static_cast<std::size_t>(
      std::count_if(word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) != 0; }));
  std::size_t best = letters / 3 + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best || (distance == best && found.empty())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace kindred::host
