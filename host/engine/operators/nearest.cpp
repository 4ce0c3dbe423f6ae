#include "host/engine/operators/nearest.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/engine/pairs/pair_result.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

/// The nearest candidates of one query so far.
class Best {
 public:
  explicit Best(const NearestOptions& options) : options_(options) {}

  /// A candidate further away than this cannot enter.
  [[nodiscard]] double limit() const {
    return full() ? std::min(options_.radius, found_.front().result.distance) : options_.radius;
  }

  void offer(index_t system, const PairResult& result) {
    if (!(result.distance <= options_.radius)) return;  // nor one that has no distance
    const Neighbour neighbour{system, result};
    if (full()) {
      if (!nearer(neighbour, found_.front())) return;
      std::pop_heap(found_.begin(), found_.end(), nearer);
      found_.pop_back();
    }
    found_.push_back(neighbour);
    std::push_heap(found_.begin(), found_.end(), nearer);
  }

  /// Nearest first.
  [[nodiscard]] std::vector<Neighbour> take() {
    std::sort(found_.begin(), found_.end(), nearer);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool full() const { return options_.k > 0 && std::ssize(found_) == options_.k; }
  static bool nearer(const Neighbour& a, const Neighbour& b) {
    return std::pair(a.result.distance, a.system) < std::pair(b.result.distance, b.system);
  }

  NearestOptions options_;
  std::vector<Neighbour> found_;  // a heap, the furthest in front
};

/// The candidates of one query in the order of their bounds, sorted no further than they are asked for.
class Queue {
 public:
  Queue(std::span<const double> bounds, index_t self) : bounds_(bounds) {
    for (index_t j = 0; j < std::ssize(bounds); ++j) {
      if (j != self && !std::isnan(bounds[at(j)])) order_.push_back(j);
    }
  }

  /// The next candidate, if its bound is at most `limit`; -1 if there is none.
  [[nodiscard]] index_t next(double limit) {
    if (next_ == order_.size()) return -1;
    if (next_ == sorted_) sort_more();
    return bounds_[at(order_[next_])] <= limit ? order_[next_++] : -1;
  }

 private:
  void sort_more() {
    const std::size_t end = std::min(order_.size(), std::max<std::size_t>(32, 2 * sorted_));
    const auto lower = [this](index_t a, index_t b) {
      return std::pair(bounds_[at(a)], a) < std::pair(bounds_[at(b)], b);
    };
    const auto from = order_.begin() + static_cast<std::ptrdiff_t>(sorted_);
    std::partial_sort(from, order_.begin() + static_cast<std::ptrdiff_t>(end), order_.end(), lower);
    sorted_ = end;
  }

  std::span<const double> bounds_;
  std::vector<index_t> order_;
  std::size_t sorted_ = 0, next_ = 0;
};

class Search {
 public:
  Search(OperatorScorer& scorer, const OperatorBounds& bounds, const PairSet& pairs, const NearestOptions& options)
      : scorer_(scorer),
        bounds_(bounds),
        symmetric_(pairs.symmetric()),
        columns_(pairs.columns()),
        best_(at(pairs.rows()), Best(options)),
        partners_(symmetric_ ? at(pairs.rows()) : 0) {}

  /// Queries first, first + 1, ..., with their bounds to all systems, a row a query.
  void strip(index_t first, index_t rows, std::span<const double> bounds, const Progress& progress) {
    std::vector<Queue> queues;
    seen_.assign(at(rows * columns_), false);
    first_ = first;
    rows_ = rows;
    for (index_t i = 0; i < rows; ++i) {
      queues.emplace_back(bounds.subspan(at(i * columns_), at(columns_)), symmetric_ ? first + i : -1);
      if (!symmetric_) continue;
      for (const index_t j : partners_[at(first + i)]) seen_[at(i * columns_ + j)] = true;
      std::vector<index_t>().swap(partners_[at(first + i)]);
    }
    std::vector<index_t> active(at(rows));
    for (index_t i = 0; i < rows; ++i) active[at(i)] = i;
    while (!active.empty()) {
      // Just enough candidates for each query to fill the device: what is found soon may exclude the others.
      const index_t each = std::max<index_t>(1, scorer_.preferred_tile() / 8 / std::ssize(active));
      std::vector<index_t> going_on;
      pairs_.clear();
      for (const index_t i : active) {
        if (ask(i, each, queues[at(i)])) going_on.push_back(i);
      }
      score();
      active.swap(going_on);
      tell_progress(progress, "queries", first + rows - std::ssize(active), std::ssize(best_));
    }
  }

