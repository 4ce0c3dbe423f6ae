#include "host/engine/representations/kendall.hpp"

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

class KendallScorer final : public PairScorer {
 public:
  KendallScorer(Backend& backend, Factors given, const Rsa& metric)
      : backend_(backend), factors_(std::move(given)), metric_(metric), scale_(scale_of(metric.over_half_pi)) {
    for (const auto* set : {&factors_.rows, &factors_.columns}) {
      for (const Factor& f : *set) length_ = std::max(length_, conditions_of(f, metric.rdm));
    }
    length_ = length_ * (length_ - 1) / 2;
    // Ranks, their order and what a pair takes of both; of the systems on both sides of a tile.
    const std::size_t bytes = static_cast<std::size_t>(length_) * (3 * sizeof(double) + sizeof(std::uint32_t));
    side_ =
        static_cast<index_t>(std::min<std::size_t>(64, backend.memory_budget() / std::max<std::size_t>(2 * bytes, 1)));
    if (side_ == 0 && factors_.has_pairs()) {
      throw Error(ErrorCode::out_of_memory,
                  "ranks of " + std::to_string(length_) + " dissimilarities of two systems need " +
                      std::to_string(2 * bytes) + " bytes at once, the budget is " +
                      std::to_string(backend.memory_budget()) + "; raise it (EngineOptions::memory_budget)");
    }
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return square_tiles(pairs, limits, side_);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const std::vector<Ranked> x = ranks_of(factors_.rows, tile.row, tile.rows);
    const bool square = factors_.symmetric && tile.row == tile.column && tile.rows == tile.columns;
    const std::vector<Ranked> other =
        square ? std::vector<Ranked>() : ranks_of(factors_.right(), tile.column, tile.columns);
    const std::vector<Ranked>& y = square ? x : other;
    const bool a = metric_.comparison == RdmComparison::kendall_a;
    fill_in_parallel(backend_, tile, factors_.symmetric, out, [&](index_t i, index_t j) {
      const Ranked &r = x[static_cast<std::size_t>(i - tile.row)], &s = y[static_cast<std::size_t>(j - tile.column)];
      if (r.rank.empty() || s.rank.empty()) return std::numeric_limits<double>::quiet_NaN();
      return shown(kendall_tau(r, s, a));
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    const std::vector<Ranked> x = ranks_of(factors_.rows, i, 1);
    if (x.front().rank.empty()) return failed();
    const double tau = kendall_tau(x.front(), x.front(), metric_.comparison == RdmComparison::kendall_a);
    return exact_or_failed(shown(tau));
  }

 private:
  [[nodiscard]] double shown(double tau) const {
    if (metric_.score == SimilarityScore::similarity || std::isnan(tau)) return tau;
    return reported(metric_.score, angle_of(1 - tau), scale_);
  }

  /// Of some systems; no ranks where there is no dissimilarity matrix.
  [[nodiscard]] std::vector<Ranked> ranks_of(const std::vector<Factor>& set, index_t first, index_t count) const {
    std::vector<std::vector<double>> ranks(static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < ranks.size(); ++k) {
      const Factor& f = set[static_cast<std::size_t>(first) + k];
      if (has_rdm(f, metric_.rdm)) ranks[k] = rdm_ranks(backend_, f, metric_.rdm);
    }
    std::vector<Ranked> out(ranks.size());
    for_each_on_host(backend_, count, [&](index_t k) {
      out[static_cast<std::size_t>(k)] = ranked(std::move(ranks[static_cast<std::size_t>(k)]));
    });
    return out;
  }

  Backend& backend_;
  Factors factors_;
  Rsa metric_;
  double scale_;
  index_t length_ = 0, side_ = 1;
};

}  // namespace

Ranked ranked(std::vector<double> ranks) {
  Ranked out{std::move(ranks), {}, 0};
  const std::vector<double>& r = out.rank;
  out.order.resize(r.size());
  std::iota(out.order.begin(), out.order.end(), std::uint32_t{0});
  std::stable_sort(out.order.begin(), out.order.end(), [&](std::uint32_t a, std::uint32_t b) { return r[a] < r[b]; });
  for_each_run(
      r.size(), [&](std::size_t k) { return r[out.order[k]]; },
      [&](std::size_t begin, std::size_t end) { out.tied += pairs_of(static_cast<std::int64_t>(end - begin)); });
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
