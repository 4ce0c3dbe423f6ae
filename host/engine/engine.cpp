#include <kindred/engine.hpp>

#include "host/backend/backend.hpp"
#include "host/backend/cuda/cuda_devices.hpp"

namespace kindred {
namespace {

std::unique_ptr<host::Backend> make_backend(Device device, std::size_t budget) {
  switch (device.kind()) {
    case Device::Kind::cuda:
      return host::make_cuda_backend(device.number(), budget);
    case Device::Kind::best:
      if (!host::cuda_devices().empty()) return host::make_cuda_backend(0, budget);
      return host::make_cpu_backend(0, budget);
    case Device::Kind::cpu:
      break;
  }
  return host::make_cpu_backend(device.number(), budget);
}

}  // namespace

struct Engine::Impl {
  std::unique_ptr<host::Backend> backend;
  EngineOptions options;
};

Engine::Engine(Device device, EngineOptions options)
    : impl_(std::make_unique<Impl>(Impl{make_backend(device, options.memory_budget), options})) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

DeviceInfo Engine::device() const { return impl_->backend->info(); }

}  // namespace kindred
