#include "host/io/owners.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kindred::io {
namespace {

using Owners = std::vector<std::shared_ptr<const void>>;

/// By which a list of owners is told from any other storage.
struct DropOwners {
  void operator()(const Owners* owners) const { delete owners; }
};

/// Calls f(map) for every mapped file behind a storage.
template <class F>
void for_each_map(const std::shared_ptr<const void>& storage, F&& f) {
  if (std::get_deleter<DropOwners>(storage) != nullptr) {
    for (const auto& owner : *static_cast<const Owners*>(storage.get())) for_each_map(owner, f);
  } else if (const std::span<const std::byte> map = mapped_by(storage); !map.empty()) {
    f(map);
  }
}

}  // namespace

std::shared_ptr<const void> owned_together(std::vector<std::shared_ptr<const void>> owners) {
  return std::shared_ptr<const Owners>(new Owners(std::move(owners)), DropOwners());
}

std::size_t mapped_bytes(std::span<const TrajectorySet> systems) {
  std::set<const std::byte*> known;
  std::size_t sum = 0;
  for (const TrajectorySet& system : systems) {
    for_each_map(system.storage, [&](std::span<const std::byte> map) {
      if (known.insert(map.data()).second) sum += map.size();
    });
  }
  return sum;
}

void release_pages(std::span<const TrajectorySet> systems) {
  for (const TrajectorySet& system : systems) {
    for_each_map(system.storage, [](std::span<const std::byte> map) { release_pages({{}, map, nullptr, true}); });
  }
}

}  // namespace kindred::io
