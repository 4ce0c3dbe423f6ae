#include "host/base/transport.hpp"

#include "host/base/index.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace kindred::host {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t none = static_cast<std::size_t>(-1);

class Transport {
 public:
  Transport(std::span<const double> cost, std::span<const std::int64_t> supply, std::span<const std::int64_t> demand)
      : cost_(cost),
        n_(supply.size()),
        m_(demand.size()),
        left_(supply.begin(), supply.end()),
        wanted_(demand.begin(), demand.end()),
        flow_(n_ * m_, 0),
        u_(n_),
        v_(m_, infinity),
        reach_(m_),
        length_(m_),
        before_(m_),
        via_(n_),
        closed_(m_) {}

  std::vector<std::int64_t> solve() {
    start();
    for (std::size_t i = 0; i < n_; ++i) {
      while (left_[i] > 0) augment(i);
    }
    return std::move(flow_);
  }

 private:
  [[nodiscard]] double reduced(std::size_t i, std::size_t j) const { return cost_[i * m_ + j] - u_[i] - v_[j]; }

  /// Potentials under which every reduced cost is at least 0, and as much as flows along those that are 0.
  void start() {
    for (std::size_t i = 0; i < n_; ++i) {
      const auto row = cost_.subspan(i * m_, m_);
      u_[i] = *std::min_element(row.begin(), row.end());
      for (std::size_t j = 0; j < m_; ++j) v_[j] = std::min(v_[j], row[j] - u_[i]);
    }
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < m_ && left_[i] > 0; ++j) {
        if (wanted_[j] > 0 && reduced(i, j) <= 0) push(i, j, std::min(left_[i], wanted_[j]));
      }
    }
  }

  void push(std::size_t i, std::size_t j, std::int64_t units) {
    left_[i] -= units;
    wanted_[j] -= units;
    flow_[i * m_ + j] += units;
  }

  /// Paths through source i, which lies `distance` from the start, where they are shorter.
  void relax(std::size_t i, double distance) {
    for (std::size_t j = 0; j < m_; ++j) {
      if (closed_[j]) continue;
      const double through = distance + std::max(0.0, reduced(i, j));
      if (through < reach_[j]) {
        reach_[j] = through;
        before_[j] = i;
      }
    }
  }

  /// The nearest sink that is not closed; the first of equals.
  [[nodiscard]] std::size_t nearest() const {
    std::size_t best = none;
    for (std::size_t j = 0; j < m_; ++j) {
      if (!closed_[j] && (best == none || reach_[j] < reach_[best])) best = j;
    }
    return best;
  }

  /// Flow along the shortest path from source `from` to a sink that wants more, and new potentials.
  void augment(std::size_t from) {
    std::fill(reach_.begin(), reach_.end(), infinity);
    std::fill(closed_.begin(), closed_.end(), false);
    std::fill(via_.begin(), via_.end(), none);
    scanned_.clear();
    relax(from, 0);
    std::size_t sink = nearest();
    while (wanted_[sink] == 0) {
      closed_[sink] = true;
      scanned_.push_back(sink);
      length_[sink] = reach_[sink];
      for (std::size_t i = 0; i < n_; ++i) {
        if (flow_[i * m_ + sink] == 0 || i == from || via_[i] != none) continue;
        via_[i] = sink;
        relax(i, length_[sink]);
      }
      sink = nearest();
    }
    const double shortest = reach_[sink];
    send(from, sink);
    u_[from] += shortest;
    for (std::size_t i = 0; i < n_; ++i) {
      if (via_[i] != none) u_[i] += shortest - length_[via_[i]];
    }
    for (const std::size_t j : scanned_) v_[j] -= shortest - length_[j];
  }

  void send(std::size_t from, std::size_t sink) {
    std::int64_t units = std::min(left_[from], wanted_[sink]);
    for (std::size_t i = before_[sink]; i != from; i = before_[via_[i]]) {
      units = std::min(units, flow_[i * m_ + via_[i]]);
    }
    left_[from] -= units;
    wanted_[sink] -= units;
    for (std::size_t j = sink;;) {
      const std::size_t i = before_[j];
      flow_[i * m_ + j] += units;
      if (i == from) return;
      j = via_[i];
      flow_[i * m_ + j] -= units;
    }
  }

  std::span<const double> cost_;
  std::size_t n_, m_;
  std::vector<std::int64_t> left_, wanted_, flow_;
  std::vector<double> u_, v_, reach_,
      length_;  // potentials; length of the shortest path to a sink, so far and when it was closed
  std::vector<std::size_t> before_, via_,
      scanned_;  // source before a sink, sink before a source, sinks in the order of closing
  std::vector<char> closed_;
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
