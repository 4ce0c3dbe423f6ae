#pragma once
/// PAVF: the minimum over orthogonal C of ||A - C B C^T||_F for one pair of operators.
#include "kernels/program/pavf_refine.hpp"
#include "kernels/program/pavf_start.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

inline constexpr index_t pavf_pencils = 3;

/// One system, prepared (host/engine/pavf_prepare.hpp): matrices r x ld with ld rows apart, ld = pavf_padded(r).
struct PavfFacts {
  std::uint64_t key;     ///< hash of the bits of the operator over its scale
  std::int32_t paired;   ///< complex pairs of the nearest-normal basis
  std::int32_t usable;   ///< 0: not finite; 1: a multiple of the identity; 2: to be aligned
};

struct PavfPair {
  std::int32_t i, j;
};

struct PavfOutcome {
  double energy;             ///< 1/2 ||A0 - C B0 C^T||^2 of the deflated operators of unit norm, float64
  std::int32_t refinements;  ///< local minimisations spent
  std::int32_t converged;    ///< 1: the last polish met its stopping rule
  std::int32_t iterations;   ///< of all minimisations
  std::int32_t products;     ///< r x r matrix products
};

struct PavfSearch {
  index_t starts, kicks, hits, planes;
  double decrement, polish;
  double stop;      ///< energy below which no search is made
  double same;      ///< relative difference of energies that are one minimum
  std::uint64_t seed;
  index_t experiment[8];
  double real[8];
};

template <class T>
struct Pavf {
  struct Params {
    index_t r;
    const PavfFacts* facts;   // systems
    const T* operators;       // systems x ld x ld
    const T* normal_parts;    // systems x 2 x ld
    const T* pencils;         // systems x 3 x 4 x ld x ld
    const double* operators64;
    const double* normal_parts64;
    const PavfPair* pairs;
    PavfOutcome* outcomes;    // items
    double* alignments;       // items x ld x ld, C in the prepared bases, or null
    PavfSearch search;
    index_t double_polish;
  };

