/// The journal's file: lines of text that name the comparison, then tiles.
///
///   kindred journal 1
///   build: kindred 0.1.0, build 3f2a..., cpu x86_64_v4, ...
///   metric: dsa angular ...
///   comparison: 30 systems, all pairs
///   system: 0123456789abcdef net1           digest and name, a line a system
///   end: 89abcdef                           CRC-32 of all before this line
///
/// A tile is a head (mark, number of pairs, CRC-32 of both the number and the records) and 32 bytes a pair, in the
/// machine's byte order. Tiles hold the pairs in order, so that what is kept is always a first part of them.
#include <kindred/journal.hpp>

#include "host/base/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

namespace kindred {
namespace {

using host::fail;
using host::printable;
using Clock = std::chrono::steady_clock;

constexpr std::string_view first_line = "kindred journal 1\n";
constexpr std::string_view last_line = "end: ";
constexpr std::string_view system_line = "system: ";
constexpr std::size_t digest_digits = 16, last_line_bytes = last_line.size() + 8 + 1;
constexpr std::size_t record_bytes = 32;
constexpr std::uint32_t tile_mark = 0x454c4954;  // "TILE"
constexpr auto between_syncs = std::chrono::seconds(1);

struct TileHead {
  std::uint32_t mark, pairs, crc;
};

std::string hex(std::uint64_t value, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

std::uint32_t crc_of(std::string_view bytes, std::uint32_t crc = 0) {
  return static_cast<std::uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string_view bytes_of(const std::uint32_t& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

/// The text before the tiles.
std::string head_of(const ComparisonIdentity& identity) {
  std::string text(first_line);
  text += "build: " + printable(identity.build) + "\nmetric: " + printable(identity.metric) + "\ncomparison: ";
  text +=
      std::to_string(identity.rows) +
      (identity.symmetric ? " systems, all pairs\n" : " systems against " + std::to_string(identity.columns) + "\n");
  for (std::size_t i = 0; i < identity.digests.size(); ++i) {
    text.append(system_line) += hex(identity.digests[i], digest_digits) + ' ' + printable(identity.names[i]) + '\n';
  }
  const std::string crc = hex(crc_of(text), 8);
  return text.append(last_line) += crc + '\n';
}

void put(std::string& to, const PairResult& pair) {
  std::array<char, record_bytes> record{};
  std::memcpy(&record[0], &pair.distance, 8);
  std::memcpy(&record[8], &pair.lower_bound, 8);
  std::memcpy(&record[16], &pair.gap, 8);
  std::memcpy(&record[24], &pair.refinements, 4);
  std::memcpy(&record[28], &pair.status, 1);
  to.append(record.data(), record.size());
}

PairResult get(const char* record) {
  PairResult pair;
  std::memcpy(&pair.distance, record, 8);
  std::memcpy(&pair.lower_bound, record + 8, 8);
  std::memcpy(&pair.gap, record + 16, 8);
  std::memcpy(&pair.refinements, record + 24, 4);
  std::memcpy(&pair.status, record + 28, 1);
  return pair;
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

/// What tells two heads apart, for people; empty if they are of one comparison. Names are not compared.
std::string difference(std::string_view kept, std::string_view now) {
  for (index_t system = -4; !kept.empty() || !now.empty(); ++system) {
    const auto [kept_name, kept_value] = parts(take_line(kept));
    const auto [now_name, now_value] = parts(take_line(now));
    if (now_name == "end" && kept_name == "end") return {};
    if (now_name == "system" && kept_name == "system") {
      if (kept_value.substr(0, digest_digits) == now_value.substr(0, digest_digits)) continue;
      return "the operator of system " + std::to_string(system + 1) + ", '" +
             std::string(now_value.substr(digest_digits + 1)) +
             "', is another: other recordings, other parameters of the fit, or another machine";
    }
    if (kept_name != now_name || kept_value != now_value) {
      return std::string(now_name) + " is " + phrases(now_value, kept_value) + ", the journal's is " +
             phrases(kept_value, now_value);
    }
  }
  return {};
}

}  // namespace

struct Journal::Impl {
  std::filesystem::path path;
  std::function<void(const State&)> opened;
  int fd = -1;
  std::size_t end = 0;  ///< of what is good in the file
  index_t kept = 0;
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
    const std::string start = read(0, first_line.size());
    if (start != first_line.substr(0, start.size())) {
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
      const std::size_t last = text.find("\n" + std::string(last_line));
      if (last != std::string::npos && last + 1 + last_line_bytes <= text.size()) {
        return text.substr(0, last + 1 + last_line_bytes);
      }
      if (text.size() < piece) return {};
    }
  }

  /// Takes up the comparison of `head`, or begins it where the file holds nothing yet.
  void match(const std::string& head) {
    const std::string there = read_head();
    if (there.empty()) {
      // Empty, or a process was killed while it wrote the head.
      const std::string begun = read(0, head.size());
      if (begun != head.substr(0, begun.size())) {
        fail(ErrorCode::io, shown(), ": its head is damaged; give another name, or remove it to begin anew");
      }
      if (::ftruncate(fd, 0) != 0) fail_write(errno);
      write(head);
      sync();
      return;
    }
    const std::string_view body = std::string_view(there).substr(0, there.size() - last_line_bytes);
    if (there.substr(body.size()) != std::string(last_line) + hex(crc_of(body), 8) + '\n') {
      fail(ErrorCode::io, shown(), ": its head is damaged; give another name, or remove it to begin anew");
    }
    if (const std::string other = difference(there, head); !other.empty()) {
      fail(ErrorCode::invalid_argument, shown(), " belongs to another comparison: ", other,
           "; give the same systems and options as before, or another journal");
    }
    end = there.size();
  }

  /// The next whole tile; empty where there is none, with `damaged` set if its bytes are there.
  [[nodiscard]] std::vector<PairResult> next_tile(std::size_t file_bytes, index_t most, bool& damaged) {
    TileHead tile{};
    if (file_bytes - end < sizeof tile) return {};
    std::memcpy(&tile, read(end, sizeof tile).data(), sizeof tile);
    damaged = tile.mark != tile_mark || tile.pairs == 0 || static_cast<index_t>(tile.pairs) > most;
    if (damaged) return {};
    const std::size_t bytes = tile.pairs * record_bytes;
    if (file_bytes - end - sizeof tile < bytes) return {};
    const std::string records = read(end + sizeof tile, bytes);
    damaged = records.size() != bytes || crc_of(records, crc_of(bytes_of(tile.pairs))) != tile.crc;
    if (damaged) return {};
    std::vector<PairResult> pairs;
    pairs.reserve(tile.pairs);
    for (std::size_t k = 0; k < tile.pairs; ++k) pairs.push_back(get(records.data() + k * record_bytes));
    end += sizeof tile + bytes;
    return pairs;
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

void Journal::resume(const ComparisonIdentity& identity,
                     const std::function<void(std::span<const PairResult>)>& known) {
  impl_->match(head_of(identity));
  State state{.kept = 0, .pairs = identity.pairs()};
  const std::size_t bytes = impl_->size();
  for (;;) {
    const std::vector<PairResult> pairs = impl_->next_tile(bytes, state.pairs - state.kept, state.damaged);
    if (pairs.empty()) break;
    known(pairs);
    state.kept += std::ssize(pairs);
  }
  impl_->kept = state.kept;
  state.discarded = bytes - impl_->end;
  if (state.discarded > 0 && ::ftruncate(impl_->fd, static_cast<off_t>(impl_->end)) != 0) impl_->fail_write(errno);
  if (impl_->opened) impl_->opened(state);
}

void Journal::append(std::span<const PairResult> results) {
  if (results.empty()) return;
  std::string records;
  records.reserve(sizeof(TileHead) + results.size() * record_bytes);
  TileHead tile{tile_mark, static_cast<std::uint32_t>(results.size()), 0};
  records.append(sizeof tile, '\0');
  for (const PairResult& pair : results) put(records, pair);
  tile.crc = crc_of(std::string_view(records).substr(sizeof tile), crc_of(bytes_of(tile.pairs)));
  std::memcpy(records.data(), &tile, sizeof tile);
  impl_->write(records);
  impl_->kept += std::ssize(results);
  if (Clock::now() - impl_->synced >= between_syncs) impl_->sync();
}

}  // namespace kindred
