#pragma once
/// Inflating of one deflated stretch of bytes, by zlib.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace kindred::io {

constexpr std::uint64_t deflate_ratio = 1032;             // no deflate stream expands by more
constexpr std::size_t zlib_piece = std::size_t{1} << 30;  // zlib counts in 32 bits

/// What stands around the deflated data: nothing (ZIP), or zlib's head and Adler-32 (MATLAB), which is checked.
enum class Deflated { raw, zlib };

class Inflater {
 public:
  Inflater(std::span<const std::byte> packed, Deflated form) : packed_(packed) {
    if (inflateInit2(&stream_, form == Deflated::raw ? -MAX_WBITS : MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Unpacks until `out` is full or nothing more comes; returns the bytes written.
  std::size_t read(std::span<std::byte> out) {
    std::size_t written = 0;
    while (written < out.size() && result_ == Z_OK) {
      const std::size_t in = std::min(packed_.size(), zlib_piece), room = std::min(out.size() - written, zlib_piece);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed_.data()));
      stream_.avail_in = static_cast<uInt>(in);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + written);
      stream_.avail_out = static_cast<uInt>(room);
      result_ = inflate(&stream_, Z_NO_FLUSH);  // Z_BUF_ERROR when the input has run out
      packed_ = packed_.subspan(in - stream_.avail_in);
      written += room - stream_.avail_out;
    }
    return written;
  }

  /// After all wanted bytes were read: whether the stream ends here, with its last block and all of the input.
  bool at_end() {
    std::byte more;
    return read({&more, 1}) == 0 && result_ == Z_STREAM_END && packed_.empty();
  }

 private:
  z_stream stream_ = {};
  std::span<const std::byte> packed_;
  int result_ = Z_OK;
};

}  // namespace kindred::io
