/// Whether the point that a sweep recommends predicts fresh trials better than the program's defaults (one delay, the
/// numerical rank), on ten families of recordings with 5 % noise: a table. The sweep sees 30 trials, the 10 that are
/// scored here are others. Then how well operators at the recommended point tell groups of systems apart under `dsa`,
/// by the one-standard-error rule alone and with the tolerance that is the default. Last what a sweep costs:
/// 8 delays x 3 intervals x 20 ranks against the 24 fits at the highest rank.
#include <kindred/kindred.hpp>

#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::simulate;

namespace {

constexpr index_t seen = 30, fresh = 10;

struct Family {
  std::string name;
  std::function<Recording()> make;
};

std::vector<Family> families() {
  constexpr index_t trials = seen + fresh;
  const std::vector<Linear::Mode> modes = {{0.97, 0.2}, {0.9, 0.4}, {0.6, 0.75}};
  const auto channel = [](const Recording& x) { return select_channel(x, 0); };
  return {{"Lorenz, rho 28", [] { return lorenz({.rho = 28, .trials = trials}); }},
          {"Lorenz, rho 10", [] { return lorenz({.rho = 10, .trials = trials}); }},
          {"Lorenz, first channel", [=] { return channel(lorenz({.rho = 28, .trials = trials})); }},
          {"van der Pol", [] { return van_der_pol({.trials = trials}); }},
          {"van der Pol, first channel", [=] { return channel(van_der_pol({.mu = 2, .trials = trials})); }},
          {"linear, 3 modes", [=] { return linear({.modes = modes, .trials = trials, .steps = 60}); }},
          {"linear, first channel", [=] { return channel(linear({.modes = modes, .trials = trials, .steps = 60})); }},
          {"linear, 40 channels",
           [=] {
             Random random(1);
             return observe(linear({.modes = modes, .trials = trials, .steps = 60}), random_orthonormal(40, 6, random),
                            40);
           }},
          {"ring attractor", [] { return continuous_attractor({.trials = trials}); }},
          {"line attractor",
           [] { return continuous_attractor({.shape = ContinuousAttractor::Shape::line, .trials = trials}); }}};
}

double error_of(Engine& engine, const std::vector<TrajectorySet>& fitted, const std::vector<TrajectorySet>& test,
                const Dmd& dmd, index_t skip) {
  return engine.predict(fitted, test, dmd, {}, {.skip = skip})[0][0].reseeded.nmse;
}

/// Systems in groups of three, one after another.
struct Groups {
  std::string name;
  std::function<Recording(index_t group, index_t member)> make;
};

std::vector<Groups> groups() {
  const auto stream = [](index_t g, index_t k) { return static_cast<std::uint64_t>(3 * g + k); };
  const auto rotations = [=](index_t g, index_t k, double noise) {
    static const std::vector<std::vector<Linear::Mode>> modes = {
        {{0.97, 0.2}, {0.9, 0.4}}, {{0.95, 0.28}, {0.6, 0.75}}, {{0.985, 0.1}, {0.8, 0.55}}};
    Random random(11, stream(g, k));
    const Recording x =
        linear({.modes = modes[static_cast<std::size_t>(g)], .trials = 30, .steps = 80, .stream = stream(g, k)});
    return add_noise(observe(x, random_orthonormal(20, 4, random), 20), noise, random);
  };
  const auto van_der_pols = [=](index_t g, index_t k) {
    const double mu = std::vector<double>{0.4, 1.5, 4}[static_cast<std::size_t>(g)];
    return van_der_pol({.mu = mu * (1 + 0.1 * static_cast<double>(k)), .trials = 30, .stream = stream(g, k)});
  };
  return {{"van der Pol, mu 0.4, 1.5 and 4", van_der_pols},
          {"the same, 5 % noise",
           [=](index_t g, index_t k) {
             Random random(12, stream(g, k));
             return add_noise(van_der_pols(g, k), 0.05, random);
           }},
          {"two rotations in 20 channels, 5 % noise", [=](index_t g, index_t k) { return rotations(g, k, 0.05); }},
          {"the same, 30 % noise", [=](index_t g, index_t k) { return rotations(g, k, 0.3); }},
          {"ring, line and slow ring", [=](index_t g, index_t k) {
             return continuous_attractor(
                 {.shape = g == 1 ? ContinuousAttractor::Shape::line : ContinuousAttractor::Shape::ring,
                  .pull = g == 2 ? 0.5 : 2,
                  .trials = 30,
                  .stream = stream(g, k)});
           }}};
}

/// Mean distance between groups over that within, and the share of pairs of distances, one of each, in the right order.
std::string separation(const DistanceMatrix& d) {
  std::vector<double> within, between;
  for (index_t i = 0; i < d.rows(); ++i) {
    for (index_t j = 0; j < i; ++j) (i / 3 == j / 3 ? within : between).push_back(d(i, j));
  }
  double near = 0, far = 0, right = 0;
  for (const double w : within) near += w / static_cast<double>(within.size());
  for (const double b : between) {
    far += b / static_cast<double>(between.size());
    for (const double w : within) right += b > w ? 1 : 0;
  }
  char text[64];
  std::snprintf(text, sizeof text, "%.2f (%.2f)", far / near,
                right / static_cast<double>(within.size() * between.size()));
  return text;
}

void print_separation(Engine& engine) {
  std::printf("\n| systems | standard errors alone | | with the tolerance | |\n| --- | --- | --- | --- | --- |\n");
  for (const Groups& g : groups()) {
    std::vector<TrajectorySet> systems;
    for (index_t k = 0; k < 9; ++k) systems.push_back(own(g.make(k / 3, k % 3), std::to_string(k)));
    std::vector<index_t> ranks;
    for (index_t r = 2; r <= 30; r += 2) ranks.push_back(r);
    const SweepResult sweep = engine.sweep(systems, {}, {{1, 2, 4, 8, 12, 16}, {1, 2}, ranks});
    std::printf("| %s |", g.name.c_str());
    for (const double tolerance : {0.0, default_tolerance}) {
      const SweepPoint& p = sweep.points[recommend(sweep, tolerance).chosen];
      const Dsa metric{.dmd = {.delays = p.delays, .interval = p.interval, .rank = p.rank}};
      std::printf(" %d, %d, %d | %s |", static_cast<int>(p.delays), static_cast<int>(p.interval),
                  static_cast<int>(p.rank), separation(engine.pairwise(systems, metric)).c_str());
    }
    std::printf("\n");
  }
}

/// Seconds of the processor.
double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void print_cost(Engine& engine) {
  Random random(3);
  const std::vector<Linear::Mode> modes = {{0.97, 0.2}, {0.9, 0.4}, {0.6, 0.75}, {0.99, 0.05}};
  const Recording x =
      add_noise(observe(linear({.modes = modes, .trials = 40, .steps = 150}), random_orthonormal(64, 8, random), 64),
                0.3, random);
  const std::vector<TrajectorySet> all = {TrajectorySet::view("x", x.values.data(), x.trials, x.steps, x.channels)};
  SweepGrid grid{{2, 4, 6, 8, 10, 12, 14, 16}, {1, 2, 3}, {}};
  for (index_t r = 5; r <= 100; r += 5) grid.ranks.push_back(r);
  const std::vector<TrajectorySet> fitted = {split(all[0], {}).first};
  double start = now();
  for (const index_t interval : grid.intervals) {
    for (const index_t delays : grid.delays) {
      (void)engine.fit(fitted, {.delays = delays, .interval = interval, .rank = 100});
    }
  }
  const double fits = now() - start;
  start = now();
  (void)engine.sweep(all, {}, grid);
  const double sweep = now() - start;
  std::printf("\na sweep of 8 x 3 x 20 points: %.2f s, its 24 fits at the highest rank: %.2f s, ratio %.2f\n", sweep,
              fits, sweep / fits);
}

}  // namespace

