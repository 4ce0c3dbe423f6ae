#include "host/base/memory.hpp"

#include <cstdlib>
#include <fstream>

namespace kindred::host {
namespace {

/// Bytes of a "1234 kB".
std::size_t proc_bytes(const char* file, const std::string& key) {
  return static_cast<std::size_t>(std::strtoull(proc_value(file, key).c_str(), nullptr, 10)) * 1024;
}

}  // namespace

std::string proc_value(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto colon = line.find(':');
    const auto start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? std::string() : line.substr(start);
  }
  return {};
}

std::size_t free_memory() {
  const std::size_t bytes = proc_bytes("/proc/meminfo", "MemAvailable");
  return bytes > 0 ? bytes : std::size_t{1} << 30;
}

ProcessMemory process_memory() {
  constexpr const char* status = "/proc/self/status";
  return {proc_bytes(status, "RssAnon"), proc_bytes(status, "RssFile") + proc_bytes(status, "RssShmem")};
}

}  // namespace kindred::host
