#pragma once
/// Whether results are equal to the bit, and a comparison that takes little time.
#include <kindred/metrics.hpp>
#include <kindred/results.hpp>

#include <bit>
#include <cstdint>

namespace kindred::test {

inline Dsa quick() {
  Dsa dsa;
  dsa.effort = Effort::fast;
  return dsa;
}

inline bool same_bits(const PairResult& a, const PairResult& b) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  return bits(a.distance) == bits(b.distance) && bits(a.lower_bound) == bits(b.lower_bound) &&
         bits(a.gap) == bits(b.gap) && a.refinements == b.refinements && a.status == b.status;
}

inline bool same_bits(const DistanceMatrix& a, const DistanceMatrix& b) {
  for (index_t i = 0; i < a.rows(); ++i) {
    for (index_t j = 0; j < a.columns(); ++j) {
      if (!same_bits(a.at(i, j), b.at(i, j))) return false;
    }
  }
  return a.rows() == b.rows() && a.columns() == b.columns();
}

}  // namespace kindred::test
