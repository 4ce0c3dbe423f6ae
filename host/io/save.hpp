#pragma once
/// Arrays written to a file that the caller commits; as the functions of kindred/io.hpp otherwise.
#include <kindred/io.hpp>

#include "host/io/atomic_file.hpp"

#include <vector>

namespace kindred::io {

void write_npy(AtomicFile& file, const std::vector<index_t>& shape, const double* values);
void write_npz(AtomicFile& file, const std::vector<NpzArray>& arrays,
               NpzCompression compression = NpzCompression::stored);
/// .npz or .npy, as the name of the file ends; to a stream without an ending .npz.
void write_operators(AtomicFile& file, const OperatorSet& operators, OperatorArrays arrays = OperatorArrays::each);

}  // namespace kindred::io
