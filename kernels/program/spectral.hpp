#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Spectral distance of pairs of real operators, exactly:
///
///     W2^2 = (1/r) min over permutations pi of sum_i |lambda_i - mu_pi(i)|^2
///
/// The spectrum of a real matrix is closed under conjugation, so it folds onto the upper half plane: a conjugate pair
/// is one node of supply 2 at (Re, |Im|), a real eigenvalue one of supply 1. The transport between two folded sets has
/// the same minimum as the r x r assignment. It is solved by successive shortest paths with node potentials (Jonker and
/// Volgenant, doi 10.1007/BF02278710): reduction, a greedy flow on tight edges, then one Dijkstra search for each
/// supply left, along which 1 or 2 units flow. The smaller spectrum is padded with zeros.
///
/// Item: up to `tile` pairs, each solved by one thread.
/// in   first: operators + 1 offsets of their nodes; re, im >= 0, supply (1 or 2): all nodes, in one canonical order
/// within
///      an operator; size: r of each operator
///      pairs: count x 2 operators
/// out  distance: count values, W2^2
/// Preconditions: |re|, |im| <= 1e150; every operator has at most max_nodes nodes when padded to the larger of the
/// pair. The pair is put in an order that depends on its values alone, so that (i, j) and (j, i) have the same bits.
/// Cost: O(n^2) in the best case, O(n^3) in the worst, n <= r nodes; scratch 96 bytes a node and pair. Relative error
/// (r + 4) eps: all terms are >= 0. Double only: single precision would decide near ties at random.
/// Source: arXiv 2302.09160; arXiv 2306.10168 (`wasserstein`).
struct SpectralDistance {
  static constexpr index_t tile = 32;

  struct Params {
    const index_t* first;
    const double* re;
    const double* im;
    const std::int32_t* supply;
    const index_t* size;
    const std::int32_t* pairs;
    double* distance;
    index_t count, max_nodes;
  };

  static constexpr index_t items(index_t count) { return (count + tile - 1) / tile; }

