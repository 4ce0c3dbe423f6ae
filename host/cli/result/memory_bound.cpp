#include "host/cli/result/memory_bound.hpp"

#include "host/base/memory.hpp"
#include "host/io/owners.hpp"

#include <kindred/metric_fields.hpp>

#include <algorithm>
#include <utility>

namespace kindred::cli {
namespace {

std::size_t value_bytes(const std::vector<TrajectorySet>& systems) {
  std::size_t values = 0;
  for (const TrajectorySet& system : systems) {
    values += static_cast<std::size_t>(system.total_steps() * (system.channels() + system.input_count()));
  }
  return values * sizeof(double);
}

/// Bytes of the operators that recordings will be fitted with.
std::size_t operator_bytes(std::size_t systems, const std::vector<MetricEntry>& metrics) {
  std::size_t bytes = 0;
  for (const MetricEntry& entry : metrics) {
    const Dmd* dmd = dmd_of(entry.metric);
    if (dmd == nullptr) continue;
    constexpr index_t usual = 32;  // where the data settle it
    const index_t r = dmd->rank.is_number() ? static_cast<index_t>(dmd->rank.number) : usual;
    bytes = std::max(bytes, systems * (static_cast<std::size_t>(r * r) * sizeof(double) + sizeof(Operator)));
  }
  return bytes;
}

}  // namespace

MemoryBound::MemoryBound(const DeviceOptions& device, const Sides& sides, const std::vector<MetricEntry>& metrics,
                         bool prepared, bool whole)
    : sides_(sides), given_(device.memory > 0) {
  if (whole && !sides.paired && !sides.identity) {
    const PairSet pairs = pairs_of(sides);
    // The pairs and the diagonal; and two arrays of all numbers, from which files are written.
    const auto held = static_cast<std::size_t>(pairs.count() + (pairs.symmetric() ? pairs.rows() : 0));
    matrices_ = metrics.size() * held * sizeof(PairResult) +
                2 * static_cast<std::size_t>(pairs.rows() * pairs.columns()) * sizeof(double);
  }
  const host::ProcessMemory now = host::process_memory();
  const std::size_t may = given_ ? device.memory : host::free_memory();
  const std::size_t left = may - std::min(may, now.own + (given_ ? program_bytes : 0));
  streams_ = matrices_ > left / 2;

  std::size_t mapped = 0;
  for (const Collection* side : {&sides.rows, sides.columns ? &*sides.columns : nullptr}) {
    if (side == nullptr || side->from_operators) continue;
    operators_ += operator_bytes(side->size(), metrics);
    if (prepared) copies_ += value_bytes(side->systems);
    mapped += io::mapped_bytes(side->systems);
  }
  pages_ = std::min(mapped, std::max(may / 4, std::size_t{1} << 24));
  most_pages_ = program_bytes + pages_;
}

std::size_t MemoryBound::beside() const {
  constexpr std::size_t sample = 8 << 20;  // and what else is kept of results that stream
  return operators_ + copies_ + pages_ + (streams_ ? sample : matrices_);
}

Progress MemoryBound::watching(Progress progress) const {
  if (!given_ || pages_ == 0) return progress;
  return [this, progress = std::move(progress)](const ProgressEvent& event) {
    if (host::process_memory().files > most_pages_) {
      io::release_pages(sides_.rows.systems);
      if (sides_.columns) io::release_pages(sides_.columns->systems);
    }
    return progress(event);
  };
}

}  // namespace kindred::cli
