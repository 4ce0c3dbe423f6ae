#include "host/store/journal_file.hpp"

#include "host/base/text.hpp"

#include <kindred/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

namespace kindred::host {
namespace {

constexpr std::size_t record_bytes = 32;
constexpr std::size_t window_bytes = 1 << 16;
constexpr std::uint32_t tile_mark = 0x454c4954;                    // "TILE"
constexpr std::size_t before_checked = 2 * sizeof(std::uint32_t);  // mark and CRC
constexpr std::string_view any_first_line = "kindred journal ";

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

/// Whether a head can be that of a tile of the grid.
bool sound(const TileHead& head, const PairGrid& grid) {
  if (head.mark != tile_mark || head.row >= grid.rows() || head.column >= grid.columns()) return false;
  return head.pairs > 0 && grid.pairs().count(grid.tile(head.row, head.column)) == head.pairs;
}

}  // namespace

std::string tile_bytes(const PairGrid& grid, const Tile& tile, std::span<const PairResult> results, TileTime time) {
  TileHead head{tile_mark,
                0,
                static_cast<std::uint32_t>(grid.row_of(tile.row)),
                static_cast<std::uint32_t>(grid.column_of(tile.column)),
                0,
                time.run_began,
                time.milliseconds};
  std::string bytes(sizeof head, '\0');
  for_each_pair(tile, grid.pairs().symmetric(), [&](index_t, index_t, std::size_t k) {
    append(bytes, results[k]);
    ++head.pairs;
  });
  std::memcpy(bytes.data(), &head, sizeof head);
  head.crc = crc_of(std::string_view(bytes).substr(before_checked));
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

void read_results(const PairGrid& grid, const Tile& tile, std::string_view bytes, std::span<PairResult> results) {
  const char* record = bytes.data() + sizeof(TileHead);
  for_each_pair(tile, grid.pairs().symmetric(), [&](index_t, index_t, std::size_t k) {
    results[k] = result_at(record);
    record += record_bytes;
  });
}

JournalFile::JournalFile(JournalFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), end_(other.end_) {}

JournalFile& JournalFile::operator=(JournalFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(end_, other.end_);
  window_.clear();
  return *this;
}

JournalFile::~JournalFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::string JournalFile::shown() const { return "journal " + printable(path_.string()); }

void JournalFile::fail_write(int error, index_t kept) const {
  fail(ErrorCode::io, shown(), ": cannot be written: ", std::strerror(error),
       kept > 0 ? "; " + std::to_string(kept) + " pairs are kept" : "");
}

void JournalFile::fail_read(int error) const {
  fail(ErrorCode::io, shown(), ": cannot be read: ", std::strerror(error));
}

void JournalFile::fail_head() const {
  fail(ErrorCode::io, shown(), ": its head is damaged; give another name, or remove it to begin anew");
}

void JournalFile::open(int flags) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::open(path_.c_str(), flags | O_CLOEXEC, 0666);
}

void JournalFile::check_start() const {
  const std::string start(read(0, journal_first_line.size()));
  if (start == journal_first_line.substr(0, start.size())) return;
  if (std::string_view(start).starts_with(any_first_line)) {
    fail(ErrorCode::io, shown(), ": of another version of kindred (", printable(start.substr(0, start.find('\n'))),
         ", this one writes ", journal_first_line.substr(0, journal_first_line.size() - 1),
         "); give the name of a new file");
  }
  fail(ErrorCode::io, shown(), ": not a journal; give the name of a new file, or of a journal");
}

void JournalFile::open_to_write() {
  struct stat status = {};
  constexpr int tries = 4;  // who asks for the state of a journal holds it for a moment
  do {                      // until it is not a file that its last user has just removed
    open(O_RDWR | O_CREAT);
    if (fd_ < 0) fail_write(errno, 0);
    for (int k = 0; ::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; ++k) {
      if (k == tries) fail(ErrorCode::io, shown(), ": in use by another process");
      const timespec pause{0, 50'000'000};
      ::nanosleep(&pause, nullptr);
    }
    if (::fstat(fd_, &status) != 0) fail_write(errno, 0);
  } while (status.st_nlink == 0);
  if (!S_ISREG(status.st_mode)) fail(ErrorCode::io, shown(), ": not a regular file");
  check_start();
}

void JournalFile::open_to_read() {
  open(O_RDONLY);
  if (fd_ < 0) fail_read(errno);
  struct stat status = {};
  if (::fstat(fd_, &status) != 0) fail_read(errno);
  if (!S_ISREG(status.st_mode)) fail(ErrorCode::io, shown(), ": not a regular file");
  if (status.st_size == 0) fail(ErrorCode::io, shown(), ": empty; no comparison has begun in it");
  check_start();
}

void JournalFile::create_beside(const std::filesystem::path& other) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::weakly_canonical(other, error);  // through a symbolic link
  path_ = (error ? other : target).parent_path() / ("." + other.filename().string() + ".kindred-new");
  open(O_RDWR | O_CREAT);
  if (fd_ < 0) fail_write(errno, 0);
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    fail(ErrorCode::io, shown(), ": in use by another process");
  }
  end_ = 0;
  truncate(0);
}

