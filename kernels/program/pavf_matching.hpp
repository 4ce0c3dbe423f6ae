#pragma once
/// Which modes of two operators' nearest-normal bases belong together.
#include "kernels/prim/transport.hpp"

#include <cmath>
#include <cstdint>

namespace kindred::kernels::inline KINDRED_TARGET {

/// What the search of a pair needs to know of each of its systems.
struct PavfFacts {
  std::uint64_t key;    ///< hash of the bits of the operator over its scale
  std::int32_t paired;  ///< complex pairs of the nearest-normal basis
};

struct PavfPair {
  std::int32_t i, j;
};

/// A pair in an order that depends on the operators alone, so that (i, j) and (j, i) are the same problem.
struct PavfSides {
  index_t left, right;
  bool swapped;

  KINDRED_FN PavfSides(const PavfFacts* facts, PavfPair pair) : left(pair.i), right(pair.j) {
    swapped = facts[pair.j].key < facts[pair.i].key;
    if (!swapped) return;
    left = pair.j;
    right = pair.i;
  }
};

/// The signed permutation C that maps the blocks of B's nearest-normal basis to those of A's, as the transport between
/// their eigenvalues a +- i |b| assigns them. For normal operators that assignment is the minimum over all unitary C
/// (Hoffman and Wielandt, doi 10.1215/S0012-7094-53-02004-3). This C reaches it unless the transport splits a conjugate
/// pair between a pair and a real eigenvalue. Rotations within the blocks matter only to operators that are not normal;
/// here there are none. The starts from pencils miss this minimum, because a pencil sees the eigenvalues projected on a
/// line.
///
/// Item: up to `tile` pairs, each by one thread.
/// in   normal_parts: systems x 2 x ld as Pavf takes them, float64; pairs: count
/// out  matching: count x r; row i of C has its one entry in column j: j where it is 1, -1 - j where it is -1
/// Cost: as Transport with up to r nodes; scratch 100 bytes a mode and pair.
struct PavfMatching {
  static constexpr index_t tile = 32;

  struct Params {
    index_t r, ld;
    const PavfFacts* facts;
    const double* normal_parts;
    const PavfPair* pairs;
    std::int32_t* matching;
    index_t count;
    bool special;  ///< det C = +1 where r is even; else -C does what C does
  };

  static constexpr index_t items(index_t count) { return (count + tile - 1) / tile; }
  static index_t width(const Params&) { return tile; }
  static Scratch scratch(const Params& p) {
    return Scratch{}.add<double>(tile * Transport::doubles(p.r)).add<std::int32_t>(tile * integers(p));
  }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    double* values = ex.template scratch<double>(tile * Transport::doubles(p.r));
    std::int32_t* indices = ex.template scratch<std::int32_t>(tile * integers(p));
    const index_t begin = item * tile;
    ex.for_each(begin + tile < p.count ? tile : p.count - begin, [=](index_t lane) {
      match(p, begin + lane, values + lane * Transport::doubles(p.r), indices + lane * integers(p));
    });
  }

 private:
  KINDRED_FN static index_t integers(const Params& p) { return Transport::integers(p.r) + p.r; }

  KINDRED_FN static void match(const Params& p, index_t pair, double* values, std::int32_t* indices) {
    const PavfSides sides(p.facts, p.pairs[pair]);
    const double *a = p.normal_parts + sides.left * 2 * p.ld, *b = p.normal_parts + sides.right * 2 * p.ld;
    const index_t n = p.r, pa = p.facts[sides.left].paired, pb = p.facts[sides.right].paired;
    Transport t(values, indices, n);
    load(a, pa, p, t.a);
    load(b, pb, p, t.b);
    t.solve();
    std::int32_t *out = p.matching + pair * n, *column = indices + Transport::integers(n);
    bool negative = false;
    for (std::int32_t j = 0; j < t.b.count; ++j) {
      const std::int32_t* rows = t.slots(j);
      for (int k = 0; k < 2; ++k) {
        if (rows[k] == Transport::none) continue;
        const index_t i = member(rows[k], t.a.left[rows[k]]++, pa, n);
        out[i] = column[i] = static_cast<std::int32_t>(member(j, t.b.left[j]++, pb, n));
      }
      // a whole block to a whole block: turned over if they rotate in opposite directions
      const index_t i = rows[0];
      if (rows[0] == rows[1] && i < pa && j < pb && a[p.ld + i] * b[p.ld + j] < 0) {
        out[n / 2 + i] = -1 - out[n / 2 + i];
        negative = !negative;
      }
    }
    if (p.special && n % 2 == 0 && negative != odd(column, n)) out[0] = -1 - out[0];
  }

  /// Nodes: the complex pairs, then the real modes in the order of their indices.
  KINDRED_FN static void load(const double* normal, index_t paired, const Params& p, Transport::Side& side) {
    for (index_t k = 0; k < p.r - paired; ++k) {
      side.re[k] = normal[member(k, 0, paired, p.r)];
      side.im[k] = k < paired ? std::abs(normal[p.ld + k]) : 0;
      side.left[k] = k < paired ? 2 : 1;
    }
    side.count = static_cast<std::int32_t>(p.r - paired);
  }

  /// Index of the first or second mode of a node.
  KINDRED_FN static index_t member(index_t node, index_t which, index_t paired, index_t n) {
    const index_t half = n / 2;
    if (node < paired) return node + which * half;
    return node < half ? node : node + paired;
  }

  /// Whether a permutation is odd; destroys it.
  KINDRED_FN static bool odd(std::int32_t* column, index_t n) {
    bool out = false;
    for (index_t i = 0; i < n; ++i) {
      for (index_t k = i; column[k] >= 0;) {  // a cycle of m rows is m - 1 exchanges
        const index_t next = column[k];
        column[k] = -1;
        out = out != (next != i);
        k = next;
      }
    }
    return out;
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
