#pragma once
#include "kernels/prim/transport.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Spectral distance of pairs of operators, exactly:
///
///     W2^2 = (1/r) min over permutations pi of sum_i |lambda_i - mu_pi(i)|^2
///
/// Two spectra that are closed under conjugation come folded onto the upper half plane, others as they are; the smaller
/// one is padded with zeros, and a transport between them (kernels/prim/transport.hpp) gives the minimum.
///
/// Item: up to `tile` pairs, each solved by one thread.
/// in   first: operators + 1 offsets of their nodes; re, im (>= 0 where folded), supply (2 of a folded pair, else 1):
///      all nodes, in one canonical order within an operator; size: r of each operator
///      pairs: count x 2 operators, both folded or neither
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
  KINDRED_FN static index_t doubles(const Params& p) { return Transport::doubles(p.max_nodes); }
  KINDRED_FN static index_t integers(const Params& p) { return Transport::integers(p.max_nodes); }

  KINDRED_FN static double solve(const Params& p, index_t pair, double* values, std::int32_t* indices) {
    index_t x = p.pairs[2 * pair], y = p.pairs[2 * pair + 1];
    if (precedes(p, y, x)) {
      const index_t swap = x;
      x = y;
      y = swap;
    }
    const index_t r = p.size[x] > p.size[y] ? p.size[x] : p.size[y];
    Transport t(values, indices, p.max_nodes);
    load(p, x, r, t.a);
    load(p, y, r, t.b);
    t.solve();
    double sum = 0;
    for (std::int32_t j = 0; j < t.b.count; ++j) {
      for (int k = 0; k < 2; ++k) {
        const std::int32_t i = t.slots(j)[k];
        if (i != Transport::none) sum += t.cost(i, j);
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
  KINDRED_FN static void load(const Params& p, index_t op, index_t r, Transport::Side& side) {
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
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
