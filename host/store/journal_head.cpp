#include "host/store/journal_head.hpp"

#include "host/base/text.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <numeric>
#include <sstream>
#include <utility>

namespace kindred::host {
namespace {

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

/// The items of a list "a, b, c" that another list does not have; the whole list if it has them all.
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

std::string size_text(const ComparisonIdentity& c) {
  return std::to_string(c.rows) +
         (c.symmetric ? " systems, all pairs" : " systems against " + std::to_string(c.columns));
}

std::string list_text(const std::vector<index_t>& numbers) {
  std::string out;
  for (const index_t n : numbers) out += (out.empty() ? "" : " ") + std::to_string(n);
  return out;
}

std::string last_line_of(std::string_view text) { return std::string(journal_last_line) + hex(crc_of(text), 8) + '\n'; }

/// The whole numbers among the words of a text.
std::vector<index_t> numbers_in(std::string_view text) {
  std::vector<index_t> out;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    index_t value = 0;
    if (std::from_chars(word.data(), word.data() + word.size(), value).ec == std::errc()) out.push_back(value);
  }
  return out;
}

/// Ascending numbers between 0 and `end`, neither included.
bool ascending(const std::vector<index_t>& numbers, index_t end) {
  index_t last = 0;
  for (const index_t n : numbers) {
    if (n <= last || n >= end) return false;
    last = n;
  }
  return true;
}

bool sound(const JournalHead& head) {
  const ComparisonIdentity& c = head.comparison;
  const index_t systems = c.rows + (c.symmetric ? 0 : c.columns);
  return head.side > 0 && std::ssize(c.digests) == systems && head.part.number >= 1 &&
         head.part.number <= head.part.count && ascending(head.rows_anew, c.rows) &&
         ascending(head.columns_anew, c.columns);
}

}  // namespace

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

const char* kind_of_system(const ComparisonIdentity& comparison) {
  return comparison.recordings ? "recording" : "operator";
}

std::string text_of(const JournalHead& head) {
  const ComparisonIdentity& c = head.comparison;
  std::string text(journal_first_line);
  text += "build: " + printable(c.build, whole) + "\nmetric: " + printable(c.metric, whole) +
          "\ncomparison: " + size_text(c) + "\ntiles: " + std::to_string(head.side) + " systems a side\n";
  if (head.part.count > 1) {
    text += "part: " + std::to_string(head.part.number) + " of " + std::to_string(head.part.count) + '\n';
  }
  if (!head.rows_anew.empty()) text += "rows anew at: " + list_text(head.rows_anew) + '\n';
  if (!c.symmetric && !head.columns_anew.empty()) text += "columns anew at: " + list_text(head.columns_anew) + '\n';
  for (std::size_t i = 0; i < c.digests.size(); ++i) {
    text.append(kind_of_system(c)).append(": ") +=
        hex(c.digests[i], digest_digits) + ' ' + printable(c.names[i]) + '\n';
  }
  return text + last_line_of(text);
}

std::optional<JournalHead> parse_head(std::string_view text) {
  if (text.size() < journal_last_line_bytes) return std::nullopt;
  const std::string_view body = text.substr(0, text.size() - journal_last_line_bytes);
  if (text.substr(body.size()) != last_line_of(body)) return std::nullopt;
  JournalHead head;
  ComparisonIdentity& c = head.comparison;
  std::string_view rest = body;
  (void)take_line(rest);
  while (!rest.empty()) {
    const auto [name, value] = parts(take_line(rest));
    const std::vector<index_t> numbers = numbers_in(value);
    if (name == "build") {
      c.build = value;
    } else if (name == "metric") {
      c.metric = value;
    } else if (name == "comparison" && !numbers.empty()) {
      c.symmetric = numbers.size() == 1;
      c.rows = numbers.front();
      c.columns = numbers.back();
    } else if (name == "tiles" && !numbers.empty()) {
      head.side = numbers.front();
    } else if (name == "part" && numbers.size() == 2) {
      head.part = {numbers[0], numbers[1]};
    } else if (name == "rows anew at") {
      head.rows_anew = numbers;
    } else if (name == "columns anew at") {
      head.columns_anew = numbers;
    } else if ((name == "operator" || name == "recording") && value.size() > digest_digits) {
      c.recordings = name == "recording";
      std::uint64_t digest = 0;
      std::from_chars(value.data(), value.data() + digest_digits, digest, 16);
      c.digests.push_back(digest);
      c.names.emplace_back(value.substr(digest_digits + 1));
    } else {
      return std::nullopt;
    }
  }
  if (c.symmetric) head.columns_anew = head.rows_anew;
  return sound(head) ? std::optional(std::move(head)) : std::nullopt;
}

std::string difference(const ComparisonIdentity& now, const ComparisonIdentity& kept, std::string_view of_kept) {
  const auto told = [&](const std::string& what, std::string_view mine, std::string_view theirs) {
    return what + " is " + phrases(mine, theirs) + ", " + std::string(of_kept) + " is " + phrases(theirs, mine);
  };
  const std::string build = printable(now.build, whole), metric = printable(now.metric, whole);
  if (build != kept.build) return told("build", build, kept.build);
  if (metric != kept.metric) return told("metric", metric, kept.metric);
  if (now.symmetric != kept.symmetric) return told("comparison", size_text(now), size_text(kept));
  if (now.recordings != kept.recordings && !now.digests.empty() && !kept.digests.empty()) {
    return std::string("it compares ") + kind_of_system(now) + "s, " + std::string(of_kept) + ' ' +
           kind_of_system(kept) + 's';
  }
  return {};
}

SystemOrder match_systems(const ComparisonIdentity& kept, SystemList of_kept, const ComparisonIdentity& now,
                          SystemList of_now) {
  const auto at = [](index_t i) { return static_cast<std::size_t>(i); };
  // Given systems by digest; of equal ones the first free one of the name that is looked for, else the first free one.
  std::multimap<std::uint64_t, index_t> given;
  for (index_t i = 0; i < of_now.count; ++i) given.emplace(now.digests[at(of_now.first + i)], i);
  const auto name_now = [&](index_t i) { return printable(now.names[at(of_now.first + i)]); };
  SystemOrder out;
  std::vector<bool> taken(at(of_now.count), false);
  for (index_t k = 0; k < of_kept.count; ++k) {
    const std::string& name = kept.names[at(of_kept.first + k)];
    const auto [begin, end] = given.equal_range(kept.digests[at(of_kept.first + k)]);
    const auto named = std::find_if(begin, end, [&](const auto& entry) { return name_now(entry.second) == name; });
    const auto found = named != end ? named : begin;
    if (begin == end) {
      const std::string kind = kind_of_system(kept);
      const std::string why = now.recordings ? "other values, or prepared in another way"
                                             : "other recordings, other parameters of the fit, or another machine";
      index_t same = 0;
      while (same < of_now.count && name_now(same) != name) ++same;
      const bool in_place = k < of_now.count && of_kept.count == of_now.count;
      if (same == of_now.count && in_place) same = k;
      out.missing = same < of_now.count ? "the " + kind + " of system " + std::to_string(same + 1) + ", '" +
                                              name_now(same) + "', is another: " + why
                                        : "its system '" + name + "' is not among those given";
      return out;
    }
    out.order.push_back(found->second);
    taken[at(found->second)] = true;
    given.erase(found);
  }
  for (index_t i = 0; i < of_now.count; ++i) {
    if (!taken[at(i)]) out.order.push_back(i);
  }
  return out;
}

}  // namespace kindred::host
