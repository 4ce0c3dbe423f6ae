#include "host/engine/recordings/rows.hpp"

#include "host/base/index.hpp"

#include <algorithm>

namespace kindred::host {

std::vector<double> dense_rows(const TrajectorySet& system) {
  std::vector<double> rows;
  rows.reserve(at(system.total_steps() * system.channels()));
  for_each_row(system, [&](const double* x) { rows.insert(rows.end(), x, x + system.channels()); });
  return rows;
}

template <class T>
void copy_samples(const TrialView<T>& trial, T* out) {
  if (trial.channel_stride == 1 && trial.time_stride == trial.channels) {
    std::copy_n(trial.data, trial.steps * trial.channels, out);
    return;
  }
  for (index_t t = 0; t < trial.steps; ++t) {
    for (index_t c = 0; c < trial.channels; ++c) *out++ = trial(t, c);
  }
}

template void copy_samples(const TrialView<float>&, float*);
template void copy_samples(const TrialView<double>&, double*);

}  // namespace kindred::host
