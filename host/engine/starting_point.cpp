#include <kindred/prediction.hpp>

#include "host/base/parallel.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/rows.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <vector>

namespace kindred {
namespace {

using host::fail;

constexpr index_t most_samples = 4096, most_trials = 32, most_channels = 128, fewest_samples = 8;

/// Item k of `count` that are taken evenly of `all`.
index_t even(index_t k, index_t count, index_t all) { return k * all / count; }

/// Mean 0 and standard deviation 1; false: it does not change.
bool standardise(std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, squares = 0;
  for (const double v : x) mean += v / n;
  for (double& v : x) squares += (v - mean) * (v - mean);
  const double deviation = std::sqrt(squares / n);
  if (!(deviation > 1e-12 * std::abs(mean)) || deviation == 0) return false;
  for (double& v : x) v = (v - mean) / deviation;
  return true;
}

template <class T>
std::vector<double> signal_of(const TrialView<T>& trial) {
  const index_t steps = std::min(trial.steps, most_samples), channels = std::min(trial.channels, most_channels);
  std::vector<double> sum(static_cast<std::size_t>(steps), 0.0), one = sum;
  for (index_t k = 0; k < channels; ++k) {
    const index_t c = even(k, channels, trial.channels);
    for (index_t t = 0; t < steps; ++t) one[t] = static_cast<double>(trial(t, c));
    if (!standardise(one)) continue;
    for (index_t t = 0; t < steps; ++t) sum[t] += one[t];
  }
  if (steps < fewest_samples || !standardise(sum)) sum.clear();
  return sum;
}

/// The signals of the trials that are looked at.
std::vector<std::vector<double>> signals(std::span<const TrajectorySet> systems) {
  std::vector<std::vector<double>> out;
  for (const TrajectorySet& system : systems) {
    std::visit(
        [&](const auto& trials) {
          const index_t all = std::ssize(trials), count = std::min(all, most_trials);
          for (index_t k = 0; k < count; ++k) {
            std::vector<double> x = signal_of(trials[even(k, count, all)]);
            if (!x.empty()) out.push_back(std::move(x));
          }
        },
        system.trials);
  }
  return out;
}

index_t by_correlation(const std::vector<double>& x) {
  const index_t n = std::ssize(x), lags = std::max<index_t>(8, std::min(n / 4, n - 1));
  double zero = 0, tau = 1;
  for (const double v : x) zero += v * v;
  for (index_t k = 1; k <= std::min(lags, n - 1); ++k) {
    double sum = 0;
    for (index_t t = 0; t + k < n; ++t) sum += x[t] * x[t + k];
    if (sum <= 0) break;
    tau += 2 * sum / zero;
  }
  return static_cast<index_t>(std::ceil(2 * tau));
}

index_t by_period(const std::vector<double>& x) {
  const index_t n = std::ssize(x);
  const double turn = 2 * std::numbers::pi / static_cast<double>(n);
  std::vector<double> windowed, power;
  for (index_t t = 0; t < n; ++t) {
    windowed.push_back(
        x[t] * (0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(t) / static_cast<double>(n - 1))));
  }
  for (index_t f = 1; f <= n / 2; ++f) {
    // Goertzel's recurrence.
    const double twice = 2 * std::cos(turn * static_cast<double>(f));
    double s = 0, before = 0;
    for (const double v : windowed) {
      const double next = v + twice * s - before;
      before = s;
      s = next;
    }
    power.push_back(s * s + before * before - twice * s * before);
  }
  const auto peak = std::max_element(power.begin(), power.end());
  const double highest = *peak, period = static_cast<double>(n) / static_cast<double>(peak - power.begin() + 1);
  std::vector<double> positive;
  std::copy_if(power.begin(), power.end(), std::back_inserter(positive), [](double p) { return p > 0; });
  if (positive.empty()) return 0;
  const auto middle = positive.begin() + std::ssize(positive) / 2;
  std::nth_element(positive.begin(), middle, positive.end());
  const bool stands_out = highest >= 8 * *middle && period >= 8 && static_cast<double>(n) >= 3 * period;
  return stands_out ? static_cast<index_t>(std::ceil(period)) : 0;
}

/// Rank by svht of the q x (n - q + 1) Hankel matrix of a signal.
index_t hankel_rank(const std::vector<double>& x, index_t q) {
  const index_t columns = std::ssize(x) - q + 1, p = std::min(q, columns);
  std::vector<double> h, sigma(static_cast<std::size_t>(p));
  for (index_t j = 0; j < columns; ++j) h.insert(h.end(), x.begin() + j, x.begin() + j + q);
  const auto rows = static_cast<lapack_int>(q);
  lapack_int info = 0;
  host::serially([&] {
    info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', rows, static_cast<lapack_int>(columns), h.data(), rows, sigma.data(),
                          nullptr, rows, nullptr, 1);
  });
  if (info != 0) return 1;
  const double beta = static_cast<double>(p) / static_cast<double>(std::max(q, columns));
  const double omega = ((0.56 * beta - 0.95) * beta + 1.82) * beta + 1.43;
  const double limit = omega * 0.5 * (sigma[(p - 1) / 2] + sigma[p / 2]);
  return std::max<index_t>(1, std::count_if(sigma.begin(), sigma.end(), [&](double s) { return s > limit; }));
}

index_t most_delays(const std::vector<double>& x) { return std::max<index_t>(2, (std::ssize(x) + 1) / 2); }

index_t delays_of(const std::vector<double>& x) {
  const index_t n = std::ssize(x), most = most_delays(x);
  const auto by_length = static_cast<index_t>(std::ceil(2 * std::cbrt(static_cast<double>(n))));
  const index_t q =
      std::min(std::max({n < 256 ? index_t{16} : index_t{32}, by_correlation(x), by_period(x), by_length}), most);
  const double share = static_cast<double>(hankel_rank(x, q)) / static_cast<double>(q);
  return std::min(static_cast<index_t>(std::ceil(static_cast<double>(q) * (1 + share * share))), most);
}

}  // namespace

StartingPoint starting_point(std::span<const TrajectorySet> systems) {
  for (const TrajectorySet& system : systems) {
    if (system.memory == Memory::host) continue;
    fail(ErrorCode::invalid_argument, "system ", host::in_quotes(system.name),
         " lies on a device; a starting point is found of recordings in host memory");
  }
  const std::vector<std::vector<double>> all = signals(systems);
  if (all.empty()) {
    fail(ErrorCode::invalid_data, "no trial has ", fewest_samples,
         " samples that change, which a starting point is found of; state the delays");
  }
  StartingPoint out{most_delays(all.front()), 1};
  for (const auto& x : all) out.delays = std::min({out.delays, delays_of(x), most_delays(x)});
  for (const auto& x : all) out.rank = std::max(out.rank, hankel_rank(x, out.delays));
  return out;
}

}  // namespace kindred
