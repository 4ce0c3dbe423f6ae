#pragma once
/// What keeps the memory behind a recording alive, and which of it is a map of a file.
#include "host/io/file.hpp"

#include <kindred/trajectories.hpp>

#include <memory>
#include <span>
#include <vector>

namespace kindred::io {

/// One storage (TrajectorySet::storage) of several.
[[nodiscard]] std::shared_ptr<const void> owned_together(std::vector<std::shared_ptr<const void>> owners);

/// Bytes of files that these recordings are views of; those of a file that several share count once.
[[nodiscard]] std::size_t mapped_bytes(std::span<const TrajectorySet> systems);

/// Lets go of the pages of those files, as release_pages of Bytes.
void release_pages(std::span<const TrajectorySet> systems);

}  // namespace kindred::io
