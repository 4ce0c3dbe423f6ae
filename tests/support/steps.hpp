#pragma once
/// Steps of the library's block programs, as programs of the tests' own, run on the device under test.
#include "host/backend/backend.hpp"
#include "kernels/pavf/certificate.hpp"
#include "kernels/pavf/refine.hpp"

namespace kindred::test {

/// Runs P on items 0 .. count - 1 and waits for them. Arrays of `params` are memory of the backend. Each program below
/// is instantiated for either device.
template <class P>
void run_steps(host::Backend& backend, const typename P::Params& params, index_t count);

/// C (m x n) = A B + (accumulate ? C : 0), A m x k; rows padded to multiples of 8.
template <class T>
struct ProductStep {
  struct Params {
    index_t m, n, k;
    bool accumulate;
    const T *a, *b;
    T* c;
  };

  static kernels::Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return p.m * p.n; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t) {
    const index_t lda = kernels::pavf_padded(p.k), ld = kernels::pavf_padded(p.n);
    ex.multiply(ex.template product<T>(p.m, p.n, p.k, lda, ld, ld, p.accumulate), p.a, p.b, p.c);
  }
};

/// C (r x ld) = A B, symmetric (sign +1) or skew (-1).
struct SymmetricProductStep {
  struct Params {
    index_t r, ld;
    double sign;
    const double *a, *b;
    double* c;
  };

  static kernels::Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return p.r * p.ld; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t) {
    ex.multiply(ex.template symmetric_product<double>(p.r, p.ld), p.a, p.b, p.c, p.sign);
  }
};

/// Every phase for members of stacks. Item 0 takes them together, item 1 one after the other by the phases for one
/// array.
template <class T>
struct StackStep {
  static constexpr index_t arrays = 5;
  struct Params {
    index_t r;  // matrices r x ld with ld rows, ld = r padded, `arrays` in a stack
    const index_t* members;
    index_t count;
    const T *a, *b;
    T* out;   // items x 5 stacks: A B, itself + A A^T, A A^T, A^T, A + 2 B + k
    T* sums;  // items x 2 x arrays: of entries and of squares of A
  };

  static kernels::Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return p.r * kernels::pavf_padded(p.r); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    using kernels::Stack;
    const index_t r = p.r, ld = kernels::pavf_padded(r), step = ld * ld;
    const auto set = ex.template product<T>(r, r, r, ld, ld, ld, false);
    const auto add = ex.template product<T>(r, r, r, ld, ld, ld, true);
    const auto half = ex.template symmetric_product<T>(r, ld);
    const Stack<const T> a{p.a, step}, b{p.b, step};
    const auto output = [&](index_t s) { return Stack<T>{p.out + (item * 5 + s) * arrays * step, step}; };
    const Stack<T> ab = output(0), more = output(1), square = output(2), at = output(3), mixed = output(4);
    T* sums = p.sums + item * 2 * arrays;
    const auto mix = [=](index_t k) {
      const T *x = a[k], *y = b[k];
      T* z = mixed[k];
      return [=](index_t i, index_t j) { z[i * ld + j] = x[i * ld + j] + 2 * y[i * ld + j] + T(k); };
    };
    const auto terms = [=](index_t k) {
      const T* x = a[k];
      return [=](index_t i) { return kernels::Sums<T, 2>{{x[i], x[i] * x[i]}}; };
    };
    if (item == 0) {
      kernels::Members members;
      for (index_t q = 0; q < p.count; ++q) members.push(p.members[q]);
      ex.transpose(members, r, r, a, ld, at, ld);
      ex.for_each(members, r, r, mix);
      ex.multiply(members, set, a, b, ab);
      ex.sync();
      ex.multiply(members, half, a, at, square, T(1));
      ex.multiply(members, add, a, at, more);
      ex.template sum<2>(members, r * ld, terms, sums);
    } else {
      for (index_t q = 0; q < p.count; ++q) {
        const index_t k = p.members[q];
        ex.transpose(r, r, a[k], ld, at[k], ld);
        ex.for_each(r, r, mix(k));
        ex.multiply(set, a[k], b[k], ab[k]);
        ex.sync();
        ex.multiply(half, a[k], at[k], square[k], T(1));
        ex.multiply(add, a[k], at[k], more[k]);
        const kernels::Sums<T, 2> s = ex.template sum<2>(r * ld, terms(k));
        ex.once([=] {
          sums[2 * k] = s[0];
          sums[2 * k + 1] = s[1];
        });
      }
    }
  }
};

/// The proof for a pair A, B at the alignment that a refinement from a start reaches. Matrices as in PavfWorkspace.
struct ProofStep {
  struct Params {
    index_t r;
    const double *a, *b;        // ld x ld, items of them or one
    index_t next;               // from one item's A and B to the next's: ld x ld or 0
    const double* normal_part;  // of A, 2 x ld
    index_t paired;
    const double* starts;    // C, items x ld x ld
    index_t iterations;      // at most; 0: the start is proven as it is, and no normal part is needed
    bool gap;                // else a bound of the least eigenvalue with the first multipliers
    double *energy, *value;  // items; the latter is the gap or the bound
    double *p1, *p2;         // items x ld x ld: multipliers at the end
  };

  static kernels::Scratch scratch(const Params& p) {
    kernels::Scratch s = kernels::PavfWorkspace<int, double>::scratch(p.r);
    s.bytes += kernels::PavfWorkspace<int, double>::rotations_scratch(p.r, 1).bytes;
    s.bytes += kernels::PavfCertificate<int>::scratch().bytes;
    return s;
  }
  static index_t width(const Params& p) { return p.r * kernels::pavf_padded(p.r); }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    kernels::PavfWorkspace<Exec, double> block(ex, p.r);
    const index_t at = item * block.ld * block.ld;
    block.set_left(p.a + item * p.next, p.normal_part, p.paired);
    const double *b = p.b + item * p.next, *start = p.starts + at;
    double* c = block.c;
    ex.for_each(block.size, [=](index_t i) { c[i] = start[i]; });
    ex.sync();
    block.conjugate(b);
    kernels::PavfRefine<Exec, double> refine(block, 1.0, block.rotations(1));
    refine.run({1e-14, 1e-10, p.iterations});
    for (int k = 0; k < 2; ++k) block.orthonormalize(block.c);
    block.conjugate(b);
    const double energy = block.energy(block.m);
    kernels::PavfCertificate<Exec> certificate(block, static_cast<std::uint64_t>(item));
    double value = 0;
    if (p.gap) {
      value = certificate.gap();
    } else {
      certificate.prepare();
      value = certificate.lower_bound();
    }
    const kernels::PavfCertificateMatrices<Exec> multipliers{block};
    const double *from1 = multipliers.p1(), *from2 = multipliers.p2();
    double *p1 = p.p1 + at, *p2 = p.p2 + at;
    ex.for_each(block.size, [=](index_t i) {
      p1[i] = from1[i];
      p2[i] = from2[i];
    });
    ex.once([=] {
      p.energy[item] = energy;
      p.value[item] = value;
    });
  }
};

}  // namespace kindred::test

/// Instantiates run_steps, once for each device.
#define KINDRED_TEST_STEPS(run_steps_of) \
  run_steps_of(ProductStep<float>);      \
  run_steps_of(ProductStep<double>);     \
  run_steps_of(SymmetricProductStep);    \
  run_steps_of(StackStep<float>);        \
  run_steps_of(StackStep<double>);       \
  run_steps_of(ProofStep)
