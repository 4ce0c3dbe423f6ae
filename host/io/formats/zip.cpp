/// Reading and writing in one file, which is therefore over 400 lines: both sides share the layout of the records.
#include "host/io/formats/zip.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>
#include <unordered_set>

#include "host/base/text.hpp"
#include "host/io/formats/inflate.hpp"
#include "host/io/formats/zip_records.hpp"

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

using namespace zip;
using std::uint16_t, std::uint32_t, std::uint64_t;

constexpr std::size_t longest_comment = 0xffff;
constexpr uint16_t flag_encrypted = 1 << 0;

/// Bounded little-endian reads from one stretch of an archive.
class Reader {
 public:
  Reader(std::span<const std::byte> data, const std::string& origin) : rest_(data), origin_(origin) {}

  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  void skip(std::size_t n) { (void)take(n); }
  std::span<const std::byte> take(std::size_t n) {
    if (n > rest_.size()) fail(ErrorCode::io, origin_, ": truncated .npz: a record of its directory is cut off");
    const auto taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }

 private:
  uint64_t number(std::size_t n) {
    const auto bytes = take(n);
    uint64_t value = 0;
    for (std::size_t i = n; i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(bytes[i]);
    return value;
  }
  std::span<const std::byte> rest_;
  const std::string& origin_;
};

[[noreturn]] void malformed(const Bytes& zip, const std::string& what) {
  fail(ErrorCode::io, zip.origin, ": malformed .npz: ", what);
}

std::string text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

struct Directory {
  uint64_t entries = 0, bytes = 0, offset = 0;
};

/// Position of the end-of-central-directory record: the last one whose comment ends with the file.
std::size_t find_end_record(const Bytes& zip) {
  const std::size_t size = zip.data.size();
  if (size >= end_bytes) {
    const std::size_t first = size - std::min(size, end_bytes + longest_comment);
    for (std::size_t at = size - end_bytes + 1; at-- > first;) {
      Reader record(zip.data.subspan(at), zip.origin);
      if (record.u32() != end_signature) continue;
      record.skip(16);
      if (record.u16() == record.left()) return at;
    }
  }
  fail(ErrorCode::io, zip.origin, ": truncated or not a .npz: no ZIP directory at the end of its ", size, " bytes");
}

Directory find_directory(const Bytes& zip) {
  const std::size_t end = find_end_record(zip);
  Reader record(zip.data.subspan(end + 4), zip.origin);
  const uint16_t disk = record.u16(), directory_disk = record.u16(), entries_here = record.u16();
  Directory directory;
  directory.entries = record.u16();
  directory.bytes = record.u32();
  directory.offset = record.u32();

  const bool has_locator = end >= locator64_bytes &&
                           Reader(zip.data.subspan(end - locator64_bytes), zip.origin).u32() == locator64_signature;
  if (has_locator) {
    Reader locator(zip.data.subspan(end - locator64_bytes + 8), zip.origin);
    const uint64_t at = locator.u64();
    if (at > end || end - at < end64_bytes) malformed(zip, "its ZIP64 record lies outside the file");
    Reader record64(zip.data.subspan(at), zip.origin);
    if (record64.u32() != end64_signature) malformed(zip, "its ZIP64 record has no signature");
    record64.skip(28);
    directory.entries = record64.u64();
    directory.bytes = record64.u64();
    directory.offset = record64.u64();
  } else if (disk != 0 || directory_disk != 0 || entries_here != directory.entries) {
    malformed(zip, "it is one part of a divided archive");
  }
  if (directory.offset > end || directory.bytes > end - directory.offset) {
    malformed(zip, "its directory lies outside the file");
  }
  if (directory.entries > directory.bytes / central_bytes) malformed(zip, "its directory is too short for its entries");
  return directory;
}

/// Replaces the fields that a directory entry leaves to its ZIP64 extra field, in the order they come there.
void read_zip64_extra(ZipMember& member, std::span<const std::byte> extra, const std::string& origin) {
  Reader fields(extra, origin);
  while (fields.left() >= 4) {
    const uint16_t id = fields.u16();
    Reader field(fields.take(fields.u16()), origin);
    if (id != zip64_extra) continue;
    for (uint64_t* value : {&member.bytes, &member.packed_bytes, &member.header_offset}) {
      if (*value == in_zip64) *value = field.u64();
    }
    return;
  }
}

ZipMember read_entry(Reader& directory, const Bytes& zip) {
  if (directory.u32() != central_signature) malformed(zip, "an entry of its directory has no signature");
  ZipMember member;
  directory.skip(4);
  const uint16_t flags = directory.u16(), method = directory.u16();
  directory.skip(4);
  member.crc = directory.u32();
  member.packed_bytes = directory.u32();
  member.bytes = directory.u32();
  const uint16_t name_bytes = directory.u16(), extra_bytes = directory.u16(), comment_bytes = directory.u16();
  directory.skip(8);
  member.header_offset = directory.u32();
  member.name = text_of(directory.take(name_bytes));
  read_zip64_extra(member, directory.take(extra_bytes), zip.origin);
  directory.skip(comment_bytes);

  const auto refuse = [&](const auto&... what) {
    fail(ErrorCode::io, zip.origin, ": member '", printable(member.name), "' ", what...);
  };
  if ((flags & flag_encrypted) != 0) refuse("is encrypted");
  if (method != method_stored && method != method_deflated) {
    refuse("uses ZIP method ", method, "; stored (0) and deflated (8) are read");
  }
  member.deflated = method == method_deflated;
  if (!member.deflated && member.packed_bytes != member.bytes) refuse("is stored, but with two different sizes");
  if (member.bytes / deflate_ratio > member.packed_bytes) refuse("claims to expand more than deflate can");
  return member;
}

/// The bytes of a member as they lie in the archive.
std::span<const std::byte> packed_data(const Bytes& zip, const ZipMember& member) {
  const auto outside = [&] {
    fail(ErrorCode::io, zip.origin, ": truncated or malformed .npz: member '", printable(member.name),
         "' lies outside the file");
  };
  if (member.header_offset > zip.data.size()) outside();
  Reader header(zip.data.subspan(member.header_offset), zip.origin);
  if (header.left() < local_bytes) outside();
  if (header.u32() != local_signature) malformed(zip, "member '" + printable(member.name) + "' has no header");
  header.skip(22);
  const uint16_t name_bytes = header.u16(), extra_bytes = header.u16();
  if (header.left() < std::size_t{name_bytes} + extra_bytes) outside();
  if (text_of(header.take(name_bytes)) != member.name) {
    malformed(zip, "member '" + printable(member.name) + "' has another name in its header");
  }
  header.skip(extra_bytes);
  if (member.packed_bytes > header.left()) outside();
  return header.take(member.packed_bytes);
}

}  // namespace

