#include "host/engine/recordings/recordings.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include "host/engine/recordings/rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

namespace kindred::host {
namespace {

bool on_device(const TrajectorySet& system) { return system.memory == Memory::device; }

void require_device_memory(Backend& backend, const TrajectorySet& system) {
  std::visit(
      [&](const auto& trials) {
        for (std::size_t k = 0; k < trials.size(); ++k) {
          if (backend.is_device_memory(trials[k].data)) continue;
          fail(ErrorCode::invalid_argument, called(system), ", trial ", k, ": expected memory of the engine's device (",
               backend.info().kind, ", ", backend.info().name, "), the pointer is of another device or of the host");
        }
      },
      system.trials);
}

/// One trial in host memory, in a view of the same strides: all elements between its lowest and highest address.
template <class T>
TrialView<T> copy_of(Backend& backend, TrialView<T> trial, std::vector<T>& values) {
  const index_t time = (trial.steps - 1) * trial.time_stride, channel = (trial.channels - 1) * trial.channel_stride;
  const index_t lowest = std::min<index_t>(time, 0) + std::min<index_t>(channel, 0);
  const index_t highest = std::max<index_t>(time, 0) + std::max<index_t>(channel, 0);
  values.resize(at(highest - lowest + 1));
  backend.download(values.data(), trial.data + lowest, values.size() * sizeof(T));
  trial.data = values.data() - lowest;
  return trial;
}

TrajectorySet copy_of(Backend& backend, const TrajectorySet& system) {
  TrajectorySet out = system;
  out.memory = Memory::host;
  std::visit(
      [&]<class T>(std::vector<TrialView<T>>& trials) {
        const auto values = std::make_shared<std::vector<std::vector<T>>>(trials.size());
        for (std::size_t k = 0; k < trials.size(); ++k) trials[k] = copy_of(backend, trials[k], (*values)[k]);
        out.storage = values;
      },
      out.trials);
  if (system.input_count() == 0) return out;
  const TrajectorySet inputs = copy_of(backend, inputs_of(system));
  out.inputs = inputs.trials;
  out.storage = std::make_shared<std::array<std::shared_ptr<const void>, 2>>(std::array{out.storage, inputs.storage});
  return out;
}

}  // namespace

Recordings::Recordings(Backend& backend, std::span<const TrajectorySet> systems)
    : backend_(backend), systems_(systems) {
  for (const TrajectorySet& system : systems) {
    check_shape(system);
    if (on_device(system)) require_device_memory(backend, system);
  }
}

std::span<const TrajectorySet> Recordings::host() {
  if (std::none_of(systems_.begin(), systems_.end(), on_device)) return systems_;
  if (copies_.empty()) {
    for (const TrajectorySet& system : systems_) {
      copies_.push_back(on_device(system) ? copy_of(backend_, system) : system);
    }
  }
  return copies_;
}

std::vector<double> input_rows(Backend& backend, const TrajectorySet& system) {
  const TrajectorySet inputs = inputs_of(system);
  return dense_rows(on_device(inputs) ? copy_of(backend, inputs) : inputs);
}

std::span<const ValueScan> Recordings::scans() {
  if (!scans_.empty()) return scans_;
  std::vector<ValueScan> scans(systems_.size());
  scan_on_device(backend_, systems_, scans);
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    // The host's scan names the value and its place.
    if (on_device(systems_[i]) && std::isinf(scans[i].largest)) (void)scan_values(copy_of(backend_, systems_[i]));
  }
  for_each_on_host(backend_, count(), [&](index_t i) {
    const auto k = at(i);
    if (!on_device(systems_[k])) scans[k] = scan_values(systems_[k]);
  });
  for (const TrajectorySet& system : systems_) {
    if (system.input_count() == 0) continue;
    const TrajectorySet inputs = inputs_of(system);
    (void)scan_values(on_device(inputs) ? copy_of(backend_, inputs) : inputs);
  }
  scans_ = std::move(scans);
  return scans_;
}

}  // namespace kindred::host
