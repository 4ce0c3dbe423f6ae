#pragma once
/// Small recordings whose states are known, for tests of fits.
#include "tests/oracle/dmd.hpp"

#include <kindred/trajectories.hpp>

#include <cmath>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace kindred::test {

/// Trials of a state of four numbers seen through a random mixing, with noise. `state(t, phase)` gives it, with a phase
/// for each trial that is a standard normal draw.
template <class F>
std::vector<oracle::Trial> mixed_trials(const std::vector<index_t>& steps, index_t channels, double noise,
                                        unsigned seed, F&& state) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> mixing(static_cast<std::size_t>(4 * channels));
  for (double& v : mixing) v = normal(random);
  std::vector<oracle::Trial> trials;
  for (const index_t length : steps) {
    const double phase = normal(random);
    oracle::Trial trial;
    for (index_t t = 0; t < length; ++t) {
      const auto now = state(static_cast<double>(t), phase);
      std::vector<double> x;
      for (index_t c = 0; c < channels; ++c) {
        double value = noise * normal(random);
        for (std::size_t k = 0; k < 4; ++k) value += mixing[static_cast<std::size_t>(c) * 4 + k] * now[k];
        x.push_back(value);
      }
      trial.push_back(x);
    }
    trials.push_back(trial);
  }
  return trials;
}

/// Trials of several lengths as one set that owns them, in separate arrays of float64 or float32.
template <class T = double>
TrajectorySet set_of(const std::vector<oracle::Trial>& trials, const std::string& name = "x") {
  auto storage = std::make_shared<std::vector<std::vector<T>>>();
  for (const auto& trial : trials) {
    auto& flat = storage->emplace_back();
    for (const auto& x : trial) {
      for (const double v : x) flat.push_back(static_cast<T>(v));
    }
  }
  std::vector<TrialView<T>> views;
  for (std::size_t k = 0; k < trials.size(); ++k) {
    const auto channels = static_cast<index_t>(trials[k].front().size());
    views.push_back({(*storage)[k].data(), static_cast<index_t>(trials[k].size()), channels, channels, 1});
  }
  TrajectorySet out;
  out.name = name;
  out.trials = std::move(views);
  out.storage = storage;
  return out;
}

}  // namespace kindred::test
