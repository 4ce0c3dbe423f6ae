#pragma once
/// Transport between two folded spectra, by one thread.
#include "kernels/exec/executor.hpp"

#include <cstdint>

namespace kindred::kernels::inline KINDRED_TARGET {

/// min sum_ij flow_ij |x_i - y_j|^2 over flows that use up all supplies: points x_i, y_j of the upper half plane,
/// supply 2 (a conjugate pair) or 1 (real), sums of supplies equal.
///
/// The spectrum of a real matrix is closed under conjugation; folded onto the upper half plane, the transport has the
/// same minimum as the r x r assignment of eigenvalues. Solved by successive shortest paths with node potentials
/// (Jonker and Volgenant, doi 10.1007/BF02278710): reduction, a greedy flow on edges whose reduced cost is zero, then
/// one Dijkstra search for each supply that is left, along whose path 1 or 2 units flow. At all times the reduced costs
/// c(i, j) - u_i - v_j are >= 0, and 0 where there is flow.
///
/// Cost: O(n^2) in the best case, O(n^3) in the worst, n nodes a side. There is no float version: its rounding would
/// decide near ties at random.
struct Transport {
  static constexpr std::int32_t none = -1;

  /// One side: its nodes, and how much of their supply is left.
  struct Side {
    double* re;
    double* im;
    std::int32_t* left;
    std::int32_t count;
  };

  /// Numbers of values and of indices that up to n nodes a side take.
  KINDRED_FN static index_t doubles(index_t n) { return 8 * n; }
  KINDRED_FN static index_t integers(index_t n) { return 8 * n; }

  KINDRED_FN Transport(double* values, std::int32_t* indices, index_t n)
      : a{values, values + n, indices, 0},
        b{values + 2 * n, values + 3 * n, indices + n, 0},
        u(values + 4 * n),
        v(values + 5 * n),
        reach(values + 6 * n),
        length(values + 7 * n),
        slot(indices + 2 * n),
        before(indices + 4 * n),
        via(indices + 5 * n),
        scanned(indices + 6 * n) {}

  /// After both sides are filled: the flow, in `slots`.
  KINDRED_FN void solve() const {
    start();
    for (std::int32_t i = 0; i < a.count; ++i) {
      while (a.left[i] > 0) augment(i);
    }
  }

  KINDRED_FN double cost(std::int32_t i, std::int32_t j) const {
    const double x = a.re[i] - b.re[j], y = a.im[i] - b.im[j];
    return x * x + y * y;
  }
  /// Rows from which a unit flows into column j: two of them.
  KINDRED_FN std::int32_t* slots(std::int32_t j) const { return slot + index_t{2} * j; }

  Side a, b;

 private:
  KINDRED_FN std::int32_t flow(std::int32_t i, std::int32_t j) const {
    return (slots(j)[0] == i ? 1 : 0) + (slots(j)[1] == i ? 1 : 0);
  }

  /// u_i = min_j c(i, j), v_j = min_i (c(i, j) - u_i), and a greedy flow on the edges whose reduced cost is then zero.
  KINDRED_FN void start() const {
    const std::int32_t rows = a.count, columns = b.count;
    for (std::int32_t j = 0; j < columns; ++j) {
      v[j] = infinity();
      slots(j)[0] = slots(j)[1] = none;
    }
    for (std::int32_t i = 0; i < rows; ++i) {
      double least = infinity();
      for (std::int32_t j = 0; j < columns; ++j) {
        const double c = reach[j] = cost(i, j);
        least = c < least ? c : least;
      }
      u[i] = least;
      for (std::int32_t j = 0; j < columns; ++j) {
        const double c = reach[j] - least;
        v[j] = c < v[j] ? c : v[j];
      }
    }
    for (std::int32_t i = 0; i < rows; ++i) {
      for (std::int32_t j = 0; j < columns && a.left[i] > 0; ++j) {
        if (b.left[j] > 0 && cost(i, j) - u[i] - v[j] <= 0) push(i, j);
      }
    }
  }

  /// As many units as both supplies allow from row i into column j.
  KINDRED_FN void push(std::int32_t i, std::int32_t j) const {
    const std::int32_t units = a.left[i] < b.left[j] ? a.left[i] : b.left[j];
    a.left[i] -= units;
    b.left[j] -= units;
    replace(j, none, i, units);
  }

