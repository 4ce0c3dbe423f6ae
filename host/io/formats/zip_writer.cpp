/// The writing half of zip.hpp.
#include "host/io/formats/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <optional>
#include <string_view>

#include "host/io/formats/inflate.hpp"
#include "host/io/formats/zip_records.hpp"

namespace kindred::io {
namespace {

using namespace zip;
using std::uint16_t, std::uint32_t, std::uint64_t;

constexpr std::size_t member_alignment = 64;
constexpr uint16_t alignment_extra = 0xd935, flag_utf8 = 1 << 11;

/// Little-endian record under construction.
class Record {
 public:
  Record& u16(uint64_t v) { return number(v, 2); }
  Record& u32(uint64_t v) { return number(v, 4); }
  Record& u64(uint64_t v) { return number(v, 8); }
  Record& bytes(std::string_view text) {
    text_ += text;
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Record& number(uint64_t v, int n) {
    for (int i = 0; i < n; ++i) text_ += static_cast<char>(v >> (8 * i) & 0xff);
    return *this;
  }
  std::string text_;
};

/// Raw deflate of several pieces of one member.
class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  void add(std::span<const std::byte> data, bool last) {
    int result = Z_OK;
    do {
      if (written_ == out_.size()) out_.resize(std::max<std::size_t>(2 * written_, 1 << 16));
      const std::size_t in = std::min(data.size(), zlib_piece), room = std::min(out_.size() - written_, zlib_piece);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
      stream_.avail_in = static_cast<uInt>(in);
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data() + written_);
      stream_.avail_out = static_cast<uInt>(room);
      result = deflate(&stream_, last && in == data.size() ? Z_FINISH : Z_NO_FLUSH);
      data = data.subspan(in - stream_.avail_in);
      written_ += room - stream_.avail_out;
    } while (!data.empty() || (last && result != Z_STREAM_END));
  }
  [[nodiscard]] std::span<const std::byte> packed() const { return {out_.data(), written_}; }

 private:
  z_stream stream_ = {};
  std::vector<std::byte> out_;
  std::size_t written_ = 0;
};

constexpr uint16_t version_plain = 20, version_zip64 = 45;
constexpr uint32_t dos_epoch = 0x00210000;  // 1980-01-01 00:00: the same arrays give the same file

bool needs_zip64(const ZipMember& m) { return std::max({m.bytes, m.packed_bytes, m.header_offset}) >= in_zip64; }

}  // namespace

void ZipWriter::add(const std::string& name, std::span<const std::byte> head, std::span<const std::byte> body) {
  ZipMember m{name,
              deflate_,
              checksum(checksum(0, head), body),
              head.size() + body.size(),
              head.size() + body.size(),
              file_.bytes_written()};
  std::optional<Deflater> deflater;
  if (deflate_) {
    deflater.emplace();
    deflater->add(head, false);
    deflater->add(body, true);
    m.packed_bytes = deflater->packed().size();
  }
  Record extra;
  if (needs_zip64(m)) extra.u16(zip64_extra).u16(16).u64(m.bytes).u64(m.packed_bytes);
  if (!deflate_) {
    // id (2), length (2), alignment (2), zeros: so that the data begins at a multiple of 64 bytes.
    const std::size_t start = m.header_offset + local_bytes + name.size() + extra.text().size() + 6;
    const std::size_t padding = (member_alignment - start % member_alignment) % member_alignment;
    extra.u16(alignment_extra).u16(2 + padding).u16(member_alignment).bytes(std::string(padding, '\0'));
  }
  Record header;
  const bool zip64 = needs_zip64(m);
  header.u32(local_signature).u16(zip64 ? version_zip64 : version_plain).u16(flag_utf8);
  header.u16(deflate_ ? method_deflated : method_stored).u32(dos_epoch).u32(m.crc);
  header.u32(zip64 ? in_zip64 : m.packed_bytes).u32(zip64 ? in_zip64 : m.bytes);
  header.u16(name.size()).u16(extra.text().size()).bytes(name).bytes(extra.text());
  file_.write(header.text());
  if (deflate_) {
    file_.write(deflater->packed().data(), deflater->packed().size());
  } else {
    file_.write(head.data(), head.size());
    file_.write(body.data(), body.size());
  }
  members_.push_back(std::move(m));
}

void ZipWriter::finish() {
  const uint64_t offset = file_.bytes_written();
  for (const ZipMember& m : members_) {
    const bool zip64 = needs_zip64(m);
    Record extra;
    if (zip64) extra.u16(zip64_extra).u16(24).u64(m.bytes).u64(m.packed_bytes).u64(m.header_offset);
    const uint16_t version = zip64 ? version_zip64 : version_plain;
    Record entry;
    entry.u32(central_signature).u16(version).u16(version).u16(flag_utf8);
    entry.u16(m.deflated ? method_deflated : method_stored).u32(dos_epoch).u32(m.crc);
    entry.u32(zip64 ? in_zip64 : m.packed_bytes).u32(zip64 ? in_zip64 : m.bytes);
    entry.u16(m.name.size()).u16(extra.text().size()).u16(0).u16(0).u16(0).u32(0);
    entry.u32(zip64 ? in_zip64 : m.header_offset).bytes(m.name).bytes(extra.text());
    file_.write(entry.text());
  }
  const uint64_t end64 = file_.bytes_written(), bytes = end64 - offset, entries = members_.size();
  const bool zip64 = entries >= 0xffff || offset >= in_zip64 || bytes >= in_zip64;
  Record end;
  if (zip64) {
    end.u32(end64_signature).u64(end64_bytes - 12).u16(version_zip64).u16(version_zip64).u32(0).u32(0);
    end.u64(entries).u64(entries).u64(bytes).u64(offset);
    end.u32(locator64_signature).u32(0).u64(end64).u32(1);
  }
  const uint64_t short_entries = zip64 ? 0xffff : entries;
  end.u32(end_signature).u16(0).u16(0).u16(short_entries).u16(short_entries);
  end.u32(zip64 ? in_zip64 : bytes).u32(zip64 ? in_zip64 : offset).u16(0);
  file_.write(end.text());
}

}  // namespace kindred::io
