#pragma once
/// Datasets of HDF5 files: https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html. Beside files of h5py and other programs,
/// whose axes are in the order that they give: MATLAB 7.3 files and those of GNU Octave (`save -hdf5`), whose axes are
/// stored in reversed order and are given here as the program that wrote them sees them.
#include "host/io/formats/format.hpp"

namespace kindred::io {

/// Whether the library for HDF5 is built in.
[[nodiscard]] bool has_hdf5();

/// Leaves out what the library does at the end of the process: it closes what is open then, prints a complaint where
/// damaged files have left it something that cannot be closed, and may crash after a write that failed. For a program,
/// before anything else of the library; a process that has its own uses of the library decides for itself. Every file
/// of kindred is closed when it was used.
void leave_out_hdf5_exit();

/// Whether the signature of HDF5 is where it may be: at the beginning, or after a user block of 512, 1024, ... bytes.
[[nodiscard]] bool is_hdf5(std::span<const std::byte> data);

/// The datasets "/group/x" of a file at any depth, groups and datasets bytewise by name; elements of MATLAB's cell
/// arrays "/c{2}" (all of them are the list "/c"). Soft links are followed where one is named (Stored::find); links
/// into other files, and datasets whose values lie there, are refused. Throws Error{io} if the file is damaged, or the
/// library is not built in.
[[nodiscard]] std::vector<ArrayRef> hdf5_arrays(const std::filesystem::path& file, const Bytes& bytes);

}  // namespace kindred::io
