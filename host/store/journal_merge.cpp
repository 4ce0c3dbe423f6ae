#include <kindred/journal.hpp>

#include "host/base/text.hpp"
#include "host/store/journal_file.hpp"

#include <kindred/error.hpp>

#include <string>
#include <utility>

namespace kindred {
namespace {

using host::fail;
using host::JournalFile;
using host::JournalHead;

/// A journal to be joined, with its place among the others in the offsets of the joined one.
struct Source {
  JournalFile file;
  JournalHead head;
};

Source open(const std::filesystem::path& path) {
  JournalFile file(path);
  file.open_to_read();
  file.keep_from_writing();
  JournalHead head = file.head();
  return {std::move(file), std::move(head)};
}

/// Which system of one stands elsewhere in the other; empty if none does.
std::string other_systems(const JournalHead& first, const JournalHead& head, const std::string& name) {
  const ComparisonIdentity &a = first.comparison, &b = head.comparison;
  if (a.rows != b.rows || a.columns != b.columns) {
    const auto text = [](const ComparisonIdentity& c) {
      return std::to_string(c.rows) + (c.symmetric ? " systems" : " systems against " + std::to_string(c.columns));
    };
    return name + " has " + text(a) + ", this one " + text(b);
  }
  for (std::size_t i = 0; i < a.digests.size(); ++i) {
    if (a.digests[i] == b.digests[i]) continue;
    return "its system " + std::to_string(i + 1) + ", '" + b.names[i] + "', is not the '" + a.names[i] + "' of " + name;
  }
  return {};
}

void require_same(const Source& first, const Source& other) {
  const std::string name = first.file.shown();
  std::string why = host::difference(other.head.comparison, first.head.comparison, "that of " + name);
  if (why.empty()) why = other_systems(first.head, other.head, name);
  const bool same_grid = first.head.side == other.head.side && first.head.rows_anew == other.head.rows_anew &&
                         first.head.columns_anew == other.head.columns_anew;
  if (why.empty() && !same_grid) why = "systems were added to it in other steps than to " + name;
  if (why.empty()) return;
  fail(ErrorCode::invalid_argument, other.file.shown(), " belongs to another comparison than ", name, ": ", why);
}

}  // namespace

JournalMerge merge_journals(std::span<const std::filesystem::path> journals, const std::filesystem::path& out) {
  if (journals.empty()) fail(ErrorCode::invalid_argument, "no journals to merge, expected at least one");
  std::vector<Source> sources;
  sources.reserve(journals.size());
  for (const std::filesystem::path& path : journals) {
    sources.push_back(open(path));
    require_same(sources.front(), sources.back());
  }
  JournalHead head = sources.front().head;
  head.part = {};
  const PairGrid grid = head.grid();
  JournalMerge merge{.comparison = head.comparison, .pairs = grid.pairs().count(), .unreadable = {}};
  JournalFile target(out);
  target.create_beside(out);
  try {
    target.write(host::text_of(head), 0);
    host::TilePlaces places(grid);
    for (const Source& source : sources) {
      const JournalFile& file = source.file;
      const auto rest = file.for_each_tile(
          grid, file.read_head().size(), file.size(), [&](const JournalFile::Piece& piece, std::size_t) {
            std::uint64_t& place = places.at(piece.head.row, piece.head.column);
            const auto pairs = static_cast<index_t>(piece.head.pairs);
            if (place == 0) {
              place = target.end();
              merge.kept += pairs;
              target.write(piece.bytes, 0);
              return;
            }
            merge.duplicates += pairs;
            const std::string_view there = target.read(place, piece.bytes.size());
            if (host::kept_pairs(there) == host::kept_pairs(piece.bytes)) return;
            const Tile tile = grid.tile(piece.head.row, piece.head.column);
            fail(ErrorCode::invalid_argument, file.shown(), ": its results of systems ", tile.row + 1, " to ",
                 tile.row + tile.rows, " against ", tile.column + 1, " to ", tile.column + tile.columns,
                 " are not those of a journal before it; they were not made by one build on one kind of machine, or a "
                 "file was changed: compute one of them anew");
          });
      merge.unreadable.push_back(rest.bytes);
    }
    target.take_place_of(out);
  } catch (...) {
    target.remove();
    throw;
  }
  return merge;
}

}  // namespace kindred
