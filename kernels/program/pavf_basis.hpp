#pragma once
/// The nearest-normal basis of an operator.
#include "kernels/program/pavf_refine.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Q maximising ||D||, D the projection of Q^T A Q on block-diagonal normal matrices (2x2 blocks [[a, b], [-b, a]] for
/// the first `paired` blocks, real modes for the rest): D <- projection, then max over Q of <D, Q^T A Q>, in turn.
///
/// Item: one system; float64; matrices r x ld with ld rows, ld = pavf_padded(r), blocks split as in PavfBlock.
/// in/out operators: Q0^T A Q0 in some first basis Q0 (real Schur form); on return Q^T A Q
/// out    bases: C with Q = Q0 C^T;  normal_parts: a, then b, ld each
/// Preconditions: ||A||_F = 1. Cost: at most 60 x 20 iterations of PavfRefine; usually a few hundred products.
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
    Scratch s = PavfBlock<int, double>::scratch(p.r);
    const index_t ld = pavf_padded(p.r);
    s.add<double>(ld * ld).add<double>(ld * ld).add<double>(2 * ld);
    return s;
  }

  static index_t width(const Params& p) { return p.r * pavf_padded(p.r); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t ld = pavf_padded(p.r), size = ld * ld;
    PavfBlock<Exec, double> block(ex, p.r);
    double* d = ex.template scratch<double>(size);
    double* first = ex.template scratch<double>(size);
    double* normal = ex.template scratch<double>(2 * ld);
    double* op = p.operators + item * size;
    double* c = block.c;
    const index_t paired = p.paired[item];
    ex.for_each(size, [=](index_t i) {
      d[i] = 0;
      first[i] = op[i];
      c[i] = i % (ld + 1) == 0 && i / (ld + 1) < p.r ? 1.0 : 0.0;
    });
    ex.for_each(2 * ld, [=](index_t i) { normal[i] = 0; });
    ex.sync();
    block.conjugate(first);
    double captured = project(block, paired, d, normal);
    for (int round = 0; round < 60; ++round) {
      block.set_left(d, normal, paired);
      PavfRefine<Exec, double> refine(block, 0.5 * (captured + 1.0));
      refine.run({0.0, 1e-4, 20});
      const double now = project(block, paired, d, normal);
      if (!(now - captured > 1e-5)) break;
      captured = now;
    }
    for (int k = 0; k < 4; ++k) {
      if (block.orthonormalize(block.c) < 1e-8) break;
    }
    block.conjugate(first);
    project(block, paired, d, normal);
    const double *m = block.m, *q = block.c;
    double *basis = p.bases + item * size, *parts = p.normal_parts + item * 2 * ld;
    ex.for_each(size, [=](index_t i) {
      op[i] = m[i];
      basis[i] = q[i];
    });
    ex.for_each(2 * ld, [=](index_t i) { parts[i] = normal[i]; });
    ex.sync();
  }

 private:
  /// D, its (a, b) per index, and ||D||^2.
  template <class Exec>
  KINDRED_FN static double project(PavfBlock<Exec, double>& block, index_t paired, double* d, double* normal) {
    const double* m = block.m;
    const index_t ld = block.ld, half = block.half;
    block.ex.for_each(block.n, [=](index_t i) {
      const index_t k = i < half ? i : i - half;
      const bool pair = i < 2 * half && k < paired;
      const index_t f = k, l = half + k;
      const double a = pair ? 0.5 * (m[f * ld + f] + m[l * ld + l]) : m[i * ld + i];
      const double b = pair ? 0.5 * (m[f * ld + l] - m[l * ld + f]) : 0.0;
      normal[i] = a;
      normal[ld + i] = b;
      d[i * ld + i] = a;
      if (pair) d[i * ld + (i == f ? l : f)] = i == f ? b : -b;
    });
    block.ex.sync();
    return block.ex.reduce(block.n, 0.0, Plus{},
                           [=](index_t i) { return normal[i] * normal[i] + normal[ld + i] * normal[ld + i]; });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
