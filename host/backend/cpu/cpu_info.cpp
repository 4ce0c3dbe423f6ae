#include "host/backend/cpu/cpu_info.hpp"

#include "host/base/memory.hpp"

namespace kindred::host {

std::string cpu_model() {
  const std::string model = proc_value("/proc/cpuinfo", "model name");
  return model.empty() ? "CPU" : model;
}

}  // namespace kindred::host
