#include "host/base/transport.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace kindred::host {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The loops over sinks take so many at a time, without branches, so that they use the processor's vectors.
constexpr std::size_t lanes = 8;

class Transport {
 public:
  Transport(std::span<const double> cost, std::span<const std::int64_t> supply, std::span<const std::int64_t> demand)
      : n_(supply.size()),
        m_(demand.size()),
        stride_((m_ + lanes - 1) / lanes * lanes),
        cost_(n_ * stride_, infinity),
        left_(supply.begin(), supply.end()),
        wanted_(demand.begin(), demand.end()),
        flow_(n_ * m_, 0),
        sources_(m_),
        u_(n_),
        v_(stride_, infinity),
        price_(stride_),
        reach_(stride_),
        length_(m_),
        via_(n_) {
    for (std::size_t i = 0; i < n_; ++i) std::copy_n(cost.data() + i * m_, m_, cost_.data() + i * stride_);
  }

  std::vector<std::int64_t> solve() {
    start();
    for (std::size_t i = 0; i < n_; ++i) {
      while (left_[i] > 0) augment(i);
    }
    return std::move(flow_);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// A source on the way of a search, and its distance from the start less its potential.
  struct Scan {
    std::size_t source;
    double base;
  };

  [[nodiscard]] const double* row(std::size_t i) const { return cost_.data() + i * stride_; }

  static double least_of(const double* x) { return *std::min_element(x, x + lanes); }

  /// Potentials under which every reduced cost is at least 0, and as much as flows along those that are 0.
  void start() {
    double* v = v_.data();
    for (std::size_t i = 0; i < n_; ++i) {
      const double* c = row(i);
      double least[lanes];
      std::fill_n(least, lanes, infinity);
      for (std::size_t j = 0; j < stride_; j += lanes) {
#pragma omp simd
        for (std::size_t k = 0; k < lanes; ++k) least[k] = c[j + k] < least[k] ? c[j + k] : least[k];
      }
      const double u = u_[i] = least_of(least);
#pragma omp simd
      for (std::size_t j = 0; j < stride_; ++j) v[j] = c[j] - u < v[j] ? c[j] - u : v[j];
    }
    for (std::size_t i = 0; i < n_; ++i) {
      const double *c = row(i), u = u_[i];
      for (std::size_t j = 0; j < m_ && left_[i] > 0; ++j) {
        if (c[j] - u <= v[j] && wanted_[j] > 0) push(i, j);
      }
    }
  }

  /// As much as source i has and sink j wants.
  void push(std::size_t i, std::size_t j) {
    const std::int64_t units = std::min(left_[i], wanted_[j]);
    left_[i] -= units;
    wanted_[j] -= units;
    add(i, j, units);
  }

  void add(std::size_t i, std::size_t j, std::int64_t units) {
    std::int64_t& flow = flow_[i * m_ + j];
    if (flow == 0) sources_[j].push_back(i);
    flow += units;
  }

  void take(std::size_t i, std::size_t j, std::int64_t units) {
    std::int64_t& flow = flow_[i * m_ + j];
    flow -= units;
    if (flow == 0) std::erase(sources_[j], i);
  }

  /// Takes the paths to sinks through source i where they are shorter; the least distance of an open sink. Of a closed
  /// sink the price is -infinity and the distance infinity: no path is shorter.
  double relax(std::size_t i, double base) {
    scans_.push_back({i, base});
    const double *c = row(i), *price = price_.data();
    double* reach = reach_.data();
    double least[lanes];
    std::fill_n(least, lanes, infinity);
    for (std::size_t j = 0; j < stride_; j += lanes) {
#pragma omp simd
      for (std::size_t k = 0; k < lanes; ++k) {
        const double through = base + (c[j + k] - price[j + k]);
        const double shorter = through < reach[j + k] ? through : reach[j + k];
        reach[j + k] = shorter;
        least[k] = shorter < least[k] ? shorter : least[k];
      }
    }
    return least_of(least);
  }

  /// The first sink at a distance that one has; an infinite one has none.
  [[nodiscard]] std::size_t sink_at(double distance) const {
    if (!(distance < infinity)) fail(ErrorCode::invalid_data, "costs that are no numbers leave a sink without a way");
    const double* reach = reach_.data();
    for (std::size_t j = 0;; j += lanes) {
      int found = 0;
      for (std::size_t k = 0; k < lanes; ++k) found |= reach[j + k] == distance ? 1 : 0;
      if (found != 0) return j + at(std::find(reach + j, reach + j + lanes, distance) - (reach + j));
    }
  }

  /// The source before a sink on its shortest path: the first whose path had this length, by the same arithmetic.
  [[nodiscard]] std::size_t before(std::size_t sink, double length) const {
    return std::find_if(scans_.begin(), scans_.end(),
                        [&](const Scan& s) { return s.base + (row(s.source)[sink] - v_[sink]) == length; })
        ->source;
  }

  /// Flow along the shortest path from source `from` to a sink that wants more, and new potentials.
  void augment(std::size_t from) {
    std::fill(reach_.begin(), reach_.end(), infinity);
    std::copy_n(v_.begin(), m_, price_.begin());
    std::fill(price_.begin() + static_cast<std::ptrdiff_t>(m_), price_.end(), -infinity);
    std::fill(via_.begin(), via_.end(), none);
    scans_.clear();
    closed_.clear();
    double shortest = relax(from, -u_[from]);
    std::size_t sink = sink_at(shortest);
    while (wanted_[sink] == 0) {
      closed_.push_back(sink);
      length_[sink] = shortest;
      price_[sink] = -infinity;
      reach_[sink] = infinity;
      double least = infinity;
      for (const std::size_t i : sources_[sink]) {
        if (i == from || via_[i] != none) continue;
        via_[i] = sink;
        least = relax(i, length_[sink] - u_[i]);
      }
      shortest = least < infinity ? least : *std::min_element(reach_.begin(), reach_.end());
      sink = sink_at(shortest);
    }
    length_[sink] = shortest;
    send(from, sink);
    u_[from] += shortest;
    for (std::size_t i = 0; i < n_; ++i) {
      if (via_[i] != none) u_[i] += shortest - length_[via_[i]];
    }
    for (const std::size_t j : closed_) v_[j] -= shortest - length_[j];
  }

  void send(std::size_t from, std::size_t sink) {
    path_.clear();
    std::int64_t units = std::min(left_[from], wanted_[sink]);
    for (std::size_t j = sink;; j = via_[path_.back()]) {
      const std::size_t i = before(j, length_[j]);
      path_.push_back(i);
      if (i == from) break;
      units = std::min(units, flow_[i * m_ + via_[i]]);
    }
    left_[from] -= units;
    wanted_[sink] -= units;
    std::size_t j = sink;
    for (const std::size_t i : path_) {
      add(i, j, units);
      if (i == from) return;
      j = via_[i];
      take(i, j, units);
    }
  }

  std::size_t n_, m_, stride_;  // sources; sinks; sinks and the padding behind them, at infinite cost
  std::vector<double> cost_;
  std::vector<std::int64_t> left_, wanted_, flow_;
  std::vector<std::vector<std::size_t>> sources_;  // those that feed a sink
  std::vector<double> u_, v_;                      // potentials
  std::vector<double> price_, reach_, length_;     // v, and shortest path, of open sinks; length of a closed one's path
  std::vector<std::size_t> via_, closed_, path_;   // sink before a source; closed sinks; sources from a sink backwards
  std::vector<Scan> scans_;
};

}  // namespace

std::vector<std::int64_t> transport_plan(std::span<const double> cost, std::span<const std::int64_t> supply,
                                         std::span<const std::int64_t> demand) {
  return Transport(cost, supply, demand).solve();
}

std::vector<std::int64_t> equal_masses(index_t n, index_t m) {
  const index_t common = std::gcd(n, m);
  return std::vector<std::int64_t>(at(n), m / common);
}

}  // namespace kindred::host
