#ifdef KINDRED_HAVE_HDF5
#include "host/io/formats/hdf5/chunks.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "host/base/text.hpp"
#include "host/io/formats/inflate.hpp"

namespace kindred::io::hdf5 {
namespace {

using host::fail;

constexpr std::size_t checksum_bytes = 4;  // of Fletcher-32

struct Chunks {
  std::vector<H5Z_filter_t> filters;
  std::vector<hsize_t> lengths, chunk;
  std::size_t bytes = 0;  ///< of a whole one
};

/// Nothing if there are filters that this file does not know.
std::optional<Chunks> chunks_of(hid_t dataset, std::size_t element_bytes) {
  Chunks out;
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose), space(H5Dget_space(dataset), H5Sclose);
  const int filters = H5Pget_nfilters(properties.get());
  for (int k = 0; k < filters; ++k) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(properties.get(), static_cast<unsigned>(k), &flags, &values, nullptr, 0, nullptr, &config);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32) return {};
    out.filters.push_back(filter);
  }
  out.lengths.resize(H5S_MAX_RANK);
  out.chunk.resize(H5S_MAX_RANK);
  const int axes = H5Sget_simple_extent_dims(space.get(), out.lengths.data(), nullptr);
  if (axes < 1 || H5Pget_chunk(properties.get(), H5S_MAX_RANK, out.chunk.data()) != axes) return {};
  out.lengths.resize(static_cast<std::size_t>(axes));
  out.chunk.resize(static_cast<std::size_t>(axes));
  out.bytes = element_bytes;
  for (const hsize_t n : out.chunk) out.bytes *= n;
  if (out.bytes == 0) return {};
  return out;
}

/// Bytes of a chunk once the filters that `skipped` does not name are undone; nothing if they cannot be.
std::optional<std::size_t> unpacked_bytes(const Chunks& chunks, std::span<const std::byte> packed, unsigned skipped,
                                          std::vector<std::byte>& scratch) {
  std::size_t bytes = packed.size();
  for (std::size_t k = chunks.filters.size(); k-- > 0;) {
    if ((skipped >> k & 1U) != 0) continue;
    if (chunks.filters[k] == H5Z_FILTER_FLETCHER32) {
      if (bytes < checksum_bytes) return {};
      bytes -= checksum_bytes;
    } else if (chunks.filters[k] == H5Z_FILTER_DEFLATE) {
      if (bytes > packed.size()) return {};  // deflated twice: nobody does
      scratch.resize(chunks.bytes + checksum_bytes * chunks.filters.size() + 1);
      bytes = Inflater(packed.first(bytes), Deflated::zlib).read(scratch);
    }
  }
  return bytes;
}

}  // namespace

void require_whole_chunks(hid_t dataset, std::size_t element_bytes, std::size_t most, const std::string& origin) {
  const auto chunks = chunks_of(dataset, element_bytes);
  if (!chunks) return;
  const auto damaged = [&](const auto&... what) {
    fail(ErrorCode::io, origin, ": damaged: its values cannot be read (", what..., ")");
  };
  std::vector<std::byte> packed, scratch;
  std::vector<hsize_t> at(chunks->chunk.size(), 0);
  for (bool more = true; more;) {
    hsize_t bytes = 0;
    haddr_t address = HADDR_UNDEF;
    unsigned mask = 0;  // of filters that were left out
    const herr_t known = H5Dget_chunk_info_by_coord(dataset, at.data(), &mask, &address, &bytes);
    if (known >= 0 && address != HADDR_UNDEF) {
      if (bytes > most) damaged("a chunk claims ", bytes, " bytes");
      packed.resize(bytes);
      std::uint32_t skipped = mask;
      if (H5Dread_chunk(dataset, H5P_DEFAULT, at.data(), &skipped, packed.data()) < 0) damaged(last_error());
      const auto unpacked = unpacked_bytes(*chunks, packed, skipped, scratch);
      if (!unpacked || *unpacked != chunks->bytes) {
        damaged("a chunk holds ", unpacked.value_or(0), " bytes, expected ", chunks->bytes);
      }
    }
    more = false;
    for (std::size_t k = at.size(); k-- > 0 && !more;) {  // the next one, last axis fastest
      at[k] += chunks->chunk[k];
      more = at[k] < chunks->lengths[k];
      if (!more) at[k] = 0;
    }
  }
}

}  // namespace kindred::io::hdf5
#endif
