#pragma once
/// The lines of text with which a journal names its comparison (journal.cpp shows them).
#include <kindred/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kindred::host {

inline constexpr std::string_view journal_first_line = "kindred journal 2\n";
inline constexpr std::string_view journal_last_line = "end: ";
/// "end: ", eight digits, and the end of the line.
inline constexpr std::size_t journal_last_line_bytes = journal_last_line.size() + 8 + 1;

/// The head of a journal of `identity` whose tiles are of `side` systems.
[[nodiscard]] std::string journal_head(const ComparisonIdentity& identity, index_t side);

/// The last line of a head, with the checksum of all `text` before it.
[[nodiscard]] std::string last_line_of(std::string_view text);

/// The side that a head names; 0 if it names none.
[[nodiscard]] index_t side_of(std::string_view head);

/// What tells two heads apart, for people; empty if they are of one comparison. Names and tiles are not compared.
[[nodiscard]] std::string difference(std::string_view kept, std::string_view now);

/// CRC-32, as in zip files.
[[nodiscard]] std::uint32_t crc_of(std::string_view bytes);

}  // namespace kindred::host
