#pragma once
/// The start that aligns the normal parts of two operators.
#include "kernels/program/pavf_block.hpp"
#include "kernels/program/transport.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// C that lays the blocks of B's nearest-normal basis on those of A's which the transport of their eigenvalues
/// a +- i |b| assigns to them. For normal operators that assignment is the minimum over all unitary C (Hoffman and
/// Wielandt, doi 10.1215/S0012-7094-53-02004-3), and this C reaches it unless the transport splits a conjugate pair
/// between a pair and a real eigenvalue. The angles within the blocks, which only what is not normal depends on, are
/// left at zero. Pencils compare projections of the eigenvalues on a line, and miss it where they lie in the plane.
template <class Exec, class T>
class PavfNormalStart {
 public:
  static Scratch scratch(index_t r) {
    return Scratch{}.add<double>(Transport::doubles(r)).add<std::int32_t>(Transport::integers(r) + r);
  }

  KINDRED_FN explicit PavfNormalStart(PavfBlock<Exec, T>& block) : b_(block) {
    values_ = b_.ex.template scratch<double>(Transport::doubles(b_.n));
    indices_ = b_.ex.template scratch<std::int32_t>(Transport::integers(b_.n) + b_.n);
  }

  /// b.c <- the start; `normal`, `paired` of the right operator as PavfBlock::set_left takes them; `special`: det = +1.
  KINDRED_CALL void run(const T* normal, index_t paired, bool special) {
    const index_t n = b_.n, ld = b_.ld;
    T* c = b_.c;
    b_.ex.for_each(b_.size, [=](index_t i) { c[i] = 0; });
    b_.ex.sync();
    const T* left = b_.normal;
    const index_t left_paired = b_.paired;
    double* values = values_;
    std::int32_t* indices = indices_;
    b_.ex.once([=] {
      Transport t(values, indices, n);
      load(left, left_paired, n, ld, t.a);
      load(normal, paired, n, ld, t.b);
      t.solve();
      std::int32_t* column_of = indices + Transport::integers(n);
      for (std::int32_t j = 0; j < t.b.count; ++j) {
        const std::int32_t* rows = t.slots(j);
        for (int k = 0; k < 2; ++k) {
          if (rows[k] == Transport::none) continue;
          const index_t i = member(rows[k], t.a.left[rows[k]]++, left_paired, n);
          column_of[i] = static_cast<std::int32_t>(member(j, t.b.left[j]++, paired, n));
          c[i * ld + column_of[i]] = 1;
        }
        // a whole block on a whole block: turned over where they rotate against each other
        const index_t i = rows[0];
        if (rows[0] == rows[1] && i < left_paired && j < paired && left[ld + i] * normal[ld + j] < 0) {
          c[(n / 2 + i) * ld + n / 2 + j] = -1;
        }
      }
      if (special && negative(c, column_of, n, ld)) {
        for (index_t j = 0; j < n; ++j) c[j] = -c[j];
      }
    });
    b_.ex.sync();
  }

 private:
  /// Nodes: the complex pairs, then the real modes in the order of their indices.
  KINDRED_FN static void load(const T* normal, index_t paired, index_t n, index_t ld, Transport::Side& side) {
    for (index_t k = 0; k < n - paired; ++k) {
      const index_t i = member(k, 0, paired, n);
      side.re[k] = normal[i];
      side.im[k] = k < paired ? std::abs(normal[ld + i]) : T(0);
      side.left[k] = k < paired ? 2 : 1;
    }
    side.count = static_cast<std::int32_t>(n - paired);
  }

  /// Index of the first or second mode of a node.
  KINDRED_FN static index_t member(index_t node, index_t which, index_t paired, index_t n) {
    const index_t half = n / 2;
    if (node < paired) return node + which * half;
    return node < half ? node : node + paired;
  }

  /// Whether det C < 0: the signs of its entries and of its permutation; ends with column_of all visited, below zero.
  KINDRED_FN static bool negative(const T* c, std::int32_t* column_of, index_t n, index_t ld) {
    bool odd = false;
    for (index_t i = 0; i < n; ++i) {
      for (index_t k = i; column_of[k] >= 0;) {
        const index_t next = column_of[k];
        odd ^= (c[k * ld + next] < 0) != (next != i);  // a cycle of m rows is m - 1 exchanges
        column_of[k] = -1;
        k = next;
      }
    }
    return odd;
  }

  PavfBlock<Exec, T>& b_;
  double* values_;
  std::int32_t* indices_;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
