#include <kindred/simulate.hpp>

#include <array>
#include <cmath>

#include "host/simulate/integrate.hpp"

namespace kindred::simulate {

Recording continuous_attractor(const ContinuousAttractor& p) {
  Recording out(p.trials, p.steps, 2);
  Random random(p.seed, p.stream);
  const double memory = 0.95;  // of the velocity, per step: a correlation time of 1 / 0.05 = 20 steps
  const double kick = p.drive * std::sqrt(1 - memory * memory);
  double v = 0;
  const auto ring = [&](const std::array<double, 2>& x) {
    const double radial = p.pull * (1 - (x[0] * x[0] + x[1] * x[1]));
    return std::array<double, 2>{radial * x[0] - v * x[1], radial * x[1] + v * x[0]};
  };
  const auto line = [&](const std::array<double, 2>& x) {
    const double cube = x[0] * x[0] * x[0];
    return std::array<double, 2>{v - cube * cube * cube, -2 * p.pull * x[1]};
  };
  for (index_t k = 0; k < p.trials; ++k) {
    v = p.drive * random.normal();
    const double first = random.uniform(-1, 1);
    std::array<double, 2> x{first, random.uniform(-1, 1)};
    for (index_t t = 0; t < p.steps; ++t) {
      out.at(k, t)[0] = x[0];
      out.at(k, t)[1] = x[1];
      if (p.shape == ContinuousAttractor::Shape::ring) {
        runge_kutta_step(ring, p.step, x);
      } else {
        runge_kutta_step(line, p.step, x);
      }
      v = memory * v + kick * random.normal();
    }
  }
  require_finite(out, "a continuous attractor");
  return out;
}

}  // namespace kindred::simulate
