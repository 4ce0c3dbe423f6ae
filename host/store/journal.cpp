/// The journal's file: lines of text that name the comparison, then tiles.
///
///   kindred journal 2
///   build: kindred 0.1.0, build 3f2a..., cpu x86_64_v4, ...
///   metric: dsa angular ...
///   comparison: 30 systems, all pairs
///   tiles: 4 systems a side
///   operator: 0123456789abcdef net1         digest and name, a line a system; of recordings: "recording: "
///   end: 89abcdef                           CRC-32 of all before this line
///
/// A tile is a head (mark, CRC-32 of what follows it, the tile's row and column in the grid, number of pairs) and 32
/// bytes a pair, row by row, in the machine's byte order. Tiles come in any order. One that does not read well is dropped
/// when the journal is taken up: those behind it move up, so that the file never keeps what it cannot use.
#include <kindred/journal.hpp>

#include "host/base/text.hpp"
#include "host/store/journal_head.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kindred {
namespace {

using host::crc_of;
using host::fail;
using host::printable;
using Clock = std::chrono::steady_clock;

constexpr std::size_t record_bytes = 32;
constexpr std::uint32_t tile_mark = 0x454c4954;  // "TILE"
constexpr auto between_syncs = std::chrono::seconds(1);

struct TileHead {
  std::uint32_t mark, crc, row, column, pairs;
};
constexpr std::size_t before_checked = 2 * sizeof(std::uint32_t);  // mark and CRC

void append(std::string& to, const PairResult& pair) {
  std::array<char, record_bytes> record{};
  std::memcpy(&record[0], &pair.distance, 8);
  std::memcpy(&record[8], &pair.lower_bound, 8);
  std::memcpy(&record[16], &pair.gap, 8);
  std::memcpy(&record[24], &pair.refinements, 4);
  std::memcpy(&record[28], &pair.status, 1);
  to.append(record.data(), record.size());
}

PairResult result_at(const char* record) {
  PairResult pair;
  std::memcpy(&pair.distance, record, 8);
  std::memcpy(&pair.lower_bound, record + 8, 8);
  std::memcpy(&pair.gap, record + 16, 8);
  std::memcpy(&pair.refinements, record + 24, 4);
  std::memcpy(&pair.status, record + 28, 1);
  return pair;
}

}  // namespace

struct Journal::Impl {
  std::filesystem::path path;
  std::function<void(const State&)> opened;
  int fd = -1;
  std::size_t end = 0;  ///< of what is good in the file
  index_t kept = 0;     ///< pairs
  PairSet pairs = PairSet::all(0);
  index_t side = 1;
  std::unordered_map<std::uint64_t, std::size_t> places;  ///< of the tiles in the file, by their place in the grid
  Clock::time_point synced = Clock::now();

  [[nodiscard]] std::string shown() const { return "journal " + printable(path.string()); }

  [[noreturn]] void fail_write(int error) const {
    fail(ErrorCode::io, shown(), ": cannot be written: ", std::strerror(error),
         kept > 0 ? "; " + std::to_string(kept) + " pairs are kept" : "");
  }

