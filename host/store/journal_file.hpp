#pragma once
/// The journal's file: lines of text that name the comparison, then tiles.
///
///   kindred journal 3
///   build: kindred 0.1.0, build 3f2a..., cpu x86_64_v4, ...
///   metric: dsa angular ...
///   comparison: 30 systems, all pairs
///   tiles: 4 systems a side
///   part: 2 of 3                            of a part of the comparison alone
///   rows anew at: 9                         where systems were added, strips of the grid begin anew;
///                                           likewise "columns anew at: "
///   operator: 0123456789abcdef net1         digest and name, a line a system; of recordings: "recording: "
///   end: 89abcdef                           CRC-32 of all before this line
///
/// A tile is a head (mark, CRC-32 of what follows it, the tile's row and column in the grid, number of pairs, when the
/// run that wrote it began, in seconds since 1970, and milliseconds from then to the tile) and 32 bytes a pair, row by
/// row, in the machine's byte order. Tiles come in any order. One that does not read well is dropped when the journal
/// is taken up: those behind it move up, so that the file never keeps what it cannot use.
#include "host/store/journal_head.hpp"

#include <kindred/pair_grid.hpp>
#include <kindred/results.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::host {

/// What stands before the pairs of a tile.
struct TileHead {
  std::uint32_t mark, crc, row, column, pairs, run_began, milliseconds;
};

/// When a tile is written: the beginning of the run, and milliseconds since.
struct TileTime {
  std::uint32_t run_began = 0, milliseconds = 0;
};

/// The bytes of a tile of `grid`, by its place there.
[[nodiscard]] std::string tile_bytes(const PairGrid& grid, const Tile& tile, std::span<const PairResult> results,
                                     TileTime time);
/// Inverse of tile_bytes; `results` has a place for each pair of the rectangle.
void read_results(const PairGrid& grid, const Tile& tile, std::string_view bytes, std::span<PairResult> results);
/// The pairs of a tile as they are kept.
[[nodiscard]] inline std::string_view kept_pairs(std::string_view tile_bytes) {
  return tile_bytes.substr(sizeof(TileHead));
}

/// A value for every tile of a grid; 0 at first.
class TilePlaces {
 public:
  TilePlaces() = default;
  explicit TilePlaces(const PairGrid& grid)
      : columns_(grid.columns()),
        symmetric_(grid.pairs().symmetric()),
        values_(static_cast<std::size_t>(symmetric_ ? columns_ * (columns_ + 1) / 2 : grid.rows() * columns_)) {}
  [[nodiscard]] std::uint64_t& at(index_t row, index_t column) {
    return values_[static_cast<std::size_t>(symmetric_ ? row * columns_ - row * (row - 1) / 2 + (column - row)
                                                       : row * columns_ + column)];
  }

 private:
  index_t columns_ = 0;
  bool symmetric_ = false;
  std::vector<std::uint64_t> values_;
};

/// An open journal.
class JournalFile {
 public:
  explicit JournalFile(std::filesystem::path path) : path_(std::move(path)) {}
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;
  JournalFile(JournalFile&& other) noexcept;
  JournalFile& operator=(JournalFile&& other) noexcept;
  ~JournalFile();

  /// Opens or makes it, for this process alone. Throws Error{io} as Journal says.
  void open_to_write();
  /// Opens it to read, beside a process that may be writing. Throws Error{io} if it is not there or no journal.
  void open_to_read();
  /// Makes a file beside `other` that is to take its place, for this process alone.
  void create_beside(const std::filesystem::path& other);
  /// Takes the place of the file at `path`, whose name this has from then on; on disk.
  void take_place_of(const std::filesystem::path& path);
  /// Removes it.
  void remove();

  /// Whether another process has it open to write.
  [[nodiscard]] bool in_use() const;
  /// Keeps others from writing as long as this is open. Throws Error{io} if one does.
  void keep_from_writing() const;

  [[nodiscard]] std::string shown() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t end() const { return end_; }  ///< of what is good in the file
  void set_end(std::size_t end) { end_ = end; }
  [[nodiscard]] double seconds_since_written() const;

  /// Up to `bytes` bytes from `offset` on, fewer at the end of the file; as long as nothing else is read or written.
  [[nodiscard]] std::string_view read(std::size_t offset, std::size_t bytes) const;
  /// The bytes of the head, of which there may be none: the file is empty, or was left before its head was whole.
  [[nodiscard]] std::string read_head() const;
  /// The head. Throws Error{io} if it is damaged or, being read alone, is not there.
  [[nodiscard]] JournalHead head() const;
  [[noreturn]] void fail_head() const;

  /// What is at a place of the file: a whole tile, a tile that the end of the file cuts off, or neither.
  enum class Found { tile, cut_off, nothing };
  struct Piece {
    Found found = Found::nothing;
    TileHead head = {};
    std::string_view bytes;  ///< as long as nothing else is read
  };
  [[nodiscard]] Piece read_tile(const PairGrid& grid, std::size_t offset) const;

  /// What lies between tiles.
  struct Rest {
    std::size_t bytes = 0;
    bool damaged = false;  ///< more than a tile cut off at the end
  };
  /// f(piece, offset) for every whole tile from `from` on, up to `until`, the file's size.
  template <class F>
  Rest for_each_tile(const PairGrid& grid, std::size_t from, std::size_t until, F&& f) const {
    Rest rest;
    for (std::size_t at = from; at < until;) {
      const Piece piece = read_tile(grid, at);
      if (piece.found == Found::tile) {
        const std::size_t offset = at;
        at += piece.bytes.size();
        f(piece, offset);
        continue;
      }
      const std::size_t next = next_mark(at + 1, until);
      rest.damaged = rest.damaged || piece.found == Found::nothing || next < until;
      rest.bytes += next - at;
      at = next;
    }
    return rest;
  }

  /// Adds bytes to what is good; if they cannot all be written, the file keeps its end. `kept`: pairs, for the message.
  void write(std::string_view bytes, index_t kept);
  void truncate(index_t kept);
  void sync(index_t kept) const;

 private:
  [[noreturn]] void fail_write(int error, index_t kept) const;
  [[noreturn]] void fail_read(int error) const;
  void open(int flags);
  void check_start() const;
  [[nodiscard]] std::size_t next_mark(std::size_t from, std::size_t until) const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::size_t end_ = 0;
  mutable std::string window_;  ///< bytes of the file that were read last
  mutable std::size_t window_start_ = 0;
};

}  // namespace kindred::host
