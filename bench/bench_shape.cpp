/// CKA and Procrustes against the machine's own DGEMM, in one run and on one core:
///
///     bench_shape                          24 systems of 40,000 samples
///     KINDRED_BENCH_SYSTEMS=100 bench_shape --benchmark_filter='cka/128'
///     OMP_NUM_THREADS=1 bench_shape --benchmark_filter='few|thin'
///
/// The last line: recordings of 50 samples x 2,048 channels, two and 24 of them, and `thin_svds`, two thin singular
/// value decompositions of such a matrix by LAPACK's dgesdd, which is what NumPy's formulas take for a pair.
/// `rate` counts the flops of the products needed, 2 m C^2 for each pair and each system with itself; `of_dgemm` is its
/// share of the rate of DGEMM (SGEMM for float32) at order 3000; `ms_a_pair` is the time over N (N - 1) / 2. Times are
/// CPU time of the process, so that other work on the machine matters less.
#include "bench/dgemm_rate.hpp"
#include "host/engine/pairs/score_pairs.hpp"
#include "host/engine/representations/representation_scorers.hpp"
#include "kernels/program/nuclear_norm.hpp"

#include <kindred/engine.hpp>
#include <kindred/simulate.hpp>

#include <benchmark/benchmark.h>
#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

using namespace kindred;

constexpr index_t samples = 40000;

index_t system_count() {
  const char* value = std::getenv("KINDRED_BENCH_SYSTEMS");
  return value != nullptr ? std::max(2, std::atoi(value)) : 24;
}

/// Recordings without structure; the work does not depend on the values.
const std::vector<TrajectorySet>& systems(index_t channels) {
  static std::vector<TrajectorySet> sets;
  if (sets.empty() || sets.front().channels() != channels) {
    sets.clear();
    for (index_t i = 0; i < system_count(); ++i) {
      simulate::Recording recording(1, samples, channels);
      simulate::Random random(1, static_cast<std::uint64_t>(i));
      for (double& x : recording.values) x = random.uniform();
      sets.push_back(simulate::own(std::move(recording), "system " + std::to_string(i)));
    }
  }
  return sets;
}

host::Backend& backend() {
  static const auto one_core = host::make_cpu_backend(1, std::size_t{12} << 30);
  return *one_core;
}

/// Flops a second of a large product, measured once a type.
double dgemm_rate() {
  static const double rate = (backend(), bench::gemm_rate<double>(cblas_dgemm));
  return rate;
}
double sgemm_rate() {
  static const double rate = (backend(), bench::gemm_rate<float>(cblas_sgemm));
  return rate;
}