void JournalFile::take_place_of(const std::filesystem::path& path) {
  sync(0);
  std::error_code error;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, error);
  struct stat status = {};
  if (::stat(target.c_str(), &status) == 0) (void)::fchmod(fd_, status.st_mode & 07777);
  if (::rename(path_.c_str(), (error ? path : target).c_str()) != 0) {
    const int reason = errno;
    remove();
    path_ = path;
    fail_write(reason, 0);
  }
  path_ = path;
}

void JournalFile::remove() { ::unlink(path_.c_str()); }

bool JournalFile::in_use() const {
  if (::flock(fd_, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK;
  ::flock(fd_, LOCK_UN);
  return false;
}

void JournalFile::keep_from_writing() const {
  if (::flock(fd_, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    fail(ErrorCode::io, shown(), ": in use by another process; wait until it has ended");
  }
}

std::size_t JournalFile::size() const {
  struct stat status = {};
  if (::fstat(fd_, &status) != 0) fail_read(errno);
  return static_cast<std::size_t>(status.st_size);
}

double JournalFile::seconds_since_written() const {
  struct stat status = {};
  timespec now = {};
  if (::fstat(fd_, &status) != 0) fail_read(errno);
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::max(0.0, static_cast<double>(now.tv_sec - status.st_mtim.tv_sec) +
                           1e-9 * static_cast<double>(now.tv_nsec - status.st_mtim.tv_nsec));
}

std::string_view JournalFile::read(std::size_t offset, std::size_t bytes) const {
  const bool there = offset >= window_start_ && offset + bytes <= window_start_ + window_.size();
  if (!there) {
    window_start_ = offset;
    window_.resize(std::max(bytes, window_bytes));
    std::size_t done = 0;
    while (done < window_.size()) {
      const ssize_t n = ::pread(fd_, window_.data() + done, window_.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        const int error = errno;
        window_.clear();
        fail_read(error);
      }
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    window_.resize(done);
  }
  return std::string_view(window_).substr(offset - window_start_, bytes);
}

std::string JournalFile::read_head() const {
  for (std::size_t piece = 1 << 16;; piece *= 2) {
    const std::string_view text = read(0, piece);
    const std::size_t last = text.find("\n" + std::string(journal_last_line));
    if (last != std::string_view::npos && last + 1 + journal_last_line_bytes <= text.size()) {
      return std::string(text.substr(0, last + 1 + journal_last_line_bytes));
    }
    if (text.size() < piece) return {};
  }
}

JournalHead JournalFile::head() const {
  const std::string text = read_head();
  if (text.empty()) {
    fail(ErrorCode::io, shown(), ": its head is not whole; no comparison has begun in it, or it is damaged");
  }
  auto head = parse_head(text);
  if (!head) fail_head();
  return *std::move(head);
}

JournalFile::Piece JournalFile::read_tile(const PairGrid& grid, std::size_t offset) const {
  Piece piece;
  piece.bytes = read(offset, sizeof piece.head);
  if (piece.bytes.size() < sizeof piece.head) {
    const std::size_t known = std::min(piece.bytes.size(), sizeof tile_mark);
    if (std::memcmp(piece.bytes.data(), &tile_mark, known) == 0) piece.found = Found::cut_off;
    return piece;
  }
  std::memcpy(&piece.head, piece.bytes.data(), sizeof piece.head);
  if (!sound(piece.head, grid)) return piece;
  const std::size_t bytes = sizeof piece.head + piece.head.pairs * record_bytes;
  piece.bytes = read(offset, bytes);
  if (piece.bytes.size() < bytes) {
    piece.found = Found::cut_off;
  } else if (crc_of(piece.bytes.substr(before_checked)) == piece.head.crc) {
    piece.found = Found::tile;
  }
  return piece;
}

std::size_t JournalFile::next_mark(std::size_t from, std::size_t until) const {
  constexpr std::size_t piece = 1 << 16;
  const std::string mark(reinterpret_cast<const char*>(&tile_mark), sizeof tile_mark);
  for (; from < until; from += piece) {
    const std::size_t found = read(from, piece + mark.size() - 1).find(mark);
    if (found != std::string_view::npos) return std::min(until, from + found);
  }
  return until;
}

void JournalFile::write(std::string_view bytes, index_t kept) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(end_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      window_.clear();
      (void)::ftruncate(fd_, static_cast<off_t>(end_));
      fail_write(error, kept);
    }
    done += static_cast<std::size_t>(n);
  }
  // What was read before stays what is in the file; the bytes may come from there themselves.
  const std::size_t from = std::max(end_, window_start_),
                    until = std::min(end_ + bytes.size(), window_start_ + window_.size());
  if (from < until) std::memmove(window_.data() + (from - window_start_), bytes.data() + (from - end_), until - from);
  end_ += bytes.size();
}

void JournalFile::truncate(index_t kept) {
  window_.clear();
  if (::ftruncate(fd_, static_cast<off_t>(end_)) != 0) fail_write(errno, kept);
}

void JournalFile::sync(index_t kept) const {
  if (::fdatasync(fd_) != 0 && errno != EINVAL && errno != EROFS) fail_write(errno, kept);
}

}  // namespace kindred::host
