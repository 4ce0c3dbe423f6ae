#pragma once
/// The lines of text with which a journal names its comparison (journal_file.hpp shows them).
#include <kindred/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::host {

inline constexpr std::string_view journal_first_line = "kindred journal 3\n";
inline constexpr std::string_view journal_last_line = "end: ";
/// "end: ", eight digits, and the end of the line.
inline constexpr std::size_t journal_last_line_bytes = journal_last_line.size() + 8 + 1;

/// What a head says.
struct JournalHead {
  ComparisonIdentity comparison;  ///< its systems in the order of the journal
  index_t side = 0;
  Shard part;
  std::vector<index_t> rows_anew, columns_anew;  ///< systems at which the grid begins anew

  [[nodiscard]] PairGrid grid() const { return {comparison.pairs(), side, rows_anew, columns_anew}; }
};

[[nodiscard]] std::string text_of(const JournalHead& head);
/// Nothing unless `text` is a whole head with the checksum that it ends with.
[[nodiscard]] std::optional<JournalHead> parse_head(std::string_view text);

/// What tells the metric, the build or the kind of two comparisons apart, for people; empty if nothing does. `of_kept`
/// is how the second is called ("the journal's").
[[nodiscard]] std::string difference(const ComparisonIdentity& now, const ComparisonIdentity& kept,
                                     std::string_view of_kept);
/// "operator" or "recording".
[[nodiscard]] const char* kind_of_system(const ComparisonIdentity& comparison);

/// The systems of one side, as a journal keeps them and as they are given now.
struct SystemList {
  index_t first = 0;  ///< of them among the comparison's systems
  index_t count = 0;
};
[[nodiscard]] inline SystemList row_systems(const ComparisonIdentity& c) { return {0, c.rows}; }
/// For one collection, the same as the rows.
[[nodiscard]] inline SystemList column_systems(const ComparisonIdentity& c) {
  return c.symmetric ? row_systems(c) : SystemList{c.rows, c.columns};
}
/// Where the systems of a journal stand among those given now, and then the others: a permutation of those given.
/// Systems are known by their digests; where several are equal, by their names. If one of the journal's is not there,
/// `missing` says so for people.
struct SystemOrder {
  std::vector<index_t> order;
  std::string missing;
};
[[nodiscard]] SystemOrder match_systems(const ComparisonIdentity& kept, SystemList of_kept,
                                        const ComparisonIdentity& now, SystemList of_now);

/// CRC-32, as in zip files.
[[nodiscard]] std::uint32_t crc_of(std::string_view bytes);

}  // namespace kindred::host
