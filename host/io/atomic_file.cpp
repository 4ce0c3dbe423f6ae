#include "host/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "host/base/text.hpp"

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

constexpr mode_t default_mode = 0666;                        // less the umask
constexpr std::size_t largest_write = std::size_t{1} << 30;  // Linux transfers at most 2^31 - 4096 bytes a call

std::filesystem::path resolve_links(const std::filesystem::path& path) {
  std::error_code error;
  const auto resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// The descriptor that a name stands for, even where the shell has put a file behind it; else -1.
int standard_stream(const std::filesystem::path& path) {
  return path == "/dev/stdout" ? STDOUT_FILENO : path == "/dev/stderr" ? STDERR_FILENO : -1;
}

/// What a temporary of `target` is called, up to the process that writes it.
std::string temporary_prefix(const std::filesystem::path& target) {
  return '.' + target.filename().string().substr(0, 200) + '.';
}

/// Whether `name` is a temporary with this prefix of a process that is no more: "<prefix><process>-<number>.tmp".
bool is_abandoned(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(".tmp")) return false;
  const char* text = name.c_str() + prefix.size();
  char* end = nullptr;
  const long process = std::strtol(text, &end, 10);
  if (process <= 0 || *end != '-') return false;
  return ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
}

/// Removes the temporaries that killed processes left of this target. The process may live on another machine that
/// shares the folder: its lock on the file keeps it.
void remove_abandoned(const std::filesystem::path& target) {
  const std::string prefix = temporary_prefix(target);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_of(target), error), none; !error && entry != none;
       entry.increment(error)) {
    if (!is_abandoned(entry->path().filename().string(), prefix)) continue;
    const int fd = ::open(entry->path().c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) continue;
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) ::unlink(entry->path().c_str());
    ::close(fd);
  }
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  if (!path_.has_filename())
    fail(ErrorCode::io, printable(path_.string()), ": cannot be written: it is not a file name");
  struct stat status = {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail_write(EISDIR);
  const int standard = standard_stream(path_);
  if (standard >= 0 || (exists && !S_ISREG(status.st_mode))) {
    fd_ = standard >= 0 ? ::fcntl(standard, F_DUPFD_CLOEXEC, 0) : ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail_write(errno);
    return;
  }
  target_ = resolve_links(path_);
  if (exists && ::access(path_.c_str(), W_OK) != 0) fail_write(errno);
  create_temporary();
  if (exists) (void)::fchmod(fd_, status.st_mode & 07777);  // best effort: some file systems have no permissions
}

void AtomicFile::create_temporary() {
  static std::atomic<unsigned> counter = 0;
  remove_abandoned(target_);
  do {
    temporary_ = folder_of(target_) /
                 (temporary_prefix(target_) + std::to_string(::getpid()) + '-' + std::to_string(counter++) + ".tmp");
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, default_mode);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail_write(error);
  }
  (void)::flock(fd_, LOCK_EX | LOCK_NB);  // tells it from an abandoned one; best effort, as not every file system locks
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail_write(int error) const {
  if (error == EINTR) fail(ErrorCode::cancelled, "stopped while writing ", printable(path_.string()));
  fail(ErrorCode::io, printable(path_.string()), ": cannot be written: ", std::strerror(error),
       written_ > 0 ? " after " + std::to_string(written_) + " bytes" : "");
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t n = ::write(fd_, next, std::min(bytes, largest_write));
    if (n < 0) fail_write(errno);
    next += n;
    bytes -= static_cast<std::size_t>(n);
    written_ += static_cast<std::size_t>(n);
  }
}

void AtomicFile::allocate(std::size_t bytes) {
  if (is_stream()) {
    fail(ErrorCode::invalid_argument, printable(path_.string()),
         ": results are written in place, which takes a file, not a pipe or a device");
  }
  if (::fallocate(fd_, 0, 0, static_cast<off_t>(bytes)) == 0) return;
  // Where a file system cannot, a full disk shows when it is written to.
  if (errno == EOPNOTSUPP && ::ftruncate(fd_, static_cast<off_t>(bytes)) == 0) return;
  fail(ErrorCode::io, printable(path_.string()), ": cannot be written: ", std::strerror(errno), " (it takes ", bytes,
       " bytes)");
}

void AtomicFile::write_at(std::size_t offset, const void* data, std::size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t n = ::pwrite(fd_, next, std::min(bytes, largest_write), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_write(errno);
    next += n;
    offset += static_cast<std::size_t>(n);
    bytes -= static_cast<std::size_t>(n);
  }
}

void AtomicFile::sync() {
  if (!temporary_.empty() && ::fsync(fd_) != 0) fail_write(errno);
}

void AtomicFile::commit() {
  sync();
  if (temporary_.empty()) {
    if (::close(std::exchange(fd_, -1)) != 0) fail_write(errno);
    return;
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_write(errno);
  temporary_.clear();
  ::close(std::exchange(fd_, -1));  // its content is on disk; until now its lock has told it from an abandoned one
  // The new name survives a power cut once its folder is on disk too; not every file system can sync a folder.
  const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    (void)::fsync(folder);
    ::close(folder);
  }
}

void AtomicFiles::commit() {
  for (AtomicFile& file : files_) file.sync();
  for (AtomicFile& file : files_) file.commit();
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void require_writable(const std::filesystem::path& path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::fifo) {  // to open it would wait for its reader, and to close it end it
    if (::access(path.c_str(), W_OK) != 0) {
      fail(ErrorCode::io, printable(path.string()), ": cannot be written: ", std::strerror(errno));
    }
    return;
  }
  const AtomicFile probe(path);
}

}  // namespace kindred::io
