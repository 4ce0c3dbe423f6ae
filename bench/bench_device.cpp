/// Throughput of one device, in one command:   bench_device [--device cpu|cuda|cuda:K] [--pairs 1000] [--quick]
/// Its ceilings (large products, streaming copies) as measured in the same run; fits of the paper's Lorenz shape; pairs
/// of operators by DSA at r = 10, 20, 50, 100 in both precisions, and by the spectral distance. Flops are those of the
/// r x r products that the searches count. Markdown on standard output. --quick: small sizes, to see that everything
/// runs; its figures mean nothing.
#include "host/backend/backend.hpp"
#include "host/engine/operators/pavf_scorer.hpp"
#include "host/engine/operators/spectral_scorer.hpp"
#include "kernels/program/gather_rows.hpp"

#include <kindred/kindred.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace kindred;

namespace {

/// Median of three timings in seconds, after one run to warm up.
double seconds(const std::function<void()>& run) {
  std::vector<double> times;
  for (int k = 0; k < 4; ++k) {
    const auto start = std::chrono::steady_clock::now();
    run();
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin() + 1, times.end());
  return times[2];
}

OperatorSet gaussians(index_t count, index_t r) {
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal(0, 1 / std::sqrt(static_cast<double>(r)));
  OperatorSet set(static_cast<std::size_t>(count));
  for (Operator& op : set) {
    op.name = "gaussian";
    op.size = r;
    for (index_t k = 0; k < r * r; ++k) op.values.push_back(normal(generator));
  }
  return set;
}

template <class T>
double gemm_gflops(host::Backend& backend, index_t n) {
  const std::vector<T> ones(static_cast<std::size_t>(n * n), T(1));
  const host::Buffer<T> a(backend, std::span<const T>(ones)), b(backend, std::span<const T>(ones)), c(backend, n * n);
  const double t = seconds([&] {
    backend.gemm(host::GemmBatch<T>{
        .m = n, .n = n, .k = n, .a = a.data(), .lda = n, .b = b.data(), .ldb = n, .c = c.data(), .ldc = n});
    backend.synchronize();
  });
  return 2e-9 * std::pow(static_cast<double>(n), 3) / t;
}

/// Bytes read and written by a program that does nothing else.
double copy_gbytes(host::Backend& backend, index_t rows, index_t columns) {
  std::vector<index_t> order;
  for (index_t i = 0; i < rows; ++i) order.push_back(i);
  const std::vector<double> zeros(static_cast<std::size_t>(rows * columns), 0.0);
  const host::Buffer<double> in(backend, std::span<const double>(zeros)), out(backend, rows * columns);
  const host::Buffer<index_t> index(backend, std::span<const index_t>(order));
  const double t = seconds([&] {
    backend.launch<kernels::GatherRows>(
        {in.data(), columns, 1, rows * columns, index.data(), out.data(), rows, columns},
        kernels::GatherRows::items(1, rows));
    backend.synchronize();
  });
  return 16e-9 * static_cast<double>(rows * columns) / t;
}

struct Sizes {
  index_t product, copy_rows, fits, trials, pairs;
  std::vector<index_t> ranks;
};

/// Measured peaks: GFLOP/s of large products in float64 and float32, GB/s of a copy.
struct Ceilings {
  double f64, f32, copy;
};

/// Fits a second of `trials` trials x 200 steps x 3 channels, 33 delays of 6 steps, rank 20.
template <class T>
void fits_row(Engine& engine, const char* name, const Sizes& sizes, const Ceilings& ceilings) {
  constexpr index_t steps = 200, channels = 3, delays = 33, interval = 6, rank = 20;
  std::mt19937_64 generator(2);
  std::normal_distribution<double> normal;
  std::vector<T> x(static_cast<std::size_t>(sizes.trials * steps * channels));
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<T>(std::sin(0.01 * static_cast<double>(i)) + normal(generator));
  }
  const std::vector<TrajectorySet> systems(static_cast<std::size_t>(sizes.fits),
                                           TrajectorySet::view("noise", x.data(), sizes.trials, steps, channels));
  const Dmd dmd{.delays = delays, .interval = interval, .rank = rank};
  const double t = seconds([&] { (void)engine.fit(systems, dmd); }) / static_cast<double>(sizes.fits);
  // host/engine/fit/fit.hpp, the orthogonal route; the embedding is written twice, its samples are read twice.
  const double m = static_cast<double>(sizes.trials * (steps - (delays - 1) * interval)), n = delays * channels;
  const double flops = 2 * m * n * n + 12 * n * n * n + 2 * m * n * rank + 4 * m * rank * rank;
  const double bytes = 2 * (8 * m * n + static_cast<double>(x.size() * sizeof(T)));
  std::printf("| %s | %.1f | %.1f (%.0f %%) | %.2f (%.1f %%) |\n", name, 1 / t, 1e-9 * flops / t,
              1e-7 * flops / t / ceilings.f64, 1e-9 * bytes / t, 1e-7 * bytes / t / ceilings.copy);
  std::fflush(stdout);
}

using MakeScorer = std::function<std::unique_ptr<host::OperatorScorer>(const OperatorSet&)>;

