#include "host/engine/fit/ranks.hpp"

#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <limits>

namespace kindred::host {

double rank_threshold(const Embedding& embedding, bool is_float32) {
  const double eps =
      is_float32 ? static_cast<double>(std::numeric_limits<float>::epsilon()) : std::numeric_limits<double>::epsilon();
  return static_cast<double>(std::max(embedding.rows, embedding.columns)) * eps;
}

index_t count_above(std::span<const double> sigma, double threshold) {
  return std::count_if(sigma.begin(), sigma.end(), [&](double s) { return s > threshold * sigma.front(); });
}

std::vector<index_t> settle_ranks(std::span<const TrajectorySet> systems, std::span<const index_t> numerical_ranks,
                                  const Dmd& dmd) {
  const RankRule rule(dmd);
  std::vector<index_t> ranks;
  index_t smallest = std::numeric_limits<index_t>::max();
  for (std::size_t i = 0; i < numerical_ranks.size(); ++i) {
    const index_t numerical = numerical_ranks[i];
    ranks.push_back(rule.of(numerical));
    if (numerical == 0) continue;
    smallest = std::min(smallest, numerical);
    if (dmd.rank_excess == RankExcess::error && rule.of(numerical) > numerical) {
      fail(ErrorCode::invalid_data, called(systems[i]), ": rank ", dmd.rank, " exceeds the numerical rank ", numerical,
           " of its embedded data");
    }
  }
  if (dmd.rank_excess == RankExcess::clip) {
    for (index_t& rank : ranks) rank = std::min(rank, smallest);
  }
  return ranks;
}

bool is_undetermined(const Embedding& embedding, index_t rank, index_t numerical_rank) {
  return embedding.transitions <= std::min(rank, numerical_rank);
}

}  // namespace kindred::host
