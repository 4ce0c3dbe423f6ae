#pragma once
/// The nearest-normal basis of an operator.
#include "kernels/pavf/refine.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Q maximising ||D||, D the projection of Q^T A Q onto block-diagonal normal matrices (2x2 blocks [[a, b], [-b, a]]
/// for the first `paired` blocks, real modes for the rest): D <- projection, then max over Q of <D, Q^T A Q>, in turn.
///
/// The ascent runs in float32 and stops when a round gains less than 1e-3 of the energy. Going on to the maximum would
/// take ten times as long for nothing: the basis only shapes the preconditioner and the kicks of a search, and neither
/// its work nor the minima it finds change with a better one. Basis and operator themselves are float64.
///
/// Item: one system; matrices r x ld with ld rows, ld = pavf_padded(r), blocks split as in PavfWorkspace.
/// in/out operators: Q0^T A Q0 in some first basis Q0 (real Schur form); on return Q^T A Q
/// out    bases: C with Q = Q0 C^T;  normal_parts: a, then b, ld each
/// Preconditions: ||A||_F = 1. Cost: at most 30 x 8 iterations of PavfRefine; usually 50 to 300 products.
/// Source: the nearest normal matrix, Ruhe 1987, doi 10.1007/BF01933726; here by ascent with the block structure fixed.
struct PavfBasis {
  struct Params {
    index_t r;
    const std::int32_t* paired;
    double* operators;
    double* bases;
    double* normal_parts;
  };

  static Scratch scratch(const Params& p) {
    Scratch s = PavfWorkspace<int, float>::scratch(p.r);
    s.bytes +=
        PavfWorkspace<int, float>::rotations_scratch(p.r, 1).bytes + PavfWorkspace<int, double>::scratch(p.r).bytes;
    const index_t ld = pavf_padded(p.r);
    return s.add<float>(ld * ld).add<float>(ld * ld).add<float>(2 * ld).add<double>(ld * ld);
  }

  static index_t width(const Params& p) { return p.r * pavf_padded(p.r); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t ld = pavf_padded(p.r), size = ld * ld, paired = p.paired[item];
    double* op = p.operators + item * size;
    PavfWorkspace<Exec, float> space(ex, p.r);
    const PavfRotations<float> rotations = space.rotations(1);
    PavfWorkspace<Exec, double> fine(ex, p.r);
    float* d = ex.template scratch<float>(size);
    float* first = ex.template scratch<float>(size);
    float* normal = ex.template scratch<float>(2 * ld);
    double* exact = ex.template scratch<double>(size);
    float* c = space.c;
    ex.for_each(size, [=](index_t i) {
      d[i] = 0;
      exact[i] = op[i];
      first[i] = static_cast<float>(op[i]);
      c[i] = i % (ld + 1) == 0 && i / (ld + 1) < p.r ? 1.0F : 0.0F;
    });
    ex.for_each(2 * ld, [=](index_t i) { normal[i] = 0; });
    ex.sync();
    space.conjugate(first);
    float captured = project(space, paired, normal, d);
    for (int round = 0; round < rounds; ++round) {
      space.set_left(d, normal, paired);
      PavfRefine<Exec, float> refine(space, 0.5F * (captured + 1.0F), rotations);
      refine.run({0.0, 1e-4, ascents});
      const float now = project(space, paired, normal, d);
      if (!(now - captured > gain)) break;
      captured = now;
    }
    const float* found = space.c;
    double *q = fine.c, *basis = p.bases + item * size, *parts = p.normal_parts + item * 2 * ld;
    ex.for_each(fine.size, [=](index_t i) { q[i] = static_cast<double>(found[i]); });
    ex.for_each(2 * ld, [=](index_t i) { parts[i] = 0; });
    ex.sync();
    for (int k = 0; k < 4; ++k) {
      if (fine.orthonormalize(fine.c) < 1e-8) break;
    }
    fine.conjugate(exact);
    project(fine, paired, parts, static_cast<double*>(nullptr));
    const double* m = fine.m;
    ex.for_each(size, [=](index_t i) {
      op[i] = m[i];
      basis[i] = q[i];
    });
    ex.sync();
  }

 private:
  static constexpr int rounds = 30;      ///< at most
  static constexpr index_t ascents = 8;  ///< iterations of a round
  static constexpr float gain = 1e-3F;   ///< energy captured in a round that is worth another

  /// (a, b) per index, D unless null; returns ||D||^2.
  template <class Exec, class T>
  KINDRED_FN static T project(PavfWorkspace<Exec, T>& space, index_t paired, T* normal, T* d) {
    const T* m = space.m;
    const index_t ld = space.ld, half = space.half;
    space.ex.for_each(space.n, [=](index_t i) {
      const index_t k = i < half ? i : i - half;
      const bool pair = i < 2 * half && k < paired;
      const index_t f = k, l = half + k;
      const T a = pair ? T(0.5) * (m[f * ld + f] + m[l * ld + l]) : m[i * ld + i];
      const T b = pair ? T(0.5) * (m[f * ld + l] - m[l * ld + f]) : T(0);
      normal[i] = a;
      normal[ld + i] = b;
      if (d == nullptr) return;
      d[i * ld + i] = a;
      if (pair) d[i * ld + (i == f ? l : f)] = i == f ? b : -b;
    });
    space.ex.sync();
    return space.ex.reduce(space.n, T(0), Plus{},
                           [=](index_t i) { return normal[i] * normal[i] + normal[ld + i] * normal[ld + i]; });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
