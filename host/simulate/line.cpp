#include <kindred/simulate.hpp>

#include <string>

#include "host/simulate/integrate.hpp"

namespace kindred::simulate {

Recording line(const Line& p) {
  Recording out(p.trials, p.steps, 3);
  Random random(p.seed, p.stream);
  for (index_t k = 0; k < p.trials; ++k) {
    double* const start = out.at(k, 0);
    for (int c = 0; c < 3; ++c) start[c] = random.uniform();
    const auto direction = random_orthonormal(3, 1, random);
    for (index_t t = 1; t < p.steps; ++t) {
      const double way = p.acceleration * (static_cast<double>(t) * static_cast<double>(t - 1) / 2);
      for (int c = 0; c < 3; ++c) out.at(k, t)[c] = start[c] + way * direction[c];
    }
  }
  require_finite(out, "a line of acceleration " + std::to_string(p.acceleration));
  if (p.scaled) scale_to_unit(out);
  return out;
}

}  // namespace kindred::simulate
