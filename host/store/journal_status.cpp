#include <kindred/journal.hpp>

#include "host/store/journal_file.hpp"
#include "host/store/tile_runs.hpp"

#include <algorithm>

namespace kindred {
namespace {

using host::JournalFile;

/// What the last run that wrote tiles has done.
struct LastRun {
  std::uint32_t began = 0, milliseconds = 0;
  index_t pairs = 0;

  void add(const host::TileHead& head) {
    if (head.run_began < began) return;
    if (head.run_began > began) *this = {.began = head.run_began, .milliseconds = 0, .pairs = 0};
    milliseconds = std::max(milliseconds, head.milliseconds);
    pairs += static_cast<index_t>(head.pairs);
  }
  [[nodiscard]] std::optional<double> rate() const {
    if (pairs == 0 || milliseconds == 0) return std::nullopt;
    return 1e3 * static_cast<double>(pairs) / static_cast<double>(milliseconds);
  }
};

}  // namespace

JournalStatus status_of_journal(const std::filesystem::path& path) {
  JournalFile file(path);
  file.open_to_read();
  JournalStatus out;
  out.writing = file.in_use();
  out.seconds_since_written = file.seconds_since_written();
  host::JournalHead head = file.head();
  const PairGrid grid = head.grid();
  const std::vector<Tile> part = tiles_of(grid, head.part);
  for (const Tile& run : part) out.pairs += grid.pairs().count(run);
  host::TilePlaces seen(grid);
  LastRun last;
  out.bytes = file.size();
  const auto rest =
      file.for_each_tile(grid, file.read_head().size(), out.bytes, [&](const JournalFile::Piece& piece, std::size_t) {
        if (seen.at(piece.head.row, piece.head.column)++ > 0) return;
        last.add(piece.head);
        const bool mine = head.part.count == 1 || host::holds(part, grid.tile(piece.head.row, piece.head.column));
        out.done += mine ? static_cast<index_t>(piece.head.pairs) : 0;
      });
  out.unreadable = rest.bytes;
  out.damaged = rest.damaged;
  out.comparison = std::move(head.comparison);
  out.part = head.part;
  out.side = head.side;
  out.rate = last.rate();
  if (out.left() == 0) {
    out.seconds_left = 0;
  } else if (out.rate) {
    out.seconds_left = static_cast<double>(out.left()) / *out.rate;
  }
  return out;
}

}  // namespace kindred
