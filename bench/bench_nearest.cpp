/// Nearest neighbours of fitted operators against all pairs, and the speed of lower bounds alone.
///     bench_nearest [--per-family 250] [--rank 10] [--k 5] [--effort fast] [--threads 1] [--bounds 20000]
/// Eight families of simulated systems, seen through random maps with 1 % noise, are fitted. Printed: the share of
/// pairs that nearest has to score, its time and that of all pairs, whether the neighbours agree, quantiles of lower
/// bound over distance; then, for `--bounds` random operators, the time of neighbours by bound alone and the rate of
/// its products next to that of one large dgemm.
#include <kindred/kindred.hpp>

#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

using namespace kindred;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// One draw of a family: its parameter varies by 10 % either way.
simulate::Recording draw(int family, simulate::Random& random, std::uint64_t seed) {
  const double p = random.uniform(0.9, 1.1);
  constexpr index_t trials = 20, steps = 120;
  if (family < 3) {
    constexpr double rho[] = {28, 12, 0.5};
    return simulate::lorenz({.rho = rho[family] * p, .trials = trials, .steps = steps, .seed = seed});
  }
  if (family < 5) {
    const double mu = family == 3 ? 0.3 : 3;
    return simulate::van_der_pol({.mu = mu * p, .trials = trials, .steps = steps, .seed = seed});
  }
  if (family < 7) {
    using Shape = simulate::ContinuousAttractor::Shape;
    const Shape shape = family == 5 ? Shape::ring : Shape::line;
    return simulate::continuous_attractor(
        {.shape = shape, .pull = 2 * p, .trials = trials, .steps = steps, .seed = seed});
  }
  return simulate::linear(
      {.modes = {{0.98 * std::cos(0.2 * p), 0.98 * std::sin(0.2 * p)}, {0.9 * std::cos(p), 0.9 * std::sin(p)}},
       .trials = trials,
       .steps = steps,
       .seed = seed});
}

OperatorSet families(Engine& engine, int members, index_t rank) {
  simulate::Random random(4711);
  std::vector<TrajectorySet> systems;
  constexpr index_t channels = 6;
  for (int family = 0; family < 8; ++family) {
    for (int m = 0; m < members; ++m) {
      const simulate::Recording x = draw(family, random, random.bits());
      simulate::Recording y =
          simulate::observe(x, simulate::random_orthonormal(channels, x.channels, random), channels);
      double sum = 0;
      for (const double v : y.values) sum += v * v;
      const double noise = 0.01 * std::sqrt(sum / static_cast<double>(y.values.size()));
      for (double& v : y.values) v += noise * random.normal();
      systems.push_back(
          simulate::own(std::move(y), std::to_string(family) + '.' + std::to_string(m), std::to_string(family)));
    }
  }
  return engine.fit(systems, {.delays = 8, .rank = rank});
}

/// "0.61 0.83 0.95": the 5th, 50th and 95th percentile.
std::string quantiles(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  char text[64];
  const auto at = [&x](double q) { return x[static_cast<std::size_t>(q * static_cast<double>(x.size() - 1))]; };
  std::snprintf(text, sizeof text, "%.3f  %.3f  %.3f", at(0.05), at(0.5), at(0.95));
  return text;
}

bool same(const Neighbours& found, const DistanceMatrix& d, index_t k) {
  for (index_t i = 0; i < d.rows(); ++i) {
    std::vector<std::pair<double, index_t>> row;
    for (index_t j = 0; j < d.rows(); ++j) {
      if (i != j) row.emplace_back(d(i, j), j);
    }
    std::sort(row.begin(), row.end());
    for (index_t n = 0; n < k; ++n) {
      const auto& [distance, j] = row[static_cast<std::size_t>(n)];
      const Neighbour& neighbour = found.of[static_cast<std::size_t>(i)][static_cast<std::size_t>(n)];
      if (neighbour.system != j || neighbour.result.distance != distance) return false;
    }
  }
  return true;
}

