#pragma once
/// For programs that already work on a GPU: engines in the caller's stream, and recordings that lie in device memory.
/// The one header of kindred that includes the CUDA runtime's (find_package(CUDAToolkit), CUDA::cudart); it is
/// installed where kindred was built with CUDA. kindred.hpp does not include it.
///
///     cudaStream_t stream = ...;                                          // where x is computed: float or double,
///     kindred::Engine engine(kindred::cuda::on_stream(stream));           // trials x steps x channels
///     std::vector systems{kindred::cuda::view("a", x, trials, steps, channels), ...};
///     auto d = engine.pairwise(systems, kindred::Dsa{.dmd = {.delays = 33, .interval = 6, .rank = 20}});
#include <kindred/device.hpp>
#include <kindred/trajectories.hpp>

#include <cuda_runtime_api.h>

#include <string>
#include <utility>

namespace kindred::cuda {

/// CUDA device `ordinal` with all of an engine's work in `stream` (null: the default stream), so that it follows what
/// the caller has put there without a synchronisation. Calls of the engine return when their results are on the host.
/// The stream belongs to that device and outlives the engine; it must not be in capture.
[[nodiscard]] inline Device on_stream(cudaStream_t stream, int ordinal = 0) { return Device::cuda(ordinal, stream); }

/// A set over the caller's device memory: trials x steps x channels, C order; device or managed memory of the engine's
/// device. The values must be there when the engine's stream reads them: computed in that stream, or synchronised with.
///
/// Engine::fit, and with it Dsa and Spectral of recordings, read it in place: no sample crosses the bus, and the result
/// has the bits of the same values in host memory. Preprocessing and the metrics that compare sample with sample survey
/// values on the host, and make a copy there. A CPU engine, or one of another device, throws Error{invalid_argument}.
template <class T>
[[nodiscard]] TrajectorySet view(std::string name, const T* data, index_t trial_count, index_t steps,
                                 index_t channels) {
  TrajectorySet set = TrajectorySet::view(std::move(name), data, trial_count, steps, channels);
  set.memory = Memory::device;
  return set;
}

}  // namespace kindred::cuda
