#include "host/engine/recordings/device_values.hpp"
#include "kernels/program/scan_values.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

constexpr index_t tile_elements = 1 << 14;

bool on_device(const TrajectorySet& system) { return system.memory == Memory::device; }

void require_device_memory(Backend& backend, const TrajectorySet& system) {
  std::visit(
      [&](const auto& trials) {
        for (std::size_t k = 0; k < trials.size(); ++k) {
          if (backend.is_device_memory(trials[k].data)) continue;
          throw Error(ErrorCode::invalid_argument, "system '" + system.name + "', trial " + std::to_string(k) +
                                                       ": expected memory of the engine's device (" +
                                                       backend.info().kind + ", " + backend.info().name +
                                                       "), the pointer is of another device or of the host");
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
  values.resize(static_cast<std::size_t>(highest - lowest + 1));
  backend.download(values.data(), trial.data + lowest, values.size() * sizeof(T));
  trial.data = values.data() - lowest;
  return trial;
}

TrajectorySet copy_of(Backend& backend, const TrajectorySet& system) {
  check_shape(system);
  require_device_memory(backend, system);
  TrajectorySet out = system;
  out.memory = Memory::host;
  std::visit(
      [&]<class T>(std::vector<TrialView<T>>& trials) {
        const auto values = std::make_shared<std::vector<std::vector<T>>>(trials.size());
        for (std::size_t k = 0; k < trials.size(); ++k) trials[k] = copy_of(backend, trials[k], (*values)[k]);
        out.storage = values;
      },
      out.trials);
  return out;
}

/// The systems of one element type, in one launch.
template <class T>
class Scan {
 public:
  using Program = kernels::ScanValues<T>;

  explicit Scan(Backend& backend) : backend_(backend) {}

  void add(std::size_t system, const std::vector<TrialView<T>>& trials) {
    const index_t channels = trials.front().channels;
    const index_t tile_steps = std::max<index_t>(1, tile_elements / channels);
    Member member{system, channels, tiles_.size(), 0};
    for (const TrialView<T>& trial : trials) {
      for (index_t t = 0; t < trial.steps; t += tile_steps) {
        const index_t steps = std::min(tile_steps, trial.steps - t);
        tiles_.push_back({trial.data + t * trial.time_stride, trial.time_stride, trial.channel_stride, steps, channels,
                          trials.front().data, trials.front().channel_stride, nullptr});
        elements_ = std::max(elements_, steps * channels);
        bytes_ += channels;
      }
    }
    member.end = tiles_.size();
    members_.push_back(member);
  }

  /// result[system] of all members.
  void run(std::span<std::optional<ValueScan>> result) {
    if (tiles_.empty()) return;
    const auto count = static_cast<index_t>(tiles_.size());
    const Buffer<unsigned char> device_varies(backend_, bytes_);
    const Buffer<double> device_largest(backend_, count);
    unsigned char* next = device_varies.data();
    for (auto& tile : tiles_) {
      tile.varies = next;
      next += tile.channels;
    }
    const Buffer<typename Program::Tile> device_tiles(backend_, std::span<const typename Program::Tile>(tiles_));
    backend_.launch<Program>({device_tiles.data(), device_largest.data(), elements_}, count);
    std::vector<unsigned char> varies(static_cast<std::size_t>(bytes_));
    std::vector<double> largest(tiles_.size());
    device_varies.download(varies);
    device_largest.download(largest);
    auto flags = varies.begin();
    for (const Member& member : members_) {
      ValueScan& scan = result[member.system].emplace();
      std::vector<unsigned char> changes(static_cast<std::size_t>(member.channels), 0);
      for (std::size_t tile = member.first; tile < member.end; ++tile) {
        scan.largest = std::max(scan.largest, largest[tile]);
        for (unsigned char& change : changes) change |= *flags++;
      }
      for (index_t c = 0; c < member.channels; ++c) {
        if (changes[static_cast<std::size_t>(c)] == 0) scan.constant_channels.push_back(c);
      }
    }
  }

 private:
  struct Member {
    std::size_t system;
    index_t channels;
    std::size_t first, end;  ///< tiles
  };

  Backend& backend_;
  std::vector<typename Program::Tile> tiles_;
  std::vector<Member> members_;
  index_t elements_ = 1, bytes_ = 0;
};

}  // namespace

std::vector<std::optional<ValueScan>> scan_device_values(Backend& backend, std::span<const TrajectorySet> systems) {
  std::vector<std::optional<ValueScan>> result(systems.size());
  Scan<float> singles(backend);
  Scan<double> doubles(backend);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    if (!on_device(systems[i])) continue;
    check_shape(systems[i]);
    require_device_memory(backend, systems[i]);
    if (systems[i].is_float32()) {
      singles.add(i, std::get<0>(systems[i].trials));
    } else {
      doubles.add(i, std::get<1>(systems[i].trials));
    }
  }
  singles.run(result);
  doubles.run(result);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    // The host's scan names the value and its place.
    if (result[i] && std::isinf(result[i]->largest)) (void)scan_values(copy_of(backend, systems[i]));
  }
  return result;
}

OnHost::OnHost(Backend& backend, std::span<const TrajectorySet> systems) : systems_(systems) {
  if (std::none_of(systems.begin(), systems.end(), on_device)) return;
  for (const TrajectorySet& system : systems) {
    copies_.push_back(on_device(system) ? copy_of(backend, system) : system);
  }
  systems_ = copies_;
}

}  // namespace kindred::host
