#pragma once
/// Every metric that there is, on systems that are alike, degenerate or unrelated.
#include "tests/support/representations.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/metric_names.hpp>
#include <kindred/simulate.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kindred::test {

/// Recordings of 2 trials of 14 steps: two unrelated ones, a copy of the first, one whose channels span two dimensions,
/// one whose channels are orthogonal to the first's, and at the end a constant one. Of 3 to 6 channels, or all of 3.
inline std::vector<TrajectorySet> degenerate_systems(bool equal_widths) {
  constexpr index_t trials = 2, steps = 14, rows = trials * steps;
  simulate::Recording across = signals(trials, steps, 3, 4);
  const simulate::Recording first = signals(trials, steps, 3, 0);
  // Gram-Schmidt, twice: each channel loses its mean and its share of the first system's centred channels.
  std::vector<std::vector<double>> basis = {std::vector<double>(rows, 1.0)};
  const auto reduce = [&](std::vector<double>& v) {
    for (int again = 0; again < 2; ++again) {
      for (const auto& b : basis) {
        double along = 0, square = 0;
        for (std::size_t k = 0; k < v.size(); ++k) along += v[k] * b[k], square += b[k] * b[k];
        for (std::size_t k = 0; k < v.size(); ++k) v[k] -= along / square * b[k];
      }
    }
  };
  const auto channel = [](const simulate::Recording& x, index_t c) {
    std::vector<double> out;
    for (index_t k = 0; k < trials; ++k) {
      for (index_t t = 0; t < steps; ++t) out.push_back(x.at(k, t)[c]);
    }
    return out;
  };
  for (index_t c = 0; c < 3; ++c) {
    std::vector<double> v = channel(first, c);
    reduce(v);
    basis.push_back(std::move(v));
  }
  for (index_t c = 0; c < 3; ++c) {
    std::vector<double> v = channel(across, c);
    reduce(v);
    for (index_t k = 0; k < rows; ++k) across.at(k / steps, k % steps)[c] = v[static_cast<std::size_t>(k)];
  }
  return {simulate::own(first, "first"),
          simulate::own(signals(trials, steps, equal_widths ? 3 : 5, 1), "unrelated"),
          simulate::own(first, "copy"),
          simulate::own(low_rank_signals(trials, steps, equal_widths ? 3 : 6, 2, 5), "two dimensions"),
          simulate::own(across, "orthogonal"),
          simulate::own(simulate::Recording(trials, steps, equal_widths ? 3 : 4), "constant")};
}

/// The metric as these systems suit it: an embedding of two delays, no more directions than there are, and a search in
/// float64, in which two devices stop at the same iterate.
inline Metric for_small_systems(std::string_view name) {
  Metric metric = make_metric(name);
  std::visit(
      []<class M>(M& m) {
        if constexpr (requires { m.dmd; }) {
          m.dmd.delays = 2, m.dmd.rank = 3, m.dmd.rank_excess = RankExcess::clip;
        }
        if constexpr (std::is_same_v<M, Dsa>) {
          if (m.effort != Effort::bound) m.effort = Effort::fast;
          m.precision = Precision::f64;
          m.zero_pad = true;  // of ranks that were clipped
        }
      },
      metric);
  return metric;
}

/// The systems as the metric compares them: of equal widths where it compares in shared coordinates, with two channels
/// of inputs where it needs them.
inline std::vector<TrajectorySet> systems_for(const Metric& metric) {
  auto systems = degenerate_systems(std::holds_alternative<SpectralGrassmann>(metric));
  if (!std::holds_alternative<InputDsa>(metric)) return systems;
  static const TrajectorySet stimuli = simulate::own(signals(2, 14, 2, 9), "stimuli");
  for (TrajectorySet& s : systems) s.inputs = stimuli.trials;
  return systems;
}

}  // namespace kindred::test
