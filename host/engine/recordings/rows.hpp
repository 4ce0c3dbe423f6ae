#pragma once
/// The samples of a recording on the host, all trials one after another, as float64.
#include "host/base/index.hpp"

#include <kindred/trajectories.hpp>

#include <type_traits>
#include <vector>

namespace kindred::host {

/// Calls f(row) with each row of the system, as C float64 values.
template <class F>
void for_each_row(const TrajectorySet& set, F&& f) {
  std::vector<double> row(at(set.channels()));
  std::visit(
      [&](const auto& trials) {
        for (const auto& x : trials) {
          for (index_t t = 0; t < x.steps; ++t) {
            const auto* in = x.data + t * x.time_stride;
            if constexpr (std::is_same_v<decltype(in), const double*>) {
              if (x.channel_stride == 1) {
                f(in);
                continue;
              }
            }
            for (index_t c = 0; c < x.channels; ++c) {
              row[at(c)] = static_cast<double>(in[c * x.channel_stride]);
            }
            f(static_cast<const double*>(row.data()));
          }
        }
      },
      set.trials);
}

/// All rows of a system as one m x C row-major array.
[[nodiscard]] std::vector<double> dense_rows(const TrajectorySet& system);

/// The samples of a trial in the order (time, channel), to `out`.
template <class T>
void copy_samples(const TrialView<T>& trial, T* out);

}  // namespace kindred::host