/// `self`: the product of each system with itself is needed too.
void report(benchmark::State& state, index_t channels, bool self, double gemm) {
  const auto n = static_cast<double>(system_count()), c = static_cast<double>(channels);
  const double pairs = n * (n - 1) / 2;
  const double flops = 2.0 * samples * c * c * (pairs + (self ? n : 0)) * static_cast<double>(state.iterations());
  state.counters["rate"] = benchmark::Counter(flops, benchmark::Counter::kIsRate);
  state.counters["of_dgemm"] = benchmark::Counter(flops / gemm, benchmark::Counter::kIsRate);
  state.counters["ms_a_pair"] = benchmark::Counter(pairs * static_cast<double>(state.iterations()) / 1000,
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <class M>
void compare_all(benchmark::State& state, const M& metric, bool self) {
  const index_t channels = state.range(0);
  const auto& sets = systems(channels);
  std::vector<std::string> names;
  for (const auto& set : sets) names.push_back(set.name);
  const double gemm = metric.precision == ProductPrecision::f32 ? sgemm_rate() : dgemm_rate();
  for (auto _ : state) {
    DistanceMatrix out(names);
    const auto scorer = host::make_scorer(backend(), {sets, {}, true}, metric, {});
    host::score_pairs(*scorer, PairSet::all(system_count()), 0, {}, nullptr, out);
    benchmark::DoNotOptimize(out);
  }
  report(state, channels, self, gemm);
}

void dgemm(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench::gemm_rate<double>(cblas_dgemm));
  state.counters["rate"] = dgemm_rate();
}

void cka(benchmark::State& state) { compare_all(state, Cka{}, true); }
void cka_f32(benchmark::State& state) { compare_all(state, Cka{.precision = ProductPrecision::f32}, true); }
void procrustes(benchmark::State& state) { compare_all(state, Procrustes{}, false); }

/// Nuclear norms alone: pairs of recordings with as many samples as channels, so that their product costs little.
void singular_values(benchmark::State& state) {
  const index_t channels = state.range(0), blocks = 16;
  simulate::Random random(5);
  std::vector<double> values(static_cast<std::size_t>(channels * channels * blocks));
  for (double& x : values) x = random.normal();
  std::vector<kernels::Block> list;
  for (index_t b = 0; b < blocks; ++b) list.push_back({b * channels * channels, channels, channels, false});
  const host::Buffer<double> device_tile(backend(), std::span<const double>(values)), norms(backend(), blocks);
  const host::Buffer<kernels::Block> device_list(backend(), std::span<const kernels::Block>(list));
  for (auto _ : state) {
    backend().launch<kernels::NuclearNorm<double>>(
        {device_tile.data(), channels, device_list.data(), norms.data(), channels, channels}, blocks);
  }
  const double product = 2.0 * samples * static_cast<double>(channels * channels) / dgemm_rate();
  const double pairs = static_cast<double>(blocks) * static_cast<double>(state.iterations());
  state.counters["ms_a_pair"] =
      benchmark::Counter(pairs / 1000, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["of_product"] =
      benchmark::Counter(pairs * product, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

constexpr index_t few = 50, wide = 2048;

/// `count` recordings of few samples and many channels.
std::vector<TrajectorySet> wide_systems(index_t count) {
  std::vector<TrajectorySet> out;
  for (index_t i = 0; i < count; ++i) {
    simulate::Recording recording(1, few, wide);
    simulate::Random random(3, static_cast<std::uint64_t>(i));
    for (double& x : recording.values) x = random.normal();
    out.push_back(simulate::own(std::move(recording), "system " + std::to_string(i)));
  }
  return out;
}

void few_samples(benchmark::State& state, const Metric& metric) {
  const auto sets = wide_systems(state.range(0));
  Engine engine(Device::cpu(1));
  for (auto _ : state) benchmark::DoNotOptimize(engine.pairwise(sets, metric));
  const double pairs = static_cast<double>(state.range(0) * (state.range(0) - 1) / 2);
  state.counters["ms_a_pair"] = benchmark::Counter(pairs * static_cast<double>(state.iterations()) / 1000,
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
void few_cka(benchmark::State& state) { few_samples(state, Cka{}); }
void few_procrustes(benchmark::State& state) { few_samples(state, Procrustes{}); }
void few_cca(benchmark::State& state) { few_samples(state, Cca{}); }

void thin_svds(benchmark::State& state) {
  simulate::Random random(4);
  std::vector<double> values(static_cast<std::size_t>(few * wide)), s(few), u(few * few), vt(values.size());
  for (double& x : values) x = random.normal();
  for (auto _ : state) {
    for (int of_pair = 0; of_pair < 2; ++of_pair) {
      std::vector<double> a = values;
      const int info =
          LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', few, wide, a.data(), few, s.data(), u.data(), few, vt.data(), few);
      if (info != 0) state.SkipWithError("dgesdd");
    }
  }
}

BENCHMARK(thin_svds)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(few_cka)->Arg(2)->Arg(24)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(few_procrustes)->Arg(2)->Arg(24)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(few_cca)->Arg(2)->Arg(24)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(dgemm)->Iterations(1)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(cka)->Arg(128)->Arg(20)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(cka_f32)->Arg(128)->Arg(20)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(procrustes)->Arg(128)->Arg(20)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(singular_values)->Arg(128)->Arg(20)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

}  // namespace

BENCHMARK_MAIN();