void against_all_pairs(Engine& engine, const OperatorSet& set, const Metric& metric, index_t k, const char* name) {
  double start = now();
  const Neighbours found = engine.nearest(set, metric, {.k = k});
  const double nearest = now() - start;
  start = now();
  const DistanceMatrix all = engine.pairwise(set, metric);
  const double pairwise = now() - start;
  std::printf("%-9s %zu systems, k = %td: %.2f %% of the pairs scored, %.2f s; all pairs %.2f s (%.1f times); %s\n",
              name, set.size(), static_cast<std::ptrdiff_t>(k),
              100.0 * static_cast<double>(found.scored) / static_cast<double>(found.pairs), nearest, pairwise,
              pairwise / nearest, same(found, all, k) ? "the same neighbours" : "OTHER NEIGHBOURS");
  if (!std::holds_alternative<Dsa>(metric)) return;
  std::map<std::string, std::vector<double>> ratios;
  for (index_t i = 0; i < all.rows(); ++i) {
    for (index_t j = i + 1; j < all.rows(); ++j) {
      if (!(all(i, j) > 0)) continue;
      const std::string &a = set[static_cast<std::size_t>(i)].label, &b = set[static_cast<std::size_t>(j)].label;
      const double ratio = all.lower_bound(i, j) / all(i, j);
      ratios[a == b ? "within family " + a : "between families"].push_back(ratio);
    }
  }
  std::printf("  lower bound / distance (5 %%, median, 95 %%):\n");
  for (const auto& [group, values] : ratios) std::printf("    %-18s %s\n", group.c_str(), quantiles(values).c_str());
}

void bounds_alone(Engine& engine, index_t n, index_t r, index_t k) {
  simulate::Random random(7);
  OperatorSet set;
  for (index_t i = 0; i < n; ++i) {
    Operator o;
    o.name = std::to_string(i);
    o.size = r;
    for (index_t e = 0; e < r * r; ++e) o.values.push_back(random.normal());
    set.push_back(std::move(o));
  }
  double start = now();
  double prepared = 0;
  const Neighbours found = engine.nearest(set, Dsa{.effort = Effort::bound}, {.k = k}, [&](const ProgressEvent& event) {
    if (std::string(event.stage) == "queries" && event.done == 0) prepared = now() - start;
    return true;
  });
  const double seconds = now() - start - prepared;
  const double pairs = static_cast<double>(n) * static_cast<double>(n - 1) / 2;
  const double flops = 16.0 * static_cast<double>(r) * pairs;  // four products of 2 r rows
  constexpr int size = 2000;
  std::vector<double> a(size * size, 0.5), b(a), c(a);
  start = now();
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a.data(), size, b.data(), size, 0,
              c.data(), size);
  const double rate = 2.0 * size * size * static_cast<double>(size) / (now() - start);
  std::printf(
      "bounds alone, %td operators (r = %td), k = %td: prepared in %.1f s, searched in %.1f s (%.2f ns a pair), "
      "%.1f GFLOP/s of products, %.0f %% of dgemm's %.1f\n",
      static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(r), static_cast<std::ptrdiff_t>(k), prepared, seconds,
      1e9 * seconds / pairs, flops / seconds / 1e9, 100 * flops / seconds / rate, rate / 1e9);
  if (found.of.front().size() != static_cast<std::size_t>(k)) std::printf("TOO FEW NEIGHBOURS\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options = {{"--per-family", "250"}, {"--rank", "10"},   {"--k", "5"},
                                                {"--effort", "fast"},    {"--threads", "1"}, {"--bounds", "20000"}};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!options.contains(argv[i])) {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      return 2;
    }
    options[argv[i]] = argv[i + 1];
  }
  const auto number = [&options](const char* name) { return std::strtol(options[name].c_str(), nullptr, 10); };
  Engine engine(Device::cpu(static_cast<int>(number("--threads"))));
  if (number("--per-family") > 0) {
    const OperatorSet set = families(engine, static_cast<int>(number("--per-family")), number("--rank"));
    Dsa dsa;
    dsa.effort = value_of<Effort>(options["--effort"]).value_or(Effort::fast);
    against_all_pairs(engine, set, dsa, number("--k"), "dsa");
    against_all_pairs(engine, set, Spectral{}, number("--k"), "spectral");
  }
  if (number("--bounds") > 0) bounds_alone(engine, number("--bounds"), number("--rank"), number("--k"));
}
