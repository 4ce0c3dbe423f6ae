#pragma once
#include "host/backend/backend.hpp"
#include "host/engine/recordings/value_scan.hpp"

#include <kindred/trajectories.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// A collection of recordings as the caller gave it. Made once, where it enters the engine: shapes and places are
/// checked then, and nowhere again. The values are read when somebody first asks for what depends on them.
class Recordings {
 public:
  /// `systems` must outlive this. Throws Error{invalid_data} for trials that are missing, empty or of different
  /// channels; Error{invalid_argument} for a pointer that should be memory of the backend's device and is not.
  Recordings(Backend& backend, std::span<const TrajectorySet> systems);
  Recordings(const Recordings&) = delete;
  Recordings& operator=(const Recordings&) = delete;

  [[nodiscard]] Backend& backend() const { return backend_; }
  [[nodiscard]] index_t count() const { return static_cast<index_t>(systems_.size()); }

  /// The systems where they lie: in host memory, or on the backend's device.
  [[nodiscard]] std::span<const TrajectorySet> systems() const { return systems_; }

  /// The systems in host memory: the caller's own, and copies, made at the first call, of those on the device.
  [[nodiscard]] std::span<const TrajectorySet> host();

  /// One scan a system, made at the first call where the values lie. Throws Error{invalid_data} that names the first
  /// NaN or Inf, of the inputs too.
  [[nodiscard]] std::span<const ValueScan> scans();

 private:
  Backend& backend_;
  std::span<const TrajectorySet> systems_;
  std::vector<TrajectorySet> copies_;
  std::vector<ValueScan> scans_;
};

/// The inputs of a system, all trials one after another: steps x input_count, row-major, from wherever they lie.
[[nodiscard]] std::vector<double> input_rows(Backend& backend, const TrajectorySet& system);

}  // namespace kindred::host
