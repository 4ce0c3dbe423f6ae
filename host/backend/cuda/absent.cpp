/// What a build without CUDA answers.
#include "host/backend/cuda/cuda_devices.hpp"

#include "host/backend/backend.hpp"

#include <kindred/error.hpp>

namespace kindred::host {

std::vector<DeviceInfo> cuda_devices() { return {}; }

std::string cuda_absence() { return "this build of kindred has no CUDA backend"; }

DeviceInfo cuda_device_info(int) { throw Error(ErrorCode::device, cuda_absence()); }

std::unique_ptr<Backend> make_cuda_backend(int, std::size_t, std::optional<void*>) {
  throw Error(ErrorCode::device, cuda_absence());
}

}  // namespace kindred::host
