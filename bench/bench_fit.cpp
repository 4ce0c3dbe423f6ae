/// Time of one fit on one core: 64 trials x 200 steps x C units, 10 delays, rank 20, of four kinds of recordings; and the
/// most memory that the process held above that of the recording, in units of the recording.
#include <kindred/kindred.hpp>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>
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

void wide_fit(benchmark::State& state) {
  const index_t channels = state.range(0);
  const simulate::Recording x = recording(channels, static_cast<Kind>(state.range(1)));
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("x", x.values.data(), trials, steps, channels)};
  Engine engine(Device::cpu(1));
  const double before = peak_bytes();
  for (auto _ : state) {
    const OperatorSet operators = engine.fit(systems, {.delays = 10, .rank = 20});
    state.counters["sigma_ratio"] = operators[0].facts.sigma_ratio;
    state.counters["residual"] = operators[0].facts.residual;
  }
  state.counters["memory"] = (peak_bytes() - before) / static_cast<double>(x.values.size() * sizeof(double));
}

}  // namespace

BENCHMARK(wide_fit)
    ->ArgNames({"units", "kind"})
    ->ArgsProduct({{256, 512}, {waves, latent, walk}})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

BENCHMARK_MAIN();
