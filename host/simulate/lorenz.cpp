#include <kindred/simulate.hpp>

#include <string>

#include "host/simulate/integrate.hpp"

namespace kindred::simulate {

Recording lorenz(const Lorenz& p) {
  Recording out(p.trials, p.steps, 3);
  Random random(p.seed, p.stream);
  for (index_t k = 0; k < p.trials; ++k) {
    double* x = out.at(k, 0);
    for (int c = 0; c < 3; ++c) x[c] = random.uniform();
    for (index_t t = 1; t < p.steps; ++t) {
      double* const next = x + 3;
      next[0] = x[0] + p.step * (p.sigma * (x[1] - x[0]));
      next[1] = x[1] + p.step * (x[0] * (p.rho - x[2]) - x[1]);
      next[2] = x[2] + p.step * (x[0] * x[1] - p.beta * x[2]);
      x = next;
    }
  }
  require_finite(out, "the Lorenz system with sigma " + std::to_string(p.sigma) + ", rho " + std::to_string(p.rho) +
                          ", beta " + std::to_string(p.beta) + " and step " + std::to_string(p.step));
  if (p.scaled) scale_to_unit(out);
  return out;
}

}  // namespace kindred::simulate
