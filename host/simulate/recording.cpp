#include <kindred/error.hpp>
#include <kindred/simulate.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace kindred::simulate {

Recording::Recording(index_t trial_count, index_t step_count, index_t channel_count)
    : trials(trial_count), steps(step_count), channels(channel_count) {
  if (trials < 1 || steps < 1 || channels < 1) {
    throw Error(ErrorCode::invalid_argument, "a recording of " + std::to_string(trials) + " trials x " +
                                                 std::to_string(steps) + " steps x " + std::to_string(channels) +
                                                 " channels: each must be at least 1");
  }
  values.resize(static_cast<std::size_t>(trials * steps * channels));
}

TrajectorySet own(Recording recording, std::string name, std::string label) {
  const auto owner = std::make_shared<const Recording>(std::move(recording));
  auto set = TrajectorySet::view(std::move(name), owner->values.data(), owner->trials, owner->steps, owner->channels);
  set.label = std::move(label);
  set.storage = owner;
  return set;
}

void scale_to_unit(Recording& recording) {
  const index_t size = recording.steps * recording.channels;
  for (index_t k = 0; k < recording.trials; ++k) {
    double* const x = recording.at(k, 0);
    const auto [low, high] = std::minmax_element(x, x + size);
    const double minimum = *low;
    const double range = *high - minimum;
    for (index_t i = 0; i < size; ++i) x[i] = range > 0 ? (x[i] - minimum) / range : 0.0;
  }
}

}  // namespace kindred::simulate
