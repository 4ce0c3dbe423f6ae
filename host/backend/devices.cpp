#include <kindred/device.hpp>
#include <kindred/version.hpp>

#include "host/backend/backend.hpp"
#include "host/backend/cuda_devices.hpp"

namespace kindred {

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> all = host::cuda_devices();
  all.push_back(host::make_cpu_backend(0, 0)->info());
  return all;
}

std::string cuda_unavailable_reason() { return host::cuda_absence(); }

const char* version() noexcept { return KINDRED_VERSION; }

}  // namespace kindred
