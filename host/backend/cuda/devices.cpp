#include "host/backend/cuda/devices.hpp"

#include "host/backend/cuda/check.hpp"
#include "host/base/build_id.hpp"

namespace kindred::host::cuda {
namespace {

/// Number of CUDA devices; what keeps it at zero goes to `reason`.
int device_count(std::string* reason) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess && count > 0) return count;
  (void)cudaGetLastError();
  if (reason != nullptr) {
    int driver = 0;
    if (status == cudaErrorInsufficientDriver && cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) {
      *reason = "no CUDA driver is installed";
    } else if (status == cudaSuccess || status == cudaErrorNoDevice) {
      *reason = "the CUDA driver sees no device";
    } else {
      *reason = std::string("CUDA reports: ") + cudaGetErrorString(status);
    }
  }
  return 0;
}

}  // namespace

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> all;
  const int count = device_count(nullptr);
  for (int ordinal = 0; ordinal < count; ++ordinal) all.push_back(device_info(ordinal));
  return all;
}

std::string absence() {
  std::string reason;
  device_count(&reason);
  return reason;
}

DeviceInfo device_info(int ordinal) {
  cudaDeviceProp p{};
  check(cudaGetDeviceProperties(&p, ordinal), "cudaGetDeviceProperties");
  return {"cuda", p.name,
          "compute capability " + std::to_string(p.major) + "." + std::to_string(p.minor) + ", " +
              std::to_string(p.multiProcessorCount) + " multiprocessors, " + std::to_string(p.totalGlobalMem >> 20) +
              " MiB",
          std::string(p.name) + ", kernels " + build_id()};
}

}  // namespace kindred::host::cuda