/// Prepares systems and scores their pairs; `ceiling` in GFLOP/s, `element` the bytes of the search's numbers.
void pairs_row(const char* name, index_t r, index_t pairs, double ceiling, std::size_t element,
               const MakeScorer& make) {
  // n systems have n (n - 1) / 2 pairs.
  const auto n = static_cast<index_t>(std::ceil(0.5 + std::sqrt(0.25 + 2 * static_cast<double>(pairs))));
  const OperatorSet set = gaussians(n, r);
  std::vector<host::PairIndex> list;
  for (std::int32_t i = 0; i < n; ++i) {
    for (std::int32_t j = i + 1; j < n; ++j) list.push_back({i, j});
  }
  std::vector<PairResult> results(list.size());
  std::unique_ptr<host::OperatorScorer> stage;
  const double prepare = seconds([&] { stage = make(set); });
  std::int64_t products = 0;
  const double t = seconds([&] {
    const std::int64_t before = host::pavf_work(*stage).products;
    stage->run(list, results);
    products = host::pavf_work(*stage).products - before;
  });
  const auto count = static_cast<double>(list.size()), size = static_cast<double>(r), ld = 8 * std::ceil(size / 8);
  std::printf("| %s | %lld | %.0f | %.1f |", name, static_cast<long long>(r), static_cast<double>(n) / prepare,
              count / t);
  if (products > 0) {
    const double flops = 2 * size * size * size * static_cast<double>(products);
    const double bytes = count * (50 * static_cast<double>(element) + 16) * ld * ld;
    std::printf(" %.0f | %.1f (%.0f %%) | %.2f |\n", static_cast<double>(products) / count, 1e-9 * flops / t,
                1e-7 * flops / t / ceiling, 1e-9 * bytes / t);
  } else {
    std::printf(" | | |\n");
  }
  std::fflush(stdout);
}

void pairs_table(host::Backend& backend, const Sizes& sizes, const Ceilings& ceilings) {
  std::printf(
      "\n| pairs | r | systems prepared/s | pairs/s | products a pair | GFLOP/s (of the ceiling) | operands, GB/s |\n"
      "|---|---|---|---|---|---|---|\n");
  const auto dsa = [&](const Dsa& metric) {
    return [&backend, metric](const OperatorSet& set) { return host::make_pavf_scorer(backend, set, {}, metric, {}); };
  };
  for (const index_t r : sizes.ranks) {
    pairs_row("dsa, mixed", r, sizes.pairs, ceilings.f32, sizeof(float), dsa({}));
    pairs_row("dsa, mixed, fast", r, sizes.pairs, ceilings.f32, sizeof(float), dsa({.effort = Effort::fast}));
    pairs_row("dsa, f64", r, sizes.pairs, ceilings.f64, sizeof(double), dsa({.precision = Precision::f64}));
    pairs_row("spectral", r, sizes.pairs, ceilings.f64, sizeof(double),
              [&](const OperatorSet& set) { return host::make_spectral_scorer(backend, set, {}, Spectral{}, {}); });
  }
}

int run(const std::string& name, index_t pairs, bool quick) {
  const bool cuda = name.rfind("cuda", 0) == 0;
  const int ordinal = name.rfind("cuda:", 0) == 0 ? std::atoi(name.c_str() + 5) : 0;
  const auto backend = cuda ? host::make_cuda_backend(ordinal, 0) : host::make_cpu_backend(0, 0);
  Engine engine(cuda ? Device::cuda(ordinal) : Device::cpu());
  const DeviceInfo info = engine.device();
  std::printf("%s %s: %s, %s.\n\n", quick ? "Small sizes, no measurement, on" : "Measured on", info.kind.c_str(),
              info.name.c_str(), info.detail.c_str());

  Sizes sizes{1024, 1 << 16, 8, 200, pairs, {10, 20, 50, 100}};
  if (cuda) sizes = {8192, 1 << 20, 256, 200, pairs, {10, 20, 50, 100}};
  if (quick) sizes = {64, 64, 1, 4, 1, {3, 5}};
  const Ceilings ceilings{gemm_gflops<double>(*backend, sizes.product), gemm_gflops<float>(*backend, sizes.product),
                          copy_gbytes(*backend, sizes.copy_rows, 128)};
  const auto n = static_cast<long long>(sizes.product);
  std::printf("| ceiling | value |\n|---|---|\n");
  std::printf("| float64 product, n = %lld | %.0f GFLOP/s |\n", n, ceilings.f64);
  std::printf("| float32 product, n = %lld | %.0f GFLOP/s |\n", n, ceilings.f32);
  std::printf("| streaming copy, %lld kB | %.0f GB/s |\n\n", static_cast<long long>(sizes.copy_rows), ceilings.copy);

  std::printf(
      "| fits, %lld x 200 x 3, 99 columns, rank 20 | fits/s | GFLOP/s (of the ceiling) | GB/s (of a copy's) |\n",
      static_cast<long long>(sizes.trials));
  std::printf("|---|---|---|---|\n");
  fits_row<float>(engine, "float32 recordings", sizes, ceilings);
  fits_row<double>(engine, "float64 recordings", sizes, ceilings);
  pairs_table(*backend, sizes, ceilings);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string device = "cpu";
  index_t pairs = 1000;
  bool quick = false;
  for (int k = 1; k < argc; ++k) {
    const std::string option = argv[k];
    if (option == "--quick") quick = true;
    if (option == "--device" && k + 1 < argc) device = argv[++k];
    if (option == "--pairs" && k + 1 < argc) pairs = std::atoll(argv[++k]);
  }
  try {
    return run(device, pairs, quick);
  } catch (const Error& e) {
    std::fprintf(stderr, "bench_device: %s\n", e.what());
    return 1;
  }
}
