#include "host/engine/recordings/value_scan.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"
#include "kernels/program/scan_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

constexpr index_t tile_elements = 1 << 14;

/// max |x| over n values `stride` apart; infinite when a value is not finite.
template <class T>
double largest_magnitude(const T* x, index_t n, index_t stride) {
  T largest = 0;
  int bad = 0;
  const auto scan = [&](index_t step) {
#pragma omp simd reduction(max : largest) reduction(| : bad)
    for (index_t i = 0; i < n; ++i) {
      const T magnitude = std::abs(x[i * step]);
      bad |= !(magnitude <= std::numeric_limits<T>::max());
      largest = magnitude > largest ? magnitude : largest;
    }
  };
  stride == 1 ? scan(1) : scan(stride);
  return bad != 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(largest);
}

/// The same over a trial, walked along its denser axis.
template <class T>
double largest_magnitude(const TrialView<T>& trial) {
  if (trial.channel_stride == 1 && trial.time_stride == trial.channels) {
    return largest_magnitude(trial.data, trial.steps * trial.channels, 1);
  }
  const bool by_time = std::abs(trial.time_stride) < std::abs(trial.channel_stride);
  const index_t lines = by_time ? trial.channels : trial.steps;
  const index_t length = by_time ? trial.steps : trial.channels;
  const index_t line_stride = by_time ? trial.channel_stride : trial.time_stride;
  const index_t stride = by_time ? trial.time_stride : trial.channel_stride;
  double largest = 0;
  for (index_t l = 0; l < lines; ++l) {
    largest = std::max(largest, largest_magnitude(trial.data + l * line_stride, length, stride));
  }
  return largest;
}

/// Throws at the first value of a trial that is not finite.
template <class T>
void require_finite(const TrajectorySet& system, const TrialView<T>& trial, index_t k) {
  for (index_t t = 0; t < trial.steps; ++t) {
    for (index_t c = 0; c < trial.channels; ++c) {
      const T value = trial(t, c);
      if (!std::isfinite(value)) {
        const bool padded = std::isnan(value) && system.trial_count() > 1 && std::isnan(trial(trial.steps - 1, c));
        fail(ErrorCode::invalid_data, called(system), ", trial ", k, ", time ", t, ", channel ", c, ": the value is ",
             std::isnan(value) ? "NaN" : (value > 0 ? "Inf" : "-Inf"), ", expected a finite number",
             padded ? "; where NaN fills up shorter trials, save each trial at its own length, as one array of a "
                      ".npz, and read that with LoadOptions::npz = trials"
             : std::isnan(value) ? "; missing samples can be left out or interpolated (Preprocess::nan)"
                                 : "");
      }
    }
  }
}

template <class T>
bool is_constant(const std::vector<TrialView<T>>& trials, index_t channel) {
  const T first = trials.front()(0, channel);
  return std::all_of(trials.begin(), trials.end(), [=](const TrialView<T>& trial) {
    for (index_t t = 0; t < trial.steps; ++t) {
      if (trial(t, channel) != first) return false;
    }
    return true;
  });
}

template <class T>
ValueScan scan(const TrajectorySet& system, const std::vector<TrialView<T>>& trials) {
  ValueScan result;
  if (trials.empty()) return result;  // cut at its missing samples until nothing was left
  for (std::size_t k = 0; k < trials.size(); ++k) {
    const double largest = largest_magnitude(trials[k]);
    if (std::isinf(largest)) require_finite(system, trials[k], static_cast<index_t>(k));
    result.largest = std::max(result.largest, largest);
  }
  for (index_t c = 0; c < trials.front().channels; ++c) {
    if (is_constant(trials, c)) result.constant_channels.push_back(c);
  }
  return result;
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
  void run(std::span<ValueScan> result) {
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
    std::vector<unsigned char> varies(at(bytes_));
    std::vector<double> largest(tiles_.size());
    device_varies.download(varies);
    device_largest.download(largest);
    auto flags = varies.begin();
    for (const Member& member : members_) {
      ValueScan& scan = result[member.system];
      std::vector<unsigned char> changes(at(member.channels), 0);
      for (std::size_t tile = member.first; tile < member.end; ++tile) {
        scan.largest = std::max(scan.largest, largest[tile]);
        for (unsigned char& change : changes) change |= *flags++;
      }
      for (index_t c = 0; c < member.channels; ++c) {
        if (changes[at(c)] == 0) scan.constant_channels.push_back(c);
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

ValueScan scan_values(const TrajectorySet& system) {
  return std::visit([&](const auto& trials) { return scan(system, trials); }, system.trials);
}

void scan_on_device(Backend& backend, std::span<const TrajectorySet> systems, std::span<ValueScan> out) {
  Scan<float> singles(backend);
  Scan<double> doubles(backend);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    if (systems[i].memory != Memory::device) continue;
    if (systems[i].is_float32()) {
      singles.add(i, std::get<0>(systems[i].trials));
    } else {
      doubles.add(i, std::get<1>(systems[i].trials));
    }
  }
  singles.run(out);
  doubles.run(out);
}

}  // namespace kindred::host
