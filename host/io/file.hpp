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
/// Throws Error{io} naming the path if it is missing, a folder or unreadable.
[[nodiscard]] Bytes open_file(const std::filesystem::path& path);

/// Says that the bytes are not needed soon: pages of a mapped file leave the process, and come back when read again.
void release_pages(const Bytes& bytes);

}  // namespace kindred::io
