#pragma once
#include <kindred/device.hpp>
#include <kindred/journal.hpp>
#include <kindred/metrics.hpp>

#include <span>

namespace kindred::host {

/// What the results of comparing `rows` (with `columns`, unless symmetric) depend on.
[[nodiscard]] ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const Operator> rows,
                                             std::span<const Operator> columns, bool symmetric, const Dsa& metric);
[[nodiscard]] ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const Operator> rows,
                                             std::span<const Operator> columns, bool symmetric, const Spectral& metric);

}  // namespace kindred::host
