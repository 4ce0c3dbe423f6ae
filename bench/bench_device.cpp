/// Throughput of one device, in one command:   bench_device [--device cpu|cuda|cuda:K] [--pairs 1000]
/// Its ceilings (large products, streaming copies) as measured in the same run; fits of the paper's Lorenz shape; pairs
/// of operators by DSA at r = 10, 20, 50, 100 in both precisions, and by the spectral distance. Markdown on standard
/// output.
#include "host/backend/backend.hpp"

#include <kindred/kindred.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
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

/// Fits a second of 200 trials x 200 steps x 3 channels, 33 delays of 6 steps, rank 20.
double fits_per_second(Engine& engine, index_t count) {
  constexpr index_t trials = 200, steps = 200, channels = 3;
  std::mt19937_64 generator(2);
  std::normal_distribution<double> normal;
  std::vector<double> x(static_cast<std::size_t>(trials * steps * channels));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(0.01 * static_cast<double>(i)) + normal(generator);
  const std::vector<TrajectorySet> systems(static_cast<std::size_t>(count),
                                           TrajectorySet::view("noise", x.data(), trials, steps, channels));
  const Dmd dmd{.delays = 33, .interval = 6, .rank = 20};
  return static_cast<double>(count) / seconds([&] { (void)engine.fit(systems, dmd); });
}

void pairs_row(Engine& engine, const char* name, index_t r, index_t pairs, const Metric& metric) {
  // n systems have n (n - 1) / 2 pairs.
  const auto n = static_cast<index_t>(std::ceil(0.5 + std::sqrt(0.25 + 2 * static_cast<double>(pairs))));
  const OperatorSet set = gaussians(n, r);
  DistanceMatrix d;
  const double t = seconds([&] { d = engine.pairwise(set, metric); });
  double refinements = 0;
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < i; ++j) refinements += d.at(i, j).refinements;
  }
  const double count = static_cast<double>(n * (n - 1) / 2);
  std::printf("| %s | %lld | %.0f | %.1f |\n", name, static_cast<long long>(r), count / t, refinements / count);
  std::fflush(stdout);
}

int run(const std::string& name, index_t pairs) {
  const bool cuda = name.rfind("cuda", 0) == 0;
  const int ordinal = name.rfind("cuda:", 0) == 0 ? std::atoi(name.c_str() + 5) : 0;
  const auto backend = cuda ? host::make_cuda_backend(ordinal, 0) : host::make_cpu_backend(0, 0);
  Engine engine(cuda ? Device::cuda(ordinal) : Device::cpu());
  const DeviceInfo info = engine.device();
  std::printf("Measured on %s: %s, %s.\n\n", info.kind.c_str(), info.name.c_str(), info.detail.c_str());

  const index_t n = cuda ? 8192 : 1024, rows = cuda ? 1 << 20 : 1 << 16;
  std::printf("| ceiling | value |\n|---|---|\n");
  std::printf("| float64 product, n = %lld | %.0f GFLOP/s |\n", static_cast<long long>(n),
              gemm_gflops<double>(*backend, n));
  std::printf("| float32 product, n = %lld | %.0f GFLOP/s |\n", static_cast<long long>(n),
              gemm_gflops<float>(*backend, n));
  std::printf("| streaming copy, %lld MB | %.0f GB/s |\n\n", static_cast<long long>(rows * 1024 >> 20),
              copy_gbytes(*backend, rows, 128));

  const double fits = fits_per_second(engine, cuda ? 256 : 8);
  constexpr double samples = 200.0 * 200 * 3, entries = 200.0 * 8 * 99;  // values read; embedding written
  std::printf("| fits, 200 x 200 x 3, 99 columns, rank 20 | fits/s | embedding, GB/s |\n|---|---|---|\n");
  std::printf("| float64 | %.1f | %.2f |\n\n", fits, 8e-9 * (samples + entries) * fits);

  std::printf("| pairs | r | pairs/s | refinements a pair |\n|---|---|---|---|\n");
  for (const index_t r : {10, 20, 50, 100}) {
    pairs_row(engine, "dsa, mixed", r, pairs, Dsa{});
    pairs_row(engine, "dsa, f64", r, pairs, Dsa{.precision = Precision::f64});
    pairs_row(engine, "spectral", r, pairs, Spectral{});
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string device = "cpu";
  index_t pairs = 1000;
  for (int k = 1; k + 1 < argc; k += 2) {
    if (std::string(argv[k]) == "--device") device = argv[k + 1];
    if (std::string(argv[k]) == "--pairs") pairs = std::atoll(argv[k + 1]);
  }
  try {
    return run(device, pairs);
  } catch (const Error& e) {
    std::fprintf(stderr, "bench_device: %s\n", e.what());
    return 1;
  }
}
