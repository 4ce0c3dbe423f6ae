#pragma once
/// Writing of output files such that a failure damages nothing.
#include <cstddef>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace kindred::io {

/// A file that appears at `path` complete or not at all. Bytes go to a temporary in the same folder; `commit` syncs it
/// and renames it over `path` (following a symbolic link, keeping the permissions of what is there). Until then, and
/// if anything fails, what was at `path` is untouched; the temporary is removed by the destructor, and if the process
/// is killed, by the next AtomicFile for the same path. Standard output (/dev/stdout) and what exists and is no regular
/// file (a pipe, a device) are written to directly. Every failure is an Error{io} that names the path and the system's
/// reason; Error{cancelled} if a signal that the program handles comes while a pipe is full or has no reader.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(const void* data, std::size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Makes the file so large at once, so that a full disk shows now; what is not written is zero. For writing in place,
  /// which a stream does not take: Error{invalid_argument}.
  void allocate(std::size_t bytes);
  /// Writes at a place of the file, which stays where it is for `write`.
  void write_at(std::size_t offset, const void* data, std::size_t bytes);
  [[nodiscard]] std::size_t bytes_written() const { return written_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Where the bytes are until `commit`, for a library that opens files by their names; empty of a stream.
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// Whether bytes go straight to a pipe, a device or standard output.
  [[nodiscard]] bool is_stream() const { return target_.empty(); }
  /// To disk; the file does not appear yet.
  void sync();
  void commit();

 private:
  [[noreturn]] void fail_write(int error) const;
  void create_temporary();

  std::filesystem::path path_;       ///< as the caller named it, for messages
  std::filesystem::path target_;     ///< with symbolic links resolved; empty for a stream
  std::filesystem::path temporary_;  ///< empty once renamed, or when writing directly
  int fd_ = -1;
  std::size_t written_ = 0;
};

/// Files that appear together: none does before all are written and on disk.
class AtomicFiles {
 public:
  /// One more file; it appears after those before it.
  AtomicFile& add(std::filesystem::path path) { return files_.emplace_back(std::move(path)); }
  /// One more file, which appears before all others.
  AtomicFile& add_first(std::filesystem::path path) { return files_.emplace_front(std::move(path)); }
  void commit();

 private:
  std::deque<AtomicFile> files_;
};

/// Writes a whole text or byte string through an AtomicFile.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Throws what an AtomicFile would throw if `path` cannot be written; leaves nothing behind. For checking outputs
/// before a long computation.
void require_writable(const std::filesystem::path& path);

}  // namespace kindred::io