  /// One warp: a thread a pair.
  static index_t width(const Params&) { return tile; }
  static Scratch scratch(const Params& p) {
    return Scratch{}.add<double>(tile * doubles(p)).add<std::int32_t>(tile * integers(p));
  }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    double* values = ex.template scratch<double>(tile * doubles(p));
    std::int32_t* indices = ex.template scratch<std::int32_t>(tile * integers(p));
    const index_t begin = item * tile;
    ex.for_each(begin + tile < p.count ? tile : p.count - begin, [=](index_t lane) {
      p.distance[begin + lane] = solve(p, begin + lane, values + lane * doubles(p), indices + lane * integers(p));
    });
  }

 private:
  static constexpr std::int32_t none = -1;

  KINDRED_FN static index_t doubles(const Params& p) { return 8 * p.max_nodes; }
  KINDRED_FN static index_t integers(const Params& p) { return 8 * p.max_nodes; }

  /// One side of a transport: nodes and what is left of their supply.
  struct Side {
    double* re;
    double* im;
    std::int32_t* left;
    std::int32_t count;
  };

  /// The state of one pair: reduced costs c(i, j) - u_i - v_j are >= 0, and 0 where flow runs.
  struct Transport {
    Side a, b;
    double* u;              ///< potentials of a
    double* v;              ///< potentials of b
    double* reach;          ///< length of the shortest path to a column so far; -infinity once scanned
    double* length;         ///< of the shortest path to a scanned column
    std::int32_t* slot;     ///< rows from which a unit flows into column j: two of them, slots(j)
    std::int32_t* before;   ///< row before column j on its shortest path
    std::int32_t* via;      ///< column through which row i was reached; none: not reached
    std::int32_t* scanned;  ///< columns in the order of scanning

    KINDRED_FN double cost(std::int32_t i, std::int32_t j) const {
      const double x = a.re[i] - b.re[j], y = a.im[i] - b.im[j];
      return x * x + y * y;
    }
    KINDRED_FN std::int32_t* slots(std::int32_t j) const { return slot + index_t{2} * j; }
    KINDRED_FN std::int32_t flow(std::int32_t i, std::int32_t j) const {
      return (slots(j)[0] == i ? 1 : 0) + (slots(j)[1] == i ? 1 : 0);
    }
  };

  KINDRED_FN static double solve(const Params& p, index_t pair, double* values, std::int32_t* indices) {
    index_t x = p.pairs[2 * pair], y = p.pairs[2 * pair + 1];
    if (precedes(p, y, x)) {
      const index_t swap = x;
      x = y;
      y = swap;
    }
    const index_t n = p.max_nodes;
    const index_t r = p.size[x] > p.size[y] ? p.size[x] : p.size[y];
    Transport t{{values, values + n, indices, 0},
                {values + 2 * n, values + 3 * n, indices + n, 0},
                values + 4 * n,
                values + 5 * n,
                values + 6 * n,
                values + 7 * n,
                indices + 2 * n,
                indices + 4 * n,
                indices + 5 * n,
                indices + 6 * n};
    load(p, x, r, t.a);
    load(p, y, r, t.b);
    start(t);
    for (std::int32_t i = 0; i < t.a.count; ++i) {
      while (t.a.left[i] > 0) augment(t, i);
    }
    double sum = 0;
    for (std::int32_t j = 0; j < t.b.count; ++j) {
      for (int k = 0; k < 2; ++k) {
        const std::int32_t i = t.slots(j)[k];
        if (i != none) sum += t.cost(i, j);
      }
    }
    return r > 0 ? sum / static_cast<double>(r) : 0;
  }

  /// Order of two spectra by their values.
  KINDRED_FN static bool precedes(const Params& p, index_t x, index_t y) {
    if (p.size[x] != p.size[y]) return p.size[x] < p.size[y];
    const index_t nx = p.first[x + 1] - p.first[x], ny = p.first[y + 1] - p.first[y];
    if (nx != ny) return nx < ny;
    for (index_t k = 0; k < nx; ++k) {
      const index_t kx = p.first[x] + k, ky = p.first[y] + k;
      if (p.re[kx] != p.re[ky]) return p.re[kx] < p.re[ky];
      if (p.im[kx] != p.im[ky]) return p.im[kx] < p.im[ky];
    }
    return false;
  }

  /// Copies a spectrum and pads it with zeros to r eigenvalues.
  KINDRED_FN static void load(const Params& p, index_t op, index_t r, Side& side) {
    for (index_t k = p.first[op]; k < p.first[op + 1]; ++k) {
      side.re[side.count] = p.re[k];
      side.im[side.count] = p.im[k];
      side.left[side.count++] = p.supply[k];
    }
    for (index_t padding = r - p.size[op]; padding > 0; padding -= 2) {
      side.re[side.count] = 0;
      side.im[side.count] = 0;
      side.left[side.count++] = padding > 1 ? 2 : 1;
    }
  }

  /// u_i = min_j c(i, j), v_j = min_i (c(i, j) - u_i), and a greedy flow on the edges this makes tight.
  KINDRED_FN static void start(const Transport& t) {
    const std::int32_t rows = t.a.count, columns = t.b.count;
    for (std::int32_t j = 0; j < columns; ++j) {
      t.v[j] = infinity();
      t.slots(j)[0] = t.slots(j)[1] = none;
    }
    for (std::int32_t i = 0; i < rows; ++i) {
      double least = infinity();
      for (std::int32_t j = 0; j < columns; ++j) {
        const double c = t.reach[j] = t.cost(i, j);
        least = c < least ? c : least;
      }
      t.u[i] = least;
      for (std::int32_t j = 0; j < columns; ++j) {
        const double c = t.reach[j] - least;
        t.v[j] = c < t.v[j] ? c : t.v[j];
      }
    }
    for (std::int32_t i = 0; i < rows; ++i) {
      for (std::int32_t j = 0; j < columns && t.a.left[i] > 0; ++j) {
        if (t.b.left[j] > 0 && t.cost(i, j) - t.u[i] - t.v[j] <= 0) push(t, i, j);
      }
    }
  }

  /// As many units as both supplies allow from row i into column j.
  KINDRED_FN static void push(const Transport& t, std::int32_t i, std::int32_t j) {
    const std::int32_t units = t.a.left[i] < t.b.left[j] ? t.a.left[i] : t.b.left[j];
    t.a.left[i] -= units;
    t.b.left[j] -= units;
    replace(t, j, none, i, units);
  }

  /// `units` slots of column j pass from row `from` to row `to`.
  KINDRED_FN static void replace(const Transport& t, std::int32_t j, std::int32_t from, std::int32_t to,
                                 std::int32_t units) {
    for (int k = 0; k < 2; ++k) {
      std::int32_t& row = t.slots(j)[k];
      if (units > 0 && row == from) {
        row = to;
        --units;
      }
    }
  }

  /// Shorter paths to columns through row i, which lies `length` from the start.
  KINDRED_FN static void relax(const Transport& t, std::int32_t i, double length) {
    const double base = length - t.u[i];
    const double x = t.a.re[i], y = t.a.im[i];
    for (std::int32_t j = 0; j < t.b.count; ++j) {
      const double dx = x - t.b.re[j], dy = y - t.b.im[j];
      const double candidate = base + (dx * dx + dy * dy - t.v[j]);
      const bool shorter = candidate < t.reach[j];
      t.reach[j] = shorter ? candidate : t.reach[j];
      t.before[j] = shorter ? i : t.before[j];
    }
  }

  /// Unscanned column with the shortest path; the first of equals.
  KINDRED_FN static std::int32_t nearest(const Transport& t) {
    std::int32_t best = 0;
    double least = infinity();
    for (std::int32_t j = 0; j < t.b.count; ++j) {
      if (t.reach[j] < least && t.reach[j] > -infinity()) {
        least = t.reach[j];
        best = j;
      }
    }
    return best;
  }

  /// One Dijkstra search from row `from` to the nearest column with demand left, flow along the path, new potentials.
  KINDRED_FN static void augment(const Transport& t, std::int32_t from) {
    for (std::int32_t j = 0; j < t.b.count; ++j) t.reach[j] = infinity();
    for (std::int32_t i = 0; i < t.a.count; ++i) t.via[i] = none;
    relax(t, from, 0);
    std::int32_t scans = 0;
    std::int32_t sink = nearest(t);
    double shortest = t.reach[sink];
    while (t.b.left[sink] == 0) {
      t.scanned[scans++] = sink;
      t.length[sink] = shortest;
      t.reach[sink] = -infinity();  // closed: no path is shorter
      for (int k = 0; k < 2; ++k) {
        const std::int32_t i = t.slots(sink)[k];
        if (i == none || i == from || t.via[i] != none) continue;
        t.via[i] = sink;
        relax(t, i, shortest);
      }
      sink = nearest(t);
      shortest = t.reach[sink];
    }
    send(t, from, sink);
    t.u[from] += shortest;
    for (std::int32_t i = 0; i < t.a.count; ++i) {
      if (t.via[i] != none) t.u[i] += shortest - t.length[t.via[i]];
    }
    for (std::int32_t k = 0; k < scans; ++k) t.v[t.scanned[k]] -= shortest - t.length[t.scanned[k]];
  }

  /// The most units that the path to `sink` carries, 1 or 2: forward into each column, back out of the one before.
  KINDRED_FN static void send(const Transport& t, std::int32_t from, std::int32_t sink) {
    std::int32_t units = t.a.left[from] < t.b.left[sink] ? t.a.left[from] : t.b.left[sink];
    for (std::int32_t i = t.before[sink]; i != from; i = t.before[t.via[i]]) {
      const std::int32_t back = t.flow(i, t.via[i]);
      units = back < units ? back : units;
    }
    t.a.left[from] -= units;
    t.b.left[sink] -= units;
    std::int32_t free = none;  // what the units leave in the slots of `sink`
    for (std::int32_t j = sink;;) {
      const std::int32_t i = t.before[j];
      replace(t, j, free, i, units);
      if (i == from) return;
      // Row i now feeds j; the slots it leaves in the column before go to the row before it.
      free = i;
      j = t.via[i];
    }
  }

  /// Above every path length; finite, so that differences are.
  KINDRED_FN static double infinity() { return 1.7e308; }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