  /// Moves `units` slots of column j from row `from` to row `to`.
  KINDRED_FN void replace(std::int32_t j, std::int32_t from, std::int32_t to, std::int32_t units) const {
    for (int k = 0; k < 2; ++k) {
      std::int32_t& row = slots(j)[k];
      if (units > 0 && row == from) {
        row = to;
        --units;
      }
    }
  }

  /// Takes the paths to columns through row i where they are shorter; row i lies `distance` from the start.
  KINDRED_FN void relax(std::int32_t i, double distance) const {
    const double base = distance - u[i];
    const double x = a.re[i], y = a.im[i];
    for (std::int32_t j = 0; j < b.count; ++j) {
      const double dx = x - b.re[j], dy = y - b.im[j];
      const double candidate = base + (dx * dx + dy * dy - v[j]);
      const bool shorter = candidate < reach[j];
      reach[j] = shorter ? candidate : reach[j];
      before[j] = shorter ? i : before[j];
    }
  }

  /// The column with the shortest path among those not scanned; the first of equals.
  KINDRED_FN std::int32_t nearest() const {
    std::int32_t best = 0;
    double least = infinity();
    for (std::int32_t j = 0; j < b.count; ++j) {
      if (reach[j] < least && reach[j] > -infinity()) {
        least = reach[j];
        best = j;
      }
    }
    return best;
  }

  /// One Dijkstra search from row `from` to the nearest column that still has demand; then flow along the path, and new
  /// potentials.
  KINDRED_FN void augment(std::int32_t from) const {
    for (std::int32_t j = 0; j < b.count; ++j) reach[j] = infinity();
    for (std::int32_t i = 0; i < a.count; ++i) via[i] = none;
    relax(from, 0);
    std::int32_t scans = 0;
    std::int32_t sink = nearest();
    double shortest = reach[sink];
    while (b.left[sink] == 0) {
      scanned[scans++] = sink;
      length[sink] = shortest;
      reach[sink] = -infinity();  // closed: no path is shorter
      for (int k = 0; k < 2; ++k) {
        const std::int32_t i = slots(sink)[k];
        if (i == none || i == from || via[i] != none) continue;
        via[i] = sink;
        relax(i, shortest);
      }
      sink = nearest();
      shortest = reach[sink];
    }
    send(from, sink);
    u[from] += shortest;
    for (std::int32_t i = 0; i < a.count; ++i) {
      if (via[i] != none) u[i] += shortest - length[via[i]];
    }
    for (std::int32_t k = 0; k < scans; ++k) v[scanned[k]] -= shortest - length[scanned[k]];
  }

  /// Sends as many units along the path to `sink` as it carries, 1 or 2: into each column and back out of the one
  /// before.
  KINDRED_FN void send(std::int32_t from, std::int32_t sink) const {
    std::int32_t units = a.left[from] < b.left[sink] ? a.left[from] : b.left[sink];
    for (std::int32_t i = before[sink]; i != from; i = before[via[i]]) {
      const std::int32_t back = flow(i, via[i]);
      units = back < units ? back : units;
    }
    a.left[from] -= units;
    b.left[sink] -= units;
    std::int32_t free = none;  // what the units leave in the slots of `sink`
    for (std::int32_t j = sink;;) {
      const std::int32_t i = before[j];
      replace(j, free, i, units);
      if (i == from) return;
      // Row i now feeds j; the slots it leaves in the column before go to the row before it.
      free = i;
      j = via[i];
    }
  }

  /// Above every path length; finite, so that differences are.
  KINDRED_FN static double infinity() { return 1.7e308; }

  double* u;              ///< potentials of a
  double* v;              ///< potentials of b
  double* reach;          ///< length of the shortest path to a column so far; -infinity once scanned
  double* length;         ///< of the shortest path to a scanned column
  std::int32_t* slot;     ///< slots(j)
  std::int32_t* before;   ///< row before column j on its shortest path
  std::int32_t* via;      ///< column through which row i was reached; none: not reached
  std::int32_t* scanned;  ///< columns in the order of scanning
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
