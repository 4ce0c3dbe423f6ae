#pragma once
/// Read access to whole files, by memory map where the system allows it.
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace kindred::io {

/// Read-only bytes, what keeps them alive, and where they come from ("x.npy", "x.npz:rates") for messages.
struct Bytes {
  std::string origin;
  std::span<const std::byte> data;
  std::shared_ptr<const void> owner;
  bool mapped = false;  ///< a stretch of a mapped file
};

/// The bytes of a file: mapped if it is a regular file, else (a pipe, or no more maps to be had) read to its end.
/// Throws Error{io} naming the path if it is missing, a folder or unreadable, and Error{cancelled} if a signal that the
/// program handles comes while a pipe has no writer or no data.
[[nodiscard]] Bytes open_file(const std::filesystem::path& path);

/// What the name of a file ends in, in lower case: ".npy" for "X.NPY".
[[nodiscard]] std::string ending_of(const std::filesystem::path& path);

/// The mapped file that an owner of open_file keeps; empty if it keeps anything else.
[[nodiscard]] std::span<const std::byte> mapped_by(const std::shared_ptr<const void>& owner);

/// Lets go of the pages of a mapped file that have been read: they leave the process's memory, and come back from disk
/// if they are read again.
void release_pages(const Bytes& bytes);

}  // namespace kindred::io