  [[nodiscard]] std::vector<Neighbour> take(index_t i) { return best_[at(i)].take(); }
  [[nodiscard]] index_t scored() const { return scored_; }

 private:
  /// Adds up to `count` candidates of query i; false if there are no more.
  bool ask(index_t i, index_t count, Queue& queue) {
    while (count > 0) {
      const index_t j = queue.next(bounds_.within(best_[at(first_ + i)].limit()));
      if (j < 0) return false;
      if (seen_[at(i * columns_ + j)]) continue;
      seen_[at(i * columns_ + j)] = true;
      if (symmetric_ && j >= first_ && j < first_ + rows_) {
        seen_[at((j - first_) * columns_ + first_ + i)] = true;
      } else if (symmetric_ && j >= first_ + rows_) {
        partners_[at(j)].push_back(first_ + i);
      }
      pairs_.push_back({first_ + i, j});
      --count;
    }
    return true;
  }

  void score() {
    results_.resize(pairs_.size());
    scorer_.run(pairs_, results_);
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const auto [i, j] = pairs_[k];
      best_[at(i)].offer(j, results_[k]);
      if (symmetric_) best_[at(j)].offer(i, results_[k]);
    }
    scored_ += std::ssize(pairs_);
  }

  OperatorScorer& scorer_;
  const OperatorBounds& bounds_;
  bool symmetric_;
  index_t columns_, first_ = 0, rows_ = 0, scored_ = 0;
  std::vector<Best> best_;
  std::vector<std::vector<index_t>> partners_;  // of queries to come: whom they have been scored with
  std::vector<bool> seen_;                      // of the strip's pairs
  std::vector<PairIndex> pairs_;
  std::vector<PairResult> results_;
};

/// Neighbours by the bounds alone, in tiles that stay in a processor's caches, each of which is for its rows and, of
/// one collection, for its columns.
class BoundSearch {
 public:
  BoundSearch(Backend& backend, OperatorBounds& bounds, const PairSet& pairs, const NearestOptions& options)
      : backend_(backend),
        bounds_(bounds),
        symmetric_(pairs.symmetric()),
        best_(at(pairs.rows()), Best(options)),
        limits_(best_.size(), bounds.within(Best(options).limit())) {}

  void tile(const Tile& tile) {
    lower_.resize(at(tile.rows * tile.columns));
    bounds_.of(tile, lower_);
    for_each_on_host(backend_, tile.rows, [&](index_t i) {
      const double* row = lower_.data() + i * tile.columns;
      const index_t system = tile.row + i;
      for (index_t j = 0; j < tile.columns; j += run) {
        const index_t end = std::min(j + run, tile.columns);
        double& limit = limits_[at(system)];
        if (!any_within(row + j, &limit, 0, end - j)) continue;
        for (index_t q = j; q < end; ++q) offer(system, tile.column + q, row[q]);
      }
    });
    if (!symmetric_ || tile.row == tile.column) return;
    // A thread has some columns for itself.
    for_each_on_host(backend_, (tile.columns + run - 1) / run, [&](index_t part) {
      const index_t j = part * run, end = std::min(j + run, tile.columns);
      for (index_t i = 0; i < tile.rows; ++i) {
        const double* row = lower_.data() + i * tile.columns;
        if (!any_within(row + j, limits_.data() + tile.column + j, 1, end - j)) continue;
        for (index_t q = j; q < end; ++q) offer(tile.column + q, tile.row + i, row[q]);
      }
    });
  }

