#include "host/backend/cpu/cpu_info.hpp"

#include <fstream>
#include <sstream>

namespace kindred::host {
namespace {

/// Value of the first line `key ... : value` of a /proc file; empty if there is none.
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

}  // namespace

std::string cpu_model() {
  const std::string model = proc_value("/proc/cpuinfo", "model name");
  return model.empty() ? "CPU" : model;
}

std::size_t free_memory() {
  std::istringstream value(proc_value("/proc/meminfo", "MemAvailable"));
  std::size_t kilobytes = 0;
  value >> kilobytes;
  return kilobytes > 0 ? kilobytes * 1024 : std::size_t{1} << 30;
}

}  // namespace kindred::host
