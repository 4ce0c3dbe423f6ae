#pragma once
/// The ZIP container of .npz files (PKWARE APPNOTE 6.3): stored and deflated members, ZIP64, data descriptors.
/// Not by libzip or minizip: these copy every member, while a stored member is read here where the mapped file has it,
/// and its beginning is aligned when it is written.
#include "host/io/atomic_file.hpp"
#include "host/io/file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kindred::io {

struct ZipMember {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;
  std::uint64_t packed_bytes = 0;  ///< as it lies in the archive
  std::uint64_t bytes = 0;         ///< unpacked
  std::uint64_t header_offset = 0;
};

[[nodiscard]] bool is_zip(std::span<const std::byte> data);

/// The members, in the order of the central directory; sizes come from there, so that data descriptors need not be
/// searched. Throws Error{io} if the archive is truncated or malformed, a member is encrypted or packed otherwise, or
/// two members have one name.
[[nodiscard]] std::vector<ZipMember> read_zip_directory(const Bytes& zip);

/// The first `most` unpacked bytes of a member (fewer if it is shorter), for a look at its header; no CRC check.
/// `origin` names the member in messages.
[[nodiscard]] Bytes peek_member(const Bytes& zip, const ZipMember& member, const std::string& origin, std::size_t most);

/// A member's unpacked bytes: those of the archive in place if it is stored, a copy if it is deflated. Throws
/// Error{io} if they do not have the size or the CRC-32 that the directory gives.
[[nodiscard]] Bytes read_member(const Bytes& zip, const ZipMember& member, const std::string& origin);

/// Writes an archive member by member. Stored members begin at a multiple of 64 bytes (by padding in the extra field
/// 0xd935, as zipalign does).
class ZipWriter {
 public:
  ZipWriter(AtomicFile& file, bool deflate) : file_(file), deflate_(deflate) {}

  /// One member of `head` followed by `body`.
  void add(const std::string& name, std::span<const std::byte> head, std::span<const std::byte> body);
  /// Writes the central directory; the file may then be committed.
  void finish();

 private:
  AtomicFile& file_;
  bool deflate_;
  std::vector<ZipMember> members_;
};

}  // namespace kindred::io