  [[nodiscard]] std::vector<Neighbour> take(index_t i) { return best_[at(i)].take(); }

 private:
  static constexpr index_t run = 64;

  /// Whether one of `count` bounds is at most its limit; the limits are `step` apart, 0 or 1.
  static bool any_within(const double* bounds, const double* limits, index_t step, index_t count) {
    int within = 0;
    if (step == 0) {
      const double limit = *limits;
      for (index_t k = 0; k < count; ++k) within |= static_cast<int>(bounds[k] <= limit);
    } else {
      for (index_t k = 0; k < count; ++k) within |= static_cast<int>(bounds[k] <= limits[k]);
    }
    return within != 0;
  }

  void offer(index_t system, index_t other, double bound) {
    double& limit = limits_[at(system)];
    if (!(bound <= limit) || (symmetric_ && other == system)) return;
    best_[at(system)].offer(other, bound_result(bounds_.score(bound)));
    limit = bounds_.within(best_[at(system)].limit());
  }

  Backend& backend_;
  OperatorBounds& bounds_;
  bool symmetric_;
  std::vector<Best> best_;
  std::vector<double> limits_, lower_;
};

void search_bounds(Backend& backend, OperatorBounds& bounds, const PairSet& pairs, const NearestOptions& options,
                   const Progress& progress, Neighbours& out) {
  const index_t n = pairs.rows(), m = pairs.columns();
  index_t side = bounds.preferred_side();
  while (side > 64 && at(side * side) * sizeof(double) > backend.memory_budget() / 4) side /= 2;
  BoundSearch search(backend, bounds, pairs, options);
  for (index_t i = 0; i < n; i += side) {
    for (index_t j = pairs.symmetric() ? i : 0; j < m; j += side) {
      search.tile({i, j, std::min(side, n - i), std::min(side, m - j)});
    }
    tell_progress(progress, "queries", std::min(i + side, n), n);
  }
  for (index_t i = 0; i < n; ++i) out.of[at(i)] = search.take(i);
}

}  // namespace

void check(const NearestOptions& options) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::invalid_argument, what); };
  if (options.k < 0) {
    refuse("NearestOptions::k is " + std::to_string(options.k) + ", expected 0 or more");
  }
  if (!(options.radius >= 0)) {
    refuse("NearestOptions::radius is " + std::to_string(options.radius) + ", expected 0 or more");
  }
  if (options.k == 0 && std::isinf(options.radius)) {
    refuse("all neighbours (NearestOptions::k = 0) are wanted, but there is no NearestOptions::radius");
  }
}

Neighbours nearest(Backend& backend, OperatorScorer* scorer, OperatorBounds& bounds, const PairSet& pairs,
                   const NearestOptions& options, const Progress& progress) {
  const index_t n = pairs.rows(), m = pairs.columns();
  Neighbours out;
  out.of.resize(at(n));
  out.pairs = pairs.count();
  tell_progress(progress, "queries", 0, n);
  if (scorer == nullptr) {
    search_bounds(backend, bounds, pairs, options, progress, out);
    return out;
  }
  // A strip keeps bounds, marks, and the order of the candidates of each query.
  const auto row_bytes = at(m) * (2 * sizeof(double) + 1);
  const auto fitting = static_cast<index_t>(backend.memory_budget() / 4 / std::max<std::size_t>(row_bytes, 1));
  const index_t height = std::clamp<index_t>(fitting, 1, 4096);
  Search search(*scorer, bounds, pairs, options);
  std::vector<double> lower;
  for (index_t first = 0; first < n; first += height) {
    const Tile strip{first, 0, std::min(height, n - first), m};
    lower.resize(at(strip.rows * m));
    bounds.of(strip, lower);
    search.strip(first, strip.rows, lower, progress);
    tell_progress(progress, "queries", first + strip.rows, n);
  }
  for (index_t i = 0; i < n; ++i) out.of[at(i)] = search.take(i);
  out.scored = search.scored();
  return out;
}

}  // namespace kindred::host
