#include "host/engine/fit/ranks.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <limits>

namespace kindred::host {
namespace {

using Kind = RankRule::Kind;

/// The least number of singular values whose squares sum to `share` of all squares. The sums are of the tail, which is
/// what they leave: a share of 1 then leaves nothing.
index_t count_of_variance(std::span<const double> sigma, double share) {
  double total = 0;
  for (auto s = sigma.rbegin(); s != sigma.rend(); ++s) total += *s * *s;
  double tail = 0;
  index_t count = std::ssize(sigma);
  for (; count > 0; --count) {
    tail += sigma[at(count - 1)] * sigma[at(count - 1)];
    if (tail > (1 - share) * total) break;
  }
  return count;
}

/// The threshold of Gavish and Donoho 2014, equation 5, over all min(rows, columns) singular values.
double hard_threshold(std::span<const double> sigma, const Embedding& embedding) {
  const auto [shorter, longer] = std::minmax(embedding.rows, embedding.columns);
  const double beta = static_cast<double>(shorter) / static_cast<double>(longer);
  const double omega = ((0.56 * beta - 0.95) * beta + 1.82) * beta + 1.43;
  const std::size_t p = sigma.size();
  return omega * 0.5 * (sigma[(p - 1) / 2] + sigma[p / 2]);
}

index_t count_over(std::span<const double> sigma, double limit) {
  return std::count_if(sigma.begin(), sigma.end(), [limit](double s) { return s > limit; });
}

/// One rank from those of the systems that have one.
index_t shared_rank(std::vector<index_t> ranks, RankShared how) {
  std::sort(ranks.begin(), ranks.end());
  if (how == RankShared::min) return ranks.front();
  return how == RankShared::max ? ranks.back() : ranks[(ranks.size() - 1) / 2];
}

}  // namespace

double rank_threshold(const Embedding& embedding, bool is_float32) {
  const double eps =
      is_float32 ? static_cast<double>(std::numeric_limits<float>::epsilon()) : std::numeric_limits<double>::epsilon();
  return static_cast<double>(std::max(embedding.rows, embedding.columns)) * eps;
}

index_t count_above(std::span<const double> sigma, double threshold) {
  return count_over(sigma, threshold * sigma.front());
}

index_t directions_asked(const Dmd& dmd, index_t width) {
  if (dmd.regression == Regression::reduced_rank) return 0;
  return dmd.rank.kind == Kind::full ? width : dmd.rank.number;
}

index_t rank_by_rule(const RankRule& rule, std::span<const double> sigma, const Embedding& embedding,
                     index_t numerical_rank) {
  index_t count = numerical_rank;
  switch (rule.kind) {
    case Kind::number:
      return rule.number;
    case Kind::full:
      return std::min(embedding.rows, embedding.columns);
    case Kind::numerical:
      break;
    case Kind::sigma:
      count = count_over(sigma, rule.value * embedding.scale);
      break;
    case Kind::sigma_ratio:
      count = count_above(sigma, rule.value);
      break;
    case Kind::variance:
      count = count_of_variance(sigma, rule.value);
      break;
    case Kind::svht:
      count = count_over(sigma, hard_threshold(sigma, embedding));
      break;
  }
  return std::min(count, numerical_rank);
}

index_t directions_needed(const Dmd& dmd, index_t rank, index_t numerical_rank) {
  return dmd.regression == Regression::reduced_rank ? std::max(rank, numerical_rank) : rank;
}

std::vector<index_t> settle_ranks(std::span<const TrajectorySet> systems, std::span<const Embedding> embeddings,
                                  std::span<const SystemRanks> ranks, std::span<const Dmd> dmds) {
  std::vector<index_t> out, of_rule;
  index_t smallest = std::numeric_limits<index_t>::max(), room = smallest;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    out.push_back(ranks[i].by_rule);
    if (ranks[i].numerical == 0) continue;
    smallest = std::min(smallest, ranks[i].numerical);
    room = std::min({room, embeddings[i].rows, embeddings[i].columns});
    if (ranks[i].by_rule > 0) of_rule.push_back(ranks[i].by_rule);
  }
  if (of_rule.empty()) return out;
  if (const RankShared how = dmds.front().rank_shared; how != RankShared::none) {
    const index_t shared = std::min(shared_rank(of_rule, how), room);
    for (index_t& rank : out) rank = rank > 0 ? shared : 0;
  }
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (dmds[i].rank_excess != RankExcess::error || ranks[i].numerical == 0 || out[i] <= ranks[i].numerical) continue;
    fail(ErrorCode::invalid_data, called(systems[i]), ": rank ", out[i], " exceeds the numerical rank ",
         ranks[i].numerical, " of its embedded data");
  }
  if (dmds.front().rank_excess == RankExcess::clip) {
    for (index_t& rank : out) rank = std::min(rank, smallest);
  }
  return out;
}

bool is_undetermined(const Embedding& embedding, index_t rank, index_t numerical_rank, index_t inputs) {
  return embedding.transitions <= std::min(rank, numerical_rank) + inputs;
}

}  // namespace kindred::host