bool is_zip(std::span<const std::byte> data) {
  constexpr std::string_view local("PK\x03\x04"), empty("PK\x05\x06");
  const std::string start = text_of(data.first(std::min<std::size_t>(data.size(), 4)));
  return start == local || start == empty;
}

std::vector<ZipMember> read_zip_directory(const Bytes& zip) {
  const Directory directory = find_directory(zip);
  Reader reader(zip.data.subspan(directory.offset, directory.bytes), zip.origin);
  std::vector<ZipMember> members;
  std::unordered_set<std::string> names;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    members.push_back(read_entry(reader, zip));
    if (!names.insert(members.back().name).second) {
      malformed(zip, "two members are called '" + printable(members.back().name) + "'");
    }
  }
  return members;
}

Bytes peek_member(const Bytes& zip, const ZipMember& member, const std::string& origin, std::size_t most) {
  const auto packed = packed_data(zip, member);
  const auto bytes = static_cast<std::size_t>(std::min<uint64_t>(most, member.bytes));
  if (!member.deflated) return {origin, packed.first(bytes), zip.owner, zip.mapped};
  const auto buffer = std::make_shared_for_overwrite<std::byte[]>(bytes);
  const std::size_t written = Inflater(packed, Deflated::raw).read({buffer.get(), bytes});
  return {origin, {buffer.get(), written}, buffer, false};
}

Bytes read_member(const Bytes& zip, const ZipMember& member, const std::string& origin) {
  const auto packed = packed_data(zip, member);
  const Bytes in{origin, packed, zip.owner, zip.mapped};
  Bytes out = in;
  if (member.deflated) {
    const auto buffer = std::make_shared_for_overwrite<std::byte[]>(member.bytes);
    Inflater inflater(packed, Deflated::raw);
    const std::size_t written = inflater.read({buffer.get(), member.bytes});
    if (written != member.bytes || !inflater.at_end()) {
      fail(ErrorCode::io, out.origin, ": damaged: does not inflate to the ", member.bytes,
           " bytes its directory gives");
    }
    out = {origin, {buffer.get(), written}, buffer, false};
  }
  const uint32_t crc = checksum(0, out.data);
  if (crc != member.crc) {
    std::ostringstream both;
    both << std::hex << crc << ", expected " << member.crc;
    fail(ErrorCode::io, out.origin, ": damaged: its CRC-32 is ", both.str());
  }
  release_pages(in);
  return out;
}

}  // namespace kindred::io
