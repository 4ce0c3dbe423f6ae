#include "host/cli/report/embedding.hpp"

#include "host/statistics/embedding.hpp"

#include <cmath>
#include <limits>

namespace kindred::report {
namespace {

/// Systems with a distance to at least one other; the only system, if there is one.
std::vector<index_t> connected(const Distances& d) {
  std::vector<index_t> out;
  for (index_t i = 0; i < d.n; ++i) {
    bool any = d.n == 1;
    for (index_t j = 0; j < d.n; ++j) any = any || (j != i && std::isfinite(d(i, j)));
    if (any) out.push_back(i);
  }
  return out;
}

Distances part(const Distances& d, const std::vector<index_t>& systems) {
  Distances out{{}, static_cast<index_t>(systems.size())};
  for (const index_t i : systems) {
    for (const index_t j : systems) out.values.push_back(d(i, j));
  }
  return out;
}

}  // namespace

Embedding classical_mds(const Distances& distances) {
  Embedding result{std::vector<double>(at(distances.n), undefined), std::vector<double>(at(distances.n), undefined), 0};
  const std::vector<index_t> shown = connected(distances);
  const Distances complete = without_gaps(part(distances, shown));
  const statistics::Embedding plane = statistics::embed(complete.values, complete.n, 2);
  for (std::size_t k = 0; k < shown.size(); ++k) {
    result.x[at(shown[k])] = plane.coordinates[2 * k];
    result.y[at(shown[k])] = plane.coordinates[2 * k + 1];
  }
  result.stress = plane.stress;
  return result;
}

}  // namespace kindred::report
