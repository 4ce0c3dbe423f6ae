/// Time of the spectral distance a pair on one core, eigenvalues excluded: random spectra of the given kind.
#include "host/engine/operators/spectral_scorer.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

using namespace kindred;

namespace {

/// gaussian: entries N(0, 1/r); near: one operator plus 10 % of another; symmetric: real spectra.
enum Family { gaussian, near, symmetric };

std::vector<Operator> operators(index_t r, Family family) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(0, 1 / std::sqrt(static_cast<double>(r)));
  const auto draw = [&] {
    std::vector<double> a(static_cast<std::size_t>(r * r));
    for (double& v : a) v = normal(random);
    return a;
  };
  const std::vector<double> centre = draw();
  std::vector<Operator> out(64);
  for (Operator& op : out) {
    op.size = r;
    op.values = draw();
    for (index_t i = 0; i < r; ++i) {
      for (index_t j = 0; j < r; ++j) {
        const auto at = static_cast<std::size_t>(i * r + j);
        if (family == near) op.values[at] = centre[at] + 0.1 * op.values[at];
        if (family == symmetric && j > i) op.values[at] = op.values[static_cast<std::size_t>(j * r + i)];
      }
    }
    if (family == symmetric) {
      for (index_t i = 0; i < r; ++i) {
        for (index_t j = 0; j < i; ++j)
          op.values[static_cast<std::size_t>(i * r + j)] = op.values[static_cast<std::size_t>(j * r + i)];
      }
    }
  }
  return out;
}

void spectral_pair(benchmark::State& state) {
  const auto ops = operators(state.range(0), static_cast<Family>(state.range(1)));
  const auto backend = host::make_cpu_backend(1, 0);
  const auto stage = host::make_spectral_scorer(*backend, ops, {}, Spectral{}, {});
  std::vector<host::PairIndex> pairs;
  for (int i = 0; i < 64; ++i) {
    for (int j = 0; j < i; ++j) pairs.push_back({i, j});
  }
  std::vector<PairResult> out(pairs.size());
  for (auto _ : state) stage->run(pairs, out);
  state.counters["s/pair"] = benchmark::Counter(
      static_cast<double>(pairs.size()), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace

BENCHMARK(spectral_pair)->ArgNames({"r", "family"})->ArgsProduct({{5, 10, 20, 50, 100}, {gaussian, near, symmetric}});
BENCHMARK_MAIN();