  void open() {
    struct stat status = {};
    do {  // until it is not a file that its last user has just removed
      if (fd >= 0) ::close(fd);
      fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      if (fd < 0) fail_write(errno);
      if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        fail(ErrorCode::io, shown(), ": in use by another process");
      }
      if (::fstat(fd, &status) != 0) fail_write(errno);
    } while (status.st_nlink == 0);
    if (!S_ISREG(status.st_mode)) fail(ErrorCode::io, shown(), ": not a regular file");
    const std::string start = read(0, host::journal_first_line.size());
    if (start != host::journal_first_line.substr(0, start.size())) {
      fail(ErrorCode::io, shown(), ": not a journal of this version; give the name of a new file");
    }
  }

  [[nodiscard]] std::size_t size() const {
    struct stat status = {};
    if (::fstat(fd, &status) != 0) fail(ErrorCode::io, shown(), ": cannot be read: ", std::strerror(errno));
    return static_cast<std::size_t>(status.st_size);
  }

  /// Up to `bytes` bytes from `offset` on: fewer at the end of the file.
  [[nodiscard]] std::string read(std::size_t offset, std::size_t bytes) const {
    std::string out(bytes, '\0');
    std::size_t done = 0;
    while (done < bytes) {
      const ssize_t n = ::pread(fd, out.data() + done, bytes - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(ErrorCode::io, shown(), ": cannot be read: ", std::strerror(errno));
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    out.resize(done);
    return out;
  }

  /// Adds bytes to what is good; if they cannot all be written, the file keeps its end.
  void write(std::string_view bytes) {
    std::size_t at = end;
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        const int error = errno;
        (void)::ftruncate(fd, static_cast<off_t>(end));
        fail_write(error);
      }
      at += static_cast<std::size_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    end = at;
  }

  void sync() {
    if (::fdatasync(fd) != 0 && errno != EINVAL && errno != EROFS) fail_write(errno);
    synced = Clock::now();
  }

  /// The head that is in the file, up to the end of its last line; empty if the file ends before.
  [[nodiscard]] std::string read_head() const {
    std::string text;
    for (std::size_t piece = 1 << 16;; piece *= 2) {
      text = read(0, piece);
      const std::size_t last = text.find("\n" + std::string(host::journal_last_line));
      if (last != std::string::npos && last + 1 + host::journal_last_line_bytes <= text.size()) {
        return text.substr(0, last + 1 + host::journal_last_line_bytes);
      }
      if (text.size() < piece) return {};
    }
  }

  /// Takes up the comparison of `identity`, or begins it where the file holds nothing yet.
  void match(const ComparisonIdentity& identity, index_t proposed_side) {
    side = proposed_side;
    const std::string head = host::journal_head(identity, side), there = read_head();
    if (there.empty()) {
      // Empty, or a process was killed while it wrote the head.
      const std::string begun = read(0, head.size());
      if (begun != head.substr(0, begun.size())) {
        fail(ErrorCode::io, shown(), ": its head is damaged; give another name, or remove it to begin anew");
      }
      if (::ftruncate(fd, 0) != 0) fail_write(errno);
      end = 0;
      write(head);
      sync();
      return;
    }
    const std::string_view body = std::string_view(there).substr(0, there.size() - host::journal_last_line_bytes);
    if (there.substr(body.size()) != host::last_line_of(body)) {
      fail(ErrorCode::io, shown(), ": its head is damaged; give another name, or remove it to begin anew");
    }
    if (const std::string other = host::difference(there, head); !other.empty()) {
      fail(ErrorCode::invalid_argument, shown(), " belongs to another comparison: ", other,
           "; give the same systems and options as before, or another journal");
    }
    side = host::side_of(there);
    end = there.size();
  }

  [[nodiscard]] static std::uint64_t place_of(index_t row, index_t column) {
    return static_cast<std::uint64_t>(row) << 32 | static_cast<std::uint64_t>(column);
  }
  [[nodiscard]] std::uint64_t place_of(const Tile& tile) const { return place_of(tile.row / side, tile.column / side); }

  [[nodiscard]] Tile tile_of(const TileHead& head) const {
    const index_t row = head.row * side, column = head.column * side;
    return {row, column, std::min(side, pairs.rows() - row), std::min(side, pairs.columns() - column)};
  }

  /// Whether a head can be one of this comparison's.
  [[nodiscard]] bool sound(const TileHead& head) const {
    if (head.mark != tile_mark || head.row * side >= pairs.rows() || head.column * side >= pairs.columns())
      return false;
    return head.pairs > 0 && pairs.count(tile_of(head)) == head.pairs;
  }

  /// What is at a place of the file: a whole tile, a tile that the end of the file cuts off, or neither.
  enum class Found { tile, cut_off, nothing };
  struct Piece {
    Found found = Found::nothing;
    TileHead head = {};
    std::string bytes;
  };
  [[nodiscard]] Piece read_tile(std::size_t offset) const {
    Piece piece;
    piece.bytes = read(offset, sizeof piece.head);
    if (piece.bytes.size() < sizeof piece.head) {
      const std::size_t known = std::min(piece.bytes.size(), sizeof tile_mark);
      if (std::memcmp(piece.bytes.data(), &tile_mark, known) == 0) piece.found = Found::cut_off;
      return piece;
    }
    std::memcpy(&piece.head, piece.bytes.data(), sizeof piece.head);
    if (!sound(piece.head)) return piece;
    const std::size_t bytes = piece.head.pairs * record_bytes;
    piece.bytes += read(offset + sizeof piece.head, bytes);
    if (piece.bytes.size() < sizeof piece.head + bytes) {
      piece.found = Found::cut_off;
    } else if (crc_of(std::string_view(piece.bytes).substr(before_checked)) == piece.head.crc) {
      piece.found = Found::tile;
    }
    return piece;
  }

  /// The next place from `from` on where a tile's mark is; the end of the file if there is none.
  [[nodiscard]] std::size_t next_mark(std::size_t from, std::size_t file_bytes) const {
    constexpr std::size_t piece = 1 << 16;
    const std::string mark(reinterpret_cast<const char*>(&tile_mark), sizeof tile_mark);
    for (; from < file_bytes; from += piece) {
      const std::size_t found = read(from, piece + mark.size() - 1).find(mark);
      if (found != std::string::npos) return from + found;
    }
    return file_bytes;
  }

  /// Finds the tiles, moves them together and cuts the file off behind them.
  [[nodiscard]] State find_tiles() {
    State state{.kept = 0, .pairs = pairs.count()};
    places.clear();
    const std::size_t bytes = size();
    for (std::size_t at = end; at < bytes;) {
      const Piece piece = read_tile(at);
      if (piece.found != Found::tile) {
        const std::size_t next = next_mark(at + 1, bytes);
        state.damaged = state.damaged || piece.found == Found::nothing || next < bytes;
        at = next;
        continue;
      }
      const std::size_t from = at;
      at += piece.bytes.size();
      if (!places.try_emplace(place_of(piece.head.row, piece.head.column), end).second) continue;
      if (from != end) {
        write(piece.bytes);
      } else {
        end = at;
      }
      state.kept += static_cast<index_t>(piece.head.pairs);
    }
    state.discarded = bytes - end;
    if (state.discarded > 0 && ::ftruncate(fd, static_cast<off_t>(end)) != 0) fail_write(errno);
    return state;
  }
};

