#pragma once
/// Files for the tests of reading and writing: written byte by byte from the format descriptions, sharing nothing with
/// the library.
#include <kindred/error.hpp>
#include <kindred/types.hpp>

#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace files {

using kindred::index_t;

/// A folder of its own for one test, removed afterwards.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("kindred-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file (and the folders on the way); returns its path.
  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return (path_ / name).string();
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  std::filesystem::path path_;
};

inline std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The low `bytes` bytes of v, little-endian.
inline std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i) & 0xff);
  return out;
}

inline std::string npy(const std::string& header, const std::string& data, int version = 1) {
  return "\x93NUMPY" + le(static_cast<unsigned>(version), 2) + le(header.size(), version == 1 ? 2 : 4) + header + data;
}

inline std::string header(const std::string& descr, bool fortran, const std::vector<index_t>& shape) {
  std::string tuple;
  for (const index_t n : shape) tuple += std::to_string(n) + ", ";
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" + tuple +
         "), }\n";
}

/// Elements value(i) for the C-order index i, as `descr` ("<f4", ">f8", ...) in C or Fortran order.
template <class Value>
std::string npy(const std::string& descr, bool fortran, const std::vector<index_t>& shape, Value value,
                int version = 1) {
  const index_t count = std::accumulate(shape.begin(), shape.end(), index_t{1}, std::multiplies<>());
  std::string data;
  for (index_t position = 0; position < count; ++position) {
    index_t i = position;
    if (fortran) {  // the multi-index whose first axis runs fastest, back to C order
      std::vector<index_t> at;
      for (index_t rest = position; const index_t n : shape) at.push_back(rest % n), rest /= n;
      i = 0;
      for (std::size_t k = 0; k < shape.size(); ++k) i = i * shape[k] + at[k];
    }
    std::string element;
    if (descr.back() == '4') {
      const auto v = static_cast<float>(value(i));
      std::uint32_t bits;
      std::memcpy(&bits, &v, 4);
      element = le(bits, 4);
    } else {
      const auto v = static_cast<double>(value(i));
      std::uint64_t bits;
      std::memcpy(&bits, &v, 8);
      element = le(bits, 8);
    }
    if (descr.front() == '>') std::reverse(element.begin(), element.end());
    data += element;
  }
  return npy(header(descr, fortran, shape), data, version);
}

/// How one member of an archive is written.
struct Member {
  std::string name;
  std::string content;
  bool deflate = false;
  bool descriptor = false;  ///< sizes and CRC after the data, as streamed archives have them
  bool zip64 = false;
  unsigned flags = 0;
  int method = -1;  ///< to claim another than the one used
};

inline std::uint32_t crc32_of(const std::string& data) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

inline std::string deflate_of(const std::string& data) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zip(const std::vector<Member>& members, bool zip64_end = false, const std::string& comment = {}) {
  std::string out, directory;
  for (const Member& m : members) {
    const std::string packed = m.deflate ? deflate_of(m.content) : m.content;
    const int method = m.method >= 0 ? m.method : m.deflate ? 8 : 0;
    const std::uint64_t crc = crc32_of(m.content), offset = out.size();
    const std::string extra =
        m.zip64 ? le(1, 2) + le(24, 2) + le(m.content.size(), 8) + le(packed.size(), 8) + le(offset, 8) : "";
    const unsigned flags = m.flags | (m.descriptor ? 8u : 0u);
    const std::string before_sizes = le(20, 2) + le(flags, 2) + le(static_cast<unsigned>(method), 2) + le(0, 4);
    const std::string names = le(m.name.size(), 2) + le(extra.size(), 2);
    const std::string sizes = m.zip64 ? le(0xffffffffffffffff, 8) : le(packed.size(), 4) + le(m.content.size(), 4);
    out += "PK\x03\x04" + before_sizes + (m.descriptor ? le(0, 4) + le(0, 8) : le(crc, 4) + sizes) + names + m.name +
           extra + packed;
    if (m.descriptor) out += "PK\x07\x08" + le(crc, 4) + le(packed.size(), 4) + le(m.content.size(), 4);
    directory += "PK\x01\x02" + le(20, 2) + before_sizes + le(crc, 4) + sizes + names + le(0, 2) + le(0, 8) +
                 (m.zip64 ? le(0xffffffff, 4) : le(offset, 4)) + m.name + extra;
  }
  const std::uint64_t at = out.size(), count = members.size();
  out += directory;
  if (zip64_end) {
    const std::uint64_t end64 = out.size();
    out += "PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) + le(0, 8) + le(count, 8) + le(count, 8) +
           le(directory.size(), 8) + le(at, 8);
    out += "PK\x06\x07" + le(0, 4) + le(end64, 8) + le(1, 4);
    return out + "PK\x05\x06" + le(0, 4) + le(0xffffffff, 4) + le(0xffffffffffffffff, 8) + le(comment.size(), 2) +
           comment;
  }
  return out + "PK\x05\x06" + le(0, 4) + le(count, 2) + le(count, 2) + le(directory.size(), 4) + le(at, 4) +
         le(comment.size(), 2) + comment;
}

/// Lets no file grow beyond `bytes` while it lives: a disk that is full, as far as write(2) can tell.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

/// What an Error says, or "no error"; its code is in `code`.
template <class F>
std::string error_of(F f, kindred::ErrorCode* code = nullptr) {
  try {
    f();
  } catch (const kindred::Error& error) {
    if (code != nullptr) *code = error.code();
    return error.what();
  }
  return "no error";
}

}  // namespace files
