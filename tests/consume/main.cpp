#include <kindred/kindred.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

// Two oscillators of the same and one of another frequency, on the caller's own memory.
int main() {
  constexpr kindred::index_t steps = 400;
  std::vector<std::vector<double>> data;
  std::vector<kindred::TrajectorySet> systems;
  for (const double frequency : {0.10, 0.10, 0.35}) {
    std::vector<double>& x = data.emplace_back();
    for (kindred::index_t t = 0; t < steps; ++t) {
      const double phase = frequency * static_cast<double>(t) + static_cast<double>(data.size());
      x.insert(x.end(), {std::sin(phase), std::cos(phase)});
    }
    systems.push_back(kindred::TrajectorySet::view("system " + std::to_string(data.size()), x.data(), 1, steps, 2));
  }
  kindred::Engine engine(kindred::Device::cpu(1));
  const auto d = engine.pairwise(systems, kindred::Dsa{.dmd = {.delays = 4, .rank = 2}});
  std::printf("kindred %s: same %.2e, other %.3f\n", kindred::version(), d(0, 1), d(0, 2));
  return d(0, 1) < 1e-6 && d(0, 2) > 0.1 ? 0 : 1;
}
