#pragma once
/// What memory there is, and what this process holds of it, as Linux counts.
#include <cstddef>
#include <string>

namespace kindred::host {

/// Value of the first line `key ... : value` of a file of /proc; empty if there is none.
[[nodiscard]] std::string proc_value(const char* file, const std::string& key);

/// Bytes that processes can still have; 1 GiB where the system does not say.
[[nodiscard]] std::size_t free_memory();

/// Resident bytes of this process.
struct ProcessMemory {
  std::size_t own = 0;    ///< its own memory
  std::size_t files = 0;  ///< pages of files that it has mapped: the program, its libraries, inputs
};
[[nodiscard]] ProcessMemory process_memory();

}  // namespace kindred::host
