#include "host/io/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "host/base/text.hpp"

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// Ends a map, and tells its owner from others.
struct Unmap {
  std::size_t size;
  void operator()(const void* map) const { ::munmap(const_cast<void*>(map), size); }
};

[[noreturn]] void fail_read(const std::string& name, int error) {
  if (error == EINTR) fail(ErrorCode::cancelled, "stopped while waiting for ", name);
  fail(ErrorCode::io, name, ": cannot be read: ", std::strerror(error));
}

Bytes read_to_end(int fd, std::string name) {
  auto buffer = std::make_shared<std::vector<std::byte>>();
  std::size_t used = 0;
  for (;;) {
    if (used == buffer->size()) buffer->resize(used + used / 2 + (std::size_t{1} << 16));
    const ssize_t n = ::read(fd, buffer->data() + used, buffer->size() - used);
    if (n < 0) fail_read(name, errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  const std::span<const std::byte> data(buffer->data(), used);
  return {std::move(name), data, std::move(buffer), false};
}

}  // namespace

Bytes open_file(const std::filesystem::path& path) {
  std::string name = printable(path.string());
  const Descriptor file(path);
  if (file.get() < 0) {
    if (errno == ENOENT) fail(ErrorCode::io, name, ": no such file");
    fail_read(name, errno);
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail_read(name, errno);
  if (S_ISDIR(status.st_mode)) fail(ErrorCode::io, name, ": is a folder, expected a file");

  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    void* const map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (map != MAP_FAILED) {
      std::shared_ptr<const void> owner(static_cast<const void*>(map), Unmap{size});
      return {std::move(name), {static_cast<const std::byte*>(map), size}, std::move(owner), true};
    }
  }
  return read_to_end(file.get(), std::move(name));
}

std::string ending_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

std::span<const std::byte> mapped_by(const std::shared_ptr<const void>& owner) {
  const auto* map = std::get_deleter<Unmap>(owner);
  if (map == nullptr) return {};
  return {static_cast<const std::byte*>(owner.get()), map->size};
}

void release_pages(const Bytes& bytes) {
  if (!bytes.mapped || bytes.data.empty()) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(bytes.data.data()), start = first - first % page;
  // Clean pages of a file are only dropped; this is advice, so its result does not matter.
  (void)::madvise(reinterpret_cast<void*>(start), first + bytes.data.size() - start, MADV_DONTNEED);
}

}  // namespace kindred::io
