/// Whether the point that a sweep recommends predicts fresh trials better than the program's defaults (one delay, the
/// numerical rank), on ten families of recordings with 5 % noise: a table. The sweep sees 30 trials, the 10 that are
/// scored here are others. Then what a sweep costs: 8 delays x 3 intervals x 20 ranks against the 24 fits at the highest rank.
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
  print_cost(engine);
}
