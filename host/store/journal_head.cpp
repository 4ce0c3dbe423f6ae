#include "host/store/journal_head.hpp"

#include "host/base/text.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace kindred::host {
namespace {

constexpr std::string_view tiles_line = "tiles: ", tiles_words = " systems a side";
constexpr std::size_t digest_digits = 16;
constexpr std::size_t whole = 1 << 20;  ///< a limit that no line reaches: what is cut off would not be compared

std::string hex(std::uint64_t value, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

/// "a line" of a head: what it is called, and what it says.
std::pair<std::string_view, std::string_view> parts(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return {line, {}};
  return {line.substr(0, colon), line.substr(colon + 2)};
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

/// Of a list "a, b, c" what another does not have; all of it if it has all.
std::string phrases(std::string_view list, std::string_view other) {
  const auto each = [](std::string_view text, auto&& visit) {
    for (bool more = true; more;) {
      const std::size_t comma = text.find(", ");
      visit(text.substr(0, comma));
      more = comma != std::string_view::npos;
      if (more) text.remove_prefix(comma + 2);
    }
  };
  std::string out;
  each(list, [&](std::string_view phrase) {
    bool shared = false;
    each(other, [&](std::string_view theirs) { shared = shared || phrase == theirs; });
    if (!shared) out += (out.empty() ? "" : ", ") + std::string(phrase);
  });
  return '\'' + (out.empty() ? std::string(list) : out) + '\'';
}

}  // namespace

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string journal_head(const ComparisonIdentity& identity, index_t side) {
  std::string text(journal_first_line);
  text += "build: " + printable(identity.build, whole) + "\nmetric: " + printable(identity.metric, whole) +
          "\ncomparison: ";
  text +=
      std::to_string(identity.rows) +
      (identity.symmetric ? " systems, all pairs\n" : " systems against " + std::to_string(identity.columns) + "\n");
  text.append(tiles_line).append(std::to_string(side)).append(tiles_words) += '\n';
  for (std::size_t i = 0; i < identity.digests.size(); ++i) {
    text.append(identity.recordings ? "recording: " : "operator: ") +=
        hex(identity.digests[i], digest_digits) + ' ' + printable(identity.names[i]) + '\n';
  }
  return text + last_line_of(text);
}

std::string last_line_of(std::string_view text) { return std::string(journal_last_line) + hex(crc_of(text), 8) + '\n'; }

index_t side_of(std::string_view head) {
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    if (line.substr(0, tiles_line.size()) != tiles_line) continue;
    index_t side = 0;
    std::from_chars(line.data() + tiles_line.size(), line.data() + line.size(), side);
    return side;
  }
  return 0;
}

std::string difference(std::string_view kept, std::string_view now) {
  const auto of_system = [](std::string_view name) { return name == "operator" || name == "recording"; };
  for (index_t system = 0; !kept.empty() || !now.empty();) {
    const auto [kept_name, kept_value] = parts(take_line(kept));
    const auto [now_name, now_value] = parts(take_line(now));
    if (now_name == kept_name && (now_name == "end" || now_name == "tiles")) continue;
    if (now_name == kept_name && of_system(now_name)) {
      ++system;
      if (kept_value.substr(0, digest_digits) == now_value.substr(0, digest_digits)) continue;
      const bool recording = now_name == "recording";
      return "the " + std::string(now_name) + " of system " + std::to_string(system) + ", '" +
             std::string(now_value.substr(digest_digits + 1)) + "', is another: " +
             (recording ? "other values, or prepared in another way"
                        : "other recordings, other parameters of the fit, or another machine");
    }
    if (of_system(now_name) && of_system(kept_name)) {
      return "it compares " + std::string(now_name) + "s, the journal's " + std::string(kept_name) + 's';
    }
    if (kept_name != now_name || kept_value != now_value) {
      return std::string(now_name) + " is " + phrases(now_value, kept_value) + ", the journal's is " +
             phrases(kept_value, now_value);
    }
  }
  return {};
}

}  // namespace kindred::host