  static Scratch scratch(const Params& p) {
    Scratch s;
    s.bytes += PavfBlock<int, T>::scratch(p.r).bytes + PavfStart<int, T>::scratch(p.r).bytes;
    const index_t ld = pavf_padded(p.r);
    for (index_t k = 0; k < pavf_pencils; ++k) s.add<T>(ld * ld);
    s.bytes += PavfBlock<int, double>::scratch(p.r).bytes;
    return s;
  }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const PavfPair pair = p.pairs[item];
    const PavfFacts fi = p.facts[pair.i], fj = p.facts[pair.j];
    const bool swapped = fj.key < fi.key;
    const index_t left = swapped ? pair.j : pair.i, right = swapped ? pair.i : pair.j;
    const index_t ld = pavf_padded(p.r), step = ld * ld;
    PavfBlock<Exec, T> block(ex, p.r);
    PavfOutcome out{};
    const index_t paired = swapped ? fj.paired : fi.paired;
    const std::uint64_t key = mix(mix(swapped ? fj.key : fi.key) + (swapped ? fi.key : fj.key)) ^ mix(p.search.seed);
    block.set_left(p.operators + left * step, p.normal_parts + left * 2 * ld, paired);
    const T* b = p.operators + right * step;
    search(ex, p, block, b, left, right, key, out);
    // polish and residual in float64
    PavfBlock<Exec, double> fine(ex, p.r);
    fine.set_left(p.operators64 + left * step, p.normal_parts64 + left * 2 * ld, paired);
    const T* cs = block.best;
    double* cd = fine.c;
    ex.for_each(step, [=](index_t i) { cd[i] = static_cast<double>(cs[i]); });
    ex.sync();
    for (int k = 0; k < 4; ++k) {
      if (fine.orthonormalize(fine.c) < 1e-8) break;
    }
    fine.conjugate(p.operators64 + right * step);
    PavfRefine<Exec, double> refine(fine, 1.0);
    out.energy = refine.run({p.search.polish, 1e-10, p.double_polish}, true);
    fine.orthonormalize(fine.c);
    fine.conjugate(p.operators64 + right * step);
    out.energy = fine.energy(fine.m);
    out.converged = refine.converged;
    out.products = static_cast<std::int32_t>(block.products);
    ex.once([&] { p.outcomes[item] = out; });
  }

 private:
  template <class Exec>
  KINDRED_FN static void search(Exec& ex, const Params& p, PavfBlock<Exec, T>& block, const T* b, index_t left,
                                index_t right, std::uint64_t key, PavfOutcome& out) {
    const PavfSearch& o = p.search;
    const index_t ld = pavf_padded(p.r), step = ld * ld, size = block.size;
    PavfStart<Exec, T> start(block);
    T* starts[pavf_pencils];
    T level[pavf_pencils];
    for (index_t k = 0; k < pavf_pencils; ++k) starts[k] = ex.template scratch<T>(step);
    index_t found = 0;
    for (index_t k = 0; k < pavf_pencils; ++k) {
      const T* l = p.pencils + (left * pavf_pencils + k) * 4 * step;
      const T* r = p.pencils + (right * pavf_pencils + k) * 4 * step;
      if (!start.run(l, r, key + static_cast<std::uint64_t>(k))) continue;
      block.conjugate(b);
      level[found] = block.energy(block.m);
      T *to = starts[found], *from = block.c;
      ex.for_each(size, [=](index_t i) { to[i] = from[i]; });
      ex.sync();
      ++found;
      if (level[found - 1] < T(o.stop)) break;
    }
    for (index_t i = 1; i < found; ++i)
      for (index_t k = i; k > 0 && level[k] < level[k - 1]; --k) {
        const T x = level[k];
        level[k] = level[k - 1];
        level[k - 1] = x;
        T* t = starts[k];
        starts[k] = starts[k - 1];
        starts[k - 1] = t;
      }
    if (found == 0) {
      T* to = starts[0];
      ex.for_each(p.r, [=](index_t i) { to[i * (ld + 1)] = 1; });
      found = 1;
    }
    PavfRefine<Exec, T> refine(block, T(1));
    const PavfRefineOptions opt{o.decrement, 1e-5, 1000};
    T best = 3;
    index_t hits = 0;
    const auto keep = [&](T e) {
      const T lower = e < best ? e : best, near = T(o.same) * lower + T(1e-6);
      if (std::abs(e - best) <= near) {
        ++hits;
      } else if (e < best) {
        hits = 1;
      }
      if (e < best) {
        best = e;
        T* t = block.best;
        block.best = block.c;
        block.c = t;
      }
    };
    for (index_t k = 0; k < found && k < o.starts && hits < o.hits; ++k) {
      T *to = block.c, *from = starts[k];
      ex.for_each(size, [=](index_t i) { to[i] = from[i]; });
      ex.sync();
      block.conjugate(b);
      keep(refine.run(opt));
      ++out.refinements;
      if (best < T(o.stop)) break;
    }
    for (index_t k = 0; k < o.kicks && hits < o.hits && best > T(o.stop); ++k) {
      T *to = block.c, *from = block.best;
      ex.for_each(size, [=](index_t i) { to[i] = from[i]; });
      ex.sync();
      kick(block, o.planes, mix(key + 1000 + static_cast<std::uint64_t>(k)));
      block.conjugate(b);
      keep(refine.run(opt));
      ++out.refinements;
    }
    out.iterations = static_cast<std::int32_t>(refine.iterations);
  }

  template <class Exec>
  KINDRED_FN static void kick(PavfBlock<Exec, T>& block, index_t planes, std::uint64_t key) {
    const index_t n = block.n, ld = block.ld;
    const index_t count = 2 + random_below(key, 0, planes - 1);
    T* c = block.c;
    for (index_t t = 0; t < count; ++t) {
      const std::uint64_t at = static_cast<std::uint64_t>(4 * t + 1);
      const index_t p = random_below(key, at, n);
      index_t q = random_below(key, at + 1, n - 1);
      if (q >= p) ++q;
      const T angle = T((0.25 + 0.5 * random_unit(key, at + 2)) * 3.14159265358979);
      const T co = std::cos(angle), si = std::sin(angle), sign = random_unit(key, at + 3) < 0.5 ? T(-1) : T(1);
      block.ex.for_each(n, [=](index_t k) {
        const T x = c[p * ld + k], y = sign * c[q * ld + k];
        c[p * ld + k] = co * x + si * y;
        c[q * ld + k] = co * y - si * x;
      });
      block.ex.sync();
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
