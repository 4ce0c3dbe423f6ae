#pragma once
#include <kindred/device.hpp>
#include <kindred/dmd.hpp>
#include <kindred/journal.hpp>
#include <kindred/metrics.hpp>
#include <kindred/trajectories.hpp>

#include <span>

namespace kindred::host {

/// What the results of comparing `rows` (with `columns`, unless symmetric) depend on. Of a metric of operators, the
/// parameters of the comparison alone: those of the fit show in the operators.
[[nodiscard]] ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const Operator> rows,
                                             std::span<const Operator> columns, bool symmetric, const Metric& metric);
/// The same of recordings, whose values lie in host memory. Cost: one read of them.
[[nodiscard]] ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const TrajectorySet> rows,
                                             std::span<const TrajectorySet> columns, bool symmetric,
                                             const Metric& metric);

}  // namespace kindred::host
