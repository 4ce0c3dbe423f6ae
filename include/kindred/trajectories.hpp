#pragma once
#include <kindred/types.hpp>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kindred {

/// One trial: `steps` x `channels` values of type T at equally spaced times, element (t, c) at
/// `data[t * time_stride + c * channel_stride]`. Non-owning and trivially copyable: the memory must
/// outlive every call that reads the view.
template <class T>
struct TrialView {
  const T* data = nullptr;
  index_t steps = 0;
  index_t channels = 0;
  index_t time_stride = 0;     ///< elements between (t, c) and (t + 1, c)
  index_t channel_stride = 1;  ///< elements between (t, c) and (t, c + 1)

  [[nodiscard]] const T& operator()(index_t t, index_t c) const { return data[t * time_stride + c * channel_stride]; }
};

/// Where the values of a recording lie.
enum class Memory {
  host,
  device,  ///< of the CUDA engine that reads it (kindred/cuda.hpp)
};

/// What was missing of a recording, and what its preparation did about it (Preprocess::nan).
struct Gaps {
  index_t values = 0;        ///< NaN among the recorded values
  index_t interpolated = 0;  ///< those of them that were interpolated
  index_t steps = 0;         ///< recorded steps that were left out, for a missing value
  index_t short_pieces = 0;  ///< pieces between them that were left out too, being shorter than one bin
  /// The recorded trial from which each piece was cut (the pieces are the trials of the set now); empty: none was cut.
  std::vector<index_t> trial_of;
  /// Steps of each recorded trial, prepared alike, as they would be without a gap; empty: none was cut.
  std::vector<index_t> whole_steps;

  /// Whether trials were cut, so that samples have lost their counterparts in other systems.
  [[nodiscard]] bool cut() const { return !whole_steps.empty(); }
};

/// One system's recording (network, checkpoint, condition): K trials of equal channel count; their
/// lengths may differ (ragged set). All trials are float32 or all are float64. Only a set that was cut at its gaps may
/// have no trial left: its fit fails, and spoils no other.
struct TrajectorySet {
  std::string name;
  std::string label;  ///< optional group, for reports and statistics
  std::variant<std::vector<TrialView<float>>, std::vector<TrialView<double>>> trials = std::vector<TrialView<double>>{};
  /// Keeps the memory behind the views alive (a mapped file, a loaded array); null for views on the
  /// caller's own memory.
  std::shared_ptr<const void> storage;
  Memory memory = Memory::host;
  /// What acts on the system from outside, such as stimuli, in the same steps and the same memory: none, or one trial
  /// of inputs for each trial of the recording, as long as it, all of equal channel count.
  std::variant<std::vector<TrialView<float>>, std::vector<TrialView<double>>> inputs = std::vector<TrialView<double>>{};
  /// Fields of Preprocess that this system sets itself, by name and as text, as its manifest gives them.
  /// Engine::preprocess follows them; a system for which that has not been done is refused elsewhere.
  std::vector<std::pair<std::string, std::string>> preprocess;
  Gaps gaps;
  /// Why its preparation (Engine::preprocess) could not be done, of a set whose values are zeros for it; empty: it
  /// could. Its fit fails with this text, and so do its pairs by metrics of recordings; no other system is spoiled.
  std::string failure;

  /// A set over the caller's memory: trials x time x channels, C order, never copied.
  template <class T>
  static TrajectorySet view(std::string name, const T* data, index_t trial_count, index_t steps, index_t channels) {
    std::vector<TrialView<T>> views;
    views.reserve(static_cast<std::size_t>(trial_count));
    for (index_t k = 0; k < trial_count; ++k) {
      views.push_back({data + k * steps * channels, steps, channels, channels, 1});
    }
    TrajectorySet set;
    set.name = std::move(name);
    set.trials = std::move(views);
    return set;
  }

  [[nodiscard]] index_t trial_count() const {
    return std::visit([](const auto& v) { return static_cast<index_t>(v.size()); }, trials);
  }
  /// Channels of the inputs; 0: there are none.
  [[nodiscard]] index_t input_count() const {
    return std::visit([](const auto& v) { return v.empty() ? 0 : v.front().channels; }, inputs);
  }
  [[nodiscard]] bool is_float32() const { return trials.index() == 0; }
  /// Channels of the first trial; 0 for a set without trials.
  [[nodiscard]] index_t channels() const {
    return std::visit([](const auto& v) { return v.empty() ? 0 : v.front().channels; }, trials);
  }
  /// Steps of trial k.
  [[nodiscard]] index_t steps(index_t k) const {
    return std::visit([k](const auto& v) { return v[static_cast<std::size_t>(k)].steps; }, trials);
  }
  /// Sum of steps over the trials.
  [[nodiscard]] index_t total_steps() const {
    return std::visit(
        [](const auto& v) {
          index_t sum = 0;
          for (const auto& trial : v) sum += trial.steps;
          return sum;
        },
        trials);
  }
};

}  // namespace kindred