int main() {
  Engine engine(Device::cpu(1));
  std::printf(
      "| recording | delays | interval | rank | nmse | nmse by default |\n| --- | --- | --- | --- | --- | --- |\n");
  int better = 0;
  for (const Family& family : families()) {
    Random random(7);
    Recording clean = family.make();
    const Recording x = add_noise(clean, 0.05, random);
    const TrajectorySet all = TrajectorySet::view("x", x.values.data(), x.trials, x.steps, x.channels);
    std::vector<TrajectorySet> fitted = {all}, test = {all};
    auto& first = std::get<1>(fitted[0].trials);
    auto& last = std::get<1>(test[0].trials);
    first.resize(seen);
    last.erase(last.begin(), last.begin() + seen);
    std::vector<index_t> ranks;
    for (index_t r = 1; r <= 40; ++r) ranks.push_back(r);
    const SweepResult sweep = engine.sweep(fitted, {}, {{1, 2, 4, 6, 8, 12, 16}, {1, 2}, ranks});
    const SweepPoint& p = sweep.points[recommend(sweep).chosen];
    const double chosen =
        error_of(engine, fitted, test, {.delays = p.delays, .interval = p.interval, .rank = p.rank}, sweep.skip);
    const double standard = error_of(engine, fitted, test, {}, sweep.skip);
    better += chosen < standard ? 1 : 0;
    std::printf("| %s | %d | %d | %d | %.3g | %.3g |\n", family.name.c_str(), static_cast<int>(p.delays),
                static_cast<int>(p.interval), static_cast<int>(p.rank), chosen, standard);
  }
  std::printf("\nbetter on %d of 10\n", better);
  print_separation(engine);
  print_cost(engine);
}
