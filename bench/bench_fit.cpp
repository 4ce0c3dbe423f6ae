/// Time of one fit on one core, and the most memory that the process held above that of the recording, in units of it:
///
///     OMP_NUM_THREADS=1 bench_fit
///
///     wide_fit    64 trials x 200 steps x C units, 10 delays, rank 20, of four kinds of recordings
///     many_fit    64 x 200 x 128, 10 delays, rank 100
///     lorenz_fit  200 x 200 x 3, 33 delays at interval 6, rank 20
///
/// Times are CPU time of the process. `dgemm` is the rate of a product of order 3000 in the same run, `at_45` the
/// seconds of a fit on a core that does 45 GFLOP/s there: its time times dgemm / 45e9. `memory` is of the first case of
/// a process: --benchmark_filter='units:512/kind:1'.
#include "bench/dgemm_rate.hpp"

#include <kindred/kindred.hpp>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>
#include <ctime>
#include <vector>

using namespace kindred;

namespace {

/// waves: 16 rotations seen by all units, and 10 % noise; latent: 200 latent processes of falling size, mixed;
/// walk: independent random walks; noise: white, which has no leading directions.
enum Kind { waves, latent, walk, noise };

constexpr index_t trials = 64, steps = 200;

simulate::Recording recording(index_t channels, Kind kind) {
  simulate::Random random(5, static_cast<std::uint64_t>(kind));
  simulate::Recording x(trials, steps, channels);
  const index_t sources = kind == waves ? 32 : 200;
  std::vector<double> mixing(static_cast<std::size_t>(sources * channels));
  for (double& m : mixing) m = random.normal();
  std::vector<double> state(static_cast<std::size_t>(sources));
  for (index_t k = 0; k < trials; ++k) {
    for (double& s : state) s = random.normal();
    for (index_t t = 0; t < steps; ++t) {
      double* row = x.at(k, t);
      if (kind == waves || kind == latent) {
        for (index_t i = 0; i < sources; ++i) {
          double size = 1 / (1.0 + static_cast<double>(i));
          if (kind == waves) {
            const double angle = 0.02 * static_cast<double>((i / 2 + 1) * t) + state[i / 2 * 2];
            size *= i % 2 == 0 ? std::cos(angle) : std::sin(angle);
          } else {
            state[i] = 0.95 * state[i] + 0.3 * random.normal();
            size *= state[i];
          }
          for (index_t c = 0; c < channels; ++c) row[c] += size * mixing[i * channels + c];
        }
      }
      for (index_t c = 0; c < channels; ++c) {
        const double fresh = random.normal();
        row[c] += kind == walk && t > 0           ? row[c - channels] + fresh
                  : kind == noise || kind == walk ? fresh
                                                  : 0.1 * fresh;
      }
    }
  }
  return x;
}

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

/// Fits until `state` has enough.
void fit_in(benchmark::State& state, const simulate::Recording& x, const Dmd& dmd) {
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("x", x.values.data(), x.trials, x.steps, x.channels)};
  Engine engine(Device::cpu(1));
  const simulate::Recording small = simulate::lorenz({.trials = 2});
  const std::vector<TrajectorySet> first = {
      TrajectorySet::view("first", small.values.data(), small.trials, small.steps, small.channels)};
  benchmark::DoNotOptimize(engine.fit(first, {.delays = 2, .rank = 3}));  // what the process does once
  const double before = peak_bytes();
  const std::clock_t start = std::clock();
  for (auto _ : state) {
    const OperatorSet operators = engine.fit(systems, dmd);
    state.counters["sigma_ratio"] = operators[0].facts.sigma_ratio;
    state.counters["residual"] = operators[0].facts.residual;
  }
  const double seconds =
      static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / static_cast<double>(state.iterations());
  const double memory = peak_bytes() - before;
  static const double dgemm = bench::gemm_rate<double>(cblas_dgemm);  // in the kernels that the engine chose
  state.counters["dgemm"] = dgemm;
  state.counters["at_45"] = seconds * dgemm / 45e9;
  state.counters["memory"] = memory / static_cast<double>(x.values.size() * sizeof(double));
}

void wide_fit(benchmark::State& state) {
  fit_in(state, recording(state.range(0), static_cast<Kind>(state.range(1))), {.delays = 10, .rank = 20});
}
void many_fit(benchmark::State& state) { fit_in(state, recording(128, latent), {.delays = 10, .rank = 100}); }
void lorenz_fit(benchmark::State& state) {
  fit_in(state, simulate::lorenz({}), {.delays = 33, .interval = 6, .rank = 20});
}

}  // namespace

BENCHMARK(wide_fit)
    ->ArgNames({"units", "kind"})
    ->ArgsProduct({{256, 512}, {waves, latent, walk}})
    ->ArgsProduct({{2048}, {waves, latent}})  // walks, which take the full route, would take hours
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->MeasureProcessCPUTime();
BENCHMARK(many_fit)->Iterations(3)->Unit(benchmark::kSecond)->MeasureProcessCPUTime();
BENCHMARK(lorenz_fit)->Iterations(10)->Unit(benchmark::kSecond)->MeasureProcessCPUTime();

BENCHMARK_MAIN();
