/// The door to the CUDA backend: a module that is loaded where a CUDA driver is, a part of this library
/// (static builds), or absent.
#include "host/backend/cuda_devices.hpp"

#include "host/backend/backend.hpp"
#include "host/backend/cuda/parts.hpp"
#include "host/backend/openblas.hpp"

#include <omp.h>

#include <kindred/error.hpp>

#if defined(KINDRED_CUDA_MODULE)
#include "host/backend/modules.hpp"

#include <dlfcn.h>
#endif

namespace kindred::host {
namespace {

struct Found {
  const cuda::Parts* parts;  ///< null: there is no CUDA backend
  std::string problem;
};

#if defined(KINDRED_CUDA_MODULE)
/// True where a CUDA driver is, or something has loaded the CUDA runtime, which then knows.
bool can_have_devices() {
  return dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr ||
         dlopen(KINDRED_CUDA_RUNTIME, RTLD_LAZY | RTLD_NOLOAD) != nullptr;
}

Found find() {
  if (!can_have_devices()) return {nullptr, "no CUDA driver is installed"};
  const auto file = find_module("cuda");
  if (file.empty()) return {nullptr, "there is a CUDA driver, but libkindred_cuda.so was not installed with kindred"};
  const Module module = load_module(file);
  if (module.interface == nullptr) return {nullptr, "the CUDA backend cannot be loaded: " + module.problem};
  return {static_cast<const cuda::Parts*>(module.interface), {}};
}
#elif defined(KINDRED_CUDA_LINKED)
Found find() { return {&cuda::parts, {}}; }
#else
Found find() { return {nullptr, "this build of kindred has no CUDA backend"}; }
#endif

const Found& found() {
  static const Found once = find();
  return once;
}

}  // namespace

std::vector<DeviceInfo> cuda_devices() {
  return found().parts != nullptr ? found().parts->devices() : std::vector<DeviceInfo>();
}

std::string cuda_absence() { return found().parts != nullptr ? found().parts->absence() : found().problem; }

std::unique_ptr<Backend> make_cuda_backend(int ordinal, std::size_t memory_budget, std::optional<void*> stream) {
  const auto count = static_cast<int>(cuda_devices().size());
  if (count == 0) throw Error(ErrorCode::device, "cannot compute on a CUDA device: " + cuda_absence());
  if (ordinal < 0 || ordinal >= count) {
    throw Error(ErrorCode::device, "there is no CUDA device " + std::to_string(ordinal) + ": this machine has " +
                                       std::to_string(count) + " (0 .. " + std::to_string(count - 1) + ")");
  }
  choose_openblas_kernels();  // for the engine's steps on the host
  reserve_openblas_memory(omp_get_max_threads());
  return found().parts->make_backend(ordinal, memory_budget, stream);
}

}  // namespace kindred::host
