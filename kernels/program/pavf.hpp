#pragma once
#include "kernels/pavf/certificate.hpp"
#include "kernels/pavf/search.hpp"
#include "kernels/program/pavf_matching.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

struct PavfOutcome {
  double energy;             ///< 1/2 ||A - C B C^T||^2, float64
  double gap;                ///< proven: no C has an energy below energy - gap; negative: not asked for
  std::int32_t refinements;  ///< local minimisations spent
  std::int32_t converged;    ///< 1: the last refinement met its stopping rule
  std::int32_t iterations;   ///< of all minimisations
  std::int32_t products;     ///< r x r products of the search
};

/// Procrustes analysis over vector fields: min over orthogonal C of ||A - C B C^T||_F.
///
/// Item: one pair. T is the precision of the search; the last refinement and the residual are float64. The operator
/// with the smaller key is the left one, and every pseudo-random choice is a function of keys and seed: (i, j) and
/// (j, i) give the same bits.
/// in   operators: systems x ld x ld, ld = pavf_padded(r), deflated (trace 0), ||.||_F = 1, in the basis of
///      PavfWorkspace; normal_parts: systems x 2 x ld (a, b of that basis); pencils:
///      systems x pavf_pencils x 4 x ld x ld (Re U, Im U, Re X, Im X); operators64, normal_parts64: the same in
///      float64; all finite, padding zero matching: items x r, of PavfMatching with the same pairs
/// out  outcomes: items; alignments: items x ld x ld, C with A_i ~ C A_j C^T in the prepared bases (null: not wanted)
/// Cost: 300 (fast) to 10,000 (standard, r = 20) r x r products of type T; scratch: about 24 + 18 (float64) matrices,
/// 2 x level.slots for rotations that are kept, and 5 x level.stack if that is more than one.
///
/// Source: the distance, arXiv 2306.10168; starts, preconditioner and certificate: kernels/pavf.
template <class T>
struct Pavf {
  struct Params {
    index_t r;
    const PavfFacts* facts;
    const T* operators;
    const T* normal_parts;
    const T* pencils;
    const double* operators64;
    const double* normal_parts64;
    const PavfPair* pairs;
    const std::int32_t* matching;
    PavfOutcome* outcomes;
    double* alignments;
    PavfLevel level;
    std::uint64_t seed;
    bool special;  ///< det C = +1 only
    bool polish;   ///< refine in float64 after a search in float32 if its rounding shows
    bool certify;
  };

  static Scratch scratch(const Params& p) {
    Scratch s = PavfWorkspace<int, T>::scratch(p.r);
    s.bytes += PavfSearch<int, T>::scratch(p.r, p.level).bytes + PavfWorkspace<int, double>::scratch(p.r).bytes +
               PavfWorkspace<int, double>::rotations_scratch(p.r, 1).bytes;
    if (p.certify) s.bytes += PavfCertificate<int>::scratch().bytes;
    return s;
  }

  static index_t width(const Params& p) { return p.r * pavf_padded(p.r); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const PavfSides sides(p.facts, p.pairs[item]);
    const index_t left = sides.left, right = sides.right;
    const index_t ld = pavf_padded(p.r), step = ld * ld, paired = p.facts[left].paired;
    const std::uint64_t key = mix(mix(p.facts[left].key) + p.facts[right].key) ^ mix(p.seed);

    PavfWorkspace<Exec, T> space(ex, p.r);
    space.set_left(p.operators + left * step, p.normal_parts + left * 2 * ld, paired);
    PavfSearch<Exec, T> search(space, p.operators + right * step, p.matching + item * p.r, p.level, p.special, key);
    const index_t pencils = pavf_pencils * 4 * step;
    const PavfFound found = search.run(p.pencils + left * pencils, p.pencils + right * pencils);

    PavfOutcome out{};
    out.refinements = static_cast<std::int32_t>(found.refinements);
    out.iterations = static_cast<std::int32_t>(found.iterations);
    out.products = static_cast<std::int32_t>(space.products);
    PavfWorkspace<Exec, double> fine(ex, p.r);
    fine.set_left(p.operators64 + left * step, p.normal_parts64 + left * 2 * ld, paired);
    out.converged = finish(ex, p, space.best, fine, p.operators64 + right * step, key, out) || found.converged ? 1 : 0;
    if (p.alignments != nullptr) {
      double* c = p.alignments + item * step;
      if (sides.swapped) {
        ex.transpose(p.r, p.r, fine.c, ld, c, ld);
      } else {
        const double* x = fine.c;
        ex.for_each(step, [=](index_t i) { c[i] = x[i]; });
      }
    }
    PavfOutcome* to = p.outcomes + item;
    ex.once([=] { *to = out; });
  }

 private:
  /// Brings C to float64 and makes it orthonormal; refines it there if rounding of float32 shows in the distance or a
  /// proof is asked for; finds energy and gap. True if that refinement met its stopping rule.
  template <class Exec>
  KINDRED_CALL static bool finish(Exec& ex, const Params& p, const T* found, PavfWorkspace<Exec, double>& fine,
                                  const double* b, std::uint64_t key, PavfOutcome& out) {
    double* c = fine.c;
    ex.for_each(fine.size, [=](index_t i) { c[i] = static_cast<double>(found[i]); });
    ex.sync();
    orthonormal(fine);
    fine.conjugate(b);
    out.energy = fine.energy(fine.m);
    bool converged = false;
    if (p.polish && (out.energy < float_shows || p.certify)) {
      PavfRefine<Exec, double> refine(fine, 1.0, fine.rotations(1));
      refine.run(p.certify ? PavfRefineOptions{1e-14, 1e-10, 600} : PavfRefineOptions{1e-6, 1e-10, 400});
      converged = refine.converged;
      orthonormal(fine);
      fine.conjugate(b);
      out.energy = fine.energy(fine.m);
    }
    out.gap = -1;
    if (p.certify) {
      PavfCertificate<Exec> certificate(fine, key);
      out.gap = certificate.gap();
    }
    return converged;
  }

  template <class Exec>
  KINDRED_FN static void orthonormal(PavfWorkspace<Exec, double>& fine) {
    for (int k = 0; k < 4; ++k) {
      if (fine.orthonormalize(fine.c) < 1e-8) break;
    }
  }

  /// Energy below which float32's error of about 1e-6 in M exceeds a fraction 1e-4 of the distance.
  static constexpr double float_shows = 1e-4;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