Journal::Journal(std::filesystem::path path, std::function<void(const State&)> opened)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = std::move(path);
  impl_->opened = std::move(opened);
  try {
    impl_->open();
  } catch (...) {
    if (impl_->fd >= 0) ::close(impl_->fd);
    throw;
  }
}

Journal::~Journal() {
  struct stat status = {};
  if (::fstat(impl_->fd, &status) == 0 && status.st_size == 0) ::unlink(impl_->path.c_str());
  ::close(impl_->fd);
}

index_t Journal::begin(const ComparisonIdentity& identity, index_t side) {
  impl_->pairs = identity.pairs();
  impl_->match(identity, side);
  const State state = impl_->find_tiles();
  impl_->kept = state.kept;
  if (impl_->opened) impl_->opened(state);
  return impl_->side;
}

bool Journal::has(const Tile& tile) { return impl_->places.contains(impl_->place_of(tile)); }

void Journal::get(const Tile& tile, std::span<PairResult> results) {
  const auto place = impl_->places.find(impl_->place_of(tile));
  const auto piece = place != impl_->places.end() ? impl_->read_tile(place->second) : Impl::Piece{};
  if (piece.found != Impl::Found::tile || impl_->tile_of(piece.head) != tile) {
    fail(ErrorCode::io, impl_->shown(), ": the results of systems ", tile.row + 1, " to ", tile.row + tile.rows,
         " against ", tile.column + 1, " to ", tile.column + tile.columns,
         " cannot be taken up: they are not as they were ",
         "written; run the same command again, and they are computed anew");
  }
  const char* record = piece.bytes.data() + sizeof(TileHead);
  for_each_pair(tile, impl_->pairs.symmetric(), [&](index_t, index_t, std::size_t k) {
    results[k] = result_at(record);
    record += record_bytes;
  });
}

void Journal::put(const Tile& tile, std::span<const PairResult> results) {
  std::string bytes(sizeof(TileHead), '\0');
  TileHead head{tile_mark, 0, static_cast<std::uint32_t>(tile.row / impl_->side),
                static_cast<std::uint32_t>(tile.column / impl_->side), 0};
  for_each_pair(tile, impl_->pairs.symmetric(), [&](index_t, index_t, std::size_t k) {
    append(bytes, results[k]);
    ++head.pairs;
  });
  if (head.pairs == 0) return;
  std::memcpy(bytes.data(), &head, sizeof head);
  head.crc = crc_of(std::string_view(bytes).substr(before_checked));
  std::memcpy(bytes.data(), &head, sizeof head);
  const std::size_t place = impl_->end;
  impl_->write(bytes);
  impl_->places.insert_or_assign(impl_->place_of(tile), place);
  impl_->kept += static_cast<index_t>(head.pairs);
  if (Clock::now() - impl_->synced >= between_syncs) impl_->sync();
}

}  // namespace kindred
