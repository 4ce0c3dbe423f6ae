#include "host/engine/representations/kendall.hpp"

#include "host/base/index.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/rdm_vectors.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

std::int64_t pairs_of(std::int64_t n) { return n * (n - 1) / 2; }

/// Calls f(begin, end) for each run of equal values of value(k), k = 0 .. n - 1.
template <class Value, class F>
void for_each_run(std::size_t n, Value&& value, F&& f) {
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin + 1;
    while (end < n && value(end) == value(begin)) ++end;
    f(begin, end);
    begin = end;
  }
}

/// Sorts v and returns the number of pairs that were in descending order.
std::int64_t sort_counting(std::vector<double>& v, std::vector<double>& spare) {
  std::int64_t swaps = 0;
  spare.resize(v.size());
  for (std::size_t width = 1; width < v.size(); width *= 2) {
    for (std::size_t begin = 0; begin < v.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, v.size()), end = std::min(begin + 2 * width, v.size());
      std::size_t a = begin, b = middle;
      for (std::size_t k = begin; k < end; ++k) {
        if (b == end || (a < middle && v[a] <= v[b])) {
          spare[k] = v[a++];
        } else {
          swaps += static_cast<std::int64_t>(middle - a);
          spare[k] = v[b++];
        }
      }
    }
    v.swap(spare);
  }
  return swaps;
}

class KendallScorer final : public PreparedScorer<Ranked> {
 public:
  KendallScorer(Backend& backend, Factors given, const Rsa& metric)
      : PreparedScorer(backend, std::move(given)), metric_(metric), scale_(scale_of(metric.over_half_pi)) {
    index_t conditions = 0;
    for (const auto* set : {&factors_.rows, &factors_.columns}) {
      for (const Factor& f : *set) conditions = std::max(conditions, conditions_of(f, metric.rdm));
    }
    const index_t length = conditions * (conditions - 1) / 2;
    // Ranks, their order and what a pair takes of both.
    const std::size_t bytes = at(length) * (3 * sizeof(double) + sizeof(std::uint32_t));
    if (!set_bytes(bytes) && factors_.has_pairs()) {
      throw Error(ErrorCode::out_of_memory,
                  "ranks of " + std::to_string(length) + " dissimilarities of two systems need " +
                      std::to_string(2 * bytes) + " bytes at once, the budget is " +
                      std::to_string(backend.memory_budget()) + "; raise it (EngineOptions::memory_budget)");
    }
  }

 private:
  /// No ranks where there is no dissimilarity matrix.
  [[nodiscard]] std::vector<Ranked> prepare(const std::vector<Factor>& set, index_t first,
                                            index_t count) const override {
    std::vector<std::vector<double>> ranks(at(count));
    for (std::size_t k = 0; k < ranks.size(); ++k) {
      const Factor& f = set[at(first) + k];
      if (has_rdm(f, metric_.rdm)) ranks[k] = rdm_ranks(backend_, f, metric_.rdm);
    }
    return ranked(backend_, std::move(ranks));
  }

  [[nodiscard]] double value(const Ranked& x, const Ranked& y, bool /*same*/) const override {
    if (x.rank.empty() || y.rank.empty()) return std::numeric_limits<double>::quiet_NaN();
    const double tau = kendall_tau(x, y, metric_.comparison == RdmComparison::kendall_a);
    if (metric_.score == SimilarityScore::similarity || std::isnan(tau)) return tau;
    return reported(metric_.score, angle_of(1 - tau), scale_);
  }

  Rsa metric_;
  double scale_;
};

}  // namespace

std::vector<Ranked> ranked(Backend& backend, std::vector<std::vector<double>> ranks) {
  const std::vector<std::vector<index_t>> orders = orders_of(backend, ranks);
  std::vector<Ranked> out(ranks.size());
  for_each_on_host(backend, std::ssize(out), [&](index_t i) {
    const auto place = at(i);
    Ranked& one = out[place];
    one.rank = std::move(ranks[place]);
    one.order.assign(orders[place].begin(), orders[place].end());
    for_each_run(
        one.order.size(), [&](std::size_t k) { return one.rank[one.order[k]]; },
        [&](std::size_t begin, std::size_t end) { one.tied += pairs_of(static_cast<std::int64_t>(end - begin)); });
  });
  return out;
}

double kendall_tau(const Ranked& x, const Ranked& y, bool a) {
  const std::size_t n = x.rank.size();
  std::vector<double> v(n), spare;
  for (std::size_t k = 0; k < n; ++k) v[k] = y.rank[x.order[k]];
  std::int64_t both = 0;  // pairs tied in x and y
  for_each_run(
      n, [&](std::size_t k) { return x.rank[x.order[k]]; },
      [&](std::size_t begin, std::size_t end) {
        std::sort(v.begin() + static_cast<std::ptrdiff_t>(begin), v.begin() + static_cast<std::ptrdiff_t>(end));
        for_each_run(
            end - begin, [&](std::size_t k) { return v[begin + k]; },
            [&](std::size_t from, std::size_t to) { both += pairs_of(static_cast<std::int64_t>(to - from)); });
      });
  const std::int64_t all = pairs_of(static_cast<std::int64_t>(n)), discordant = sort_counting(v, spare);
  const auto difference = static_cast<double>(all - x.tied - y.tied + both - 2 * discordant);
  const auto left_x = static_cast<double>(all - x.tied), left_y = static_cast<double>(all - y.tied);
  if (left_x == 0 || left_y == 0) return std::numeric_limits<double>::quiet_NaN();
  return a ? difference / static_cast<double>(all) : difference / std::sqrt(left_x * left_y);
}

std::unique_ptr<PairScorer> make_kendall_scorer(Backend& backend, Factors factors, const Rsa& metric) {
  return std::make_unique<KendallScorer>(backend, std::move(factors), metric);
}

}  // namespace kindred::host
