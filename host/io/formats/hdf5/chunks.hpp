#pragma once
/// The chunks of a dataset, before the library reads them.
#include "host/io/formats/hdf5/library.hpp"

#include <string>
#include <vector>

namespace kindred::io::hdf5 {

/// Throws Error{io} that names `origin` unless every chunk that is stored has, without its filters, the bytes of a
/// whole chunk: the library takes that for granted and reads past the end of a shorter one. Chunks under other filters
/// than deflate, shuffle and Fletcher-32 are not looked at. `most`: bytes of the file. Cost: one read and inflation of
/// the data.
void require_whole_chunks(hid_t dataset, std::size_t element_bytes, std::size_t most, const std::string& origin);

}  // namespace kindred::io::hdf5
