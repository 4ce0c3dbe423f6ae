#include <kindred/simulate.hpp>

#include <array>
#include <string>

#include "host/simulate/integrate.hpp"

namespace kindred::simulate {

Recording van_der_pol(const VanDerPol& p) {
  Recording out(p.trials, p.steps, 2);
  Random random(p.seed, p.stream);
  const auto field = [&p](const std::array<double, 2>& x) {
    return std::array<double, 2>{p.speed * x[1], p.speed * (p.mu * (1 - x[0] * x[0]) * x[1] - x[0])};
  };
  for (index_t k = 0; k < p.trials; ++k) {
    const double first = random.uniform(-2, 2);
    std::array<double, 2> x{first, random.uniform(-2, 2)};
    for (index_t t = 0; t < p.steps; ++t) {
      out.at(k, t)[0] = x[0];
      out.at(k, t)[1] = x[1];
      runge_kutta_step(field, p.step, x);
    }
  }
  require_finite(out, "the van der Pol oscillator with mu " + std::to_string(p.mu) + ", speed " +
                          std::to_string(p.speed) + " and step " + std::to_string(p.step));
  return out;
}

}  // namespace kindred::simulate
