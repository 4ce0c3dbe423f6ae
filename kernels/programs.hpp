#pragma once
/// The list of all block programs, by which a launch finds an instance. It names them without their definitions: who
/// launches a program includes it, and a change of one program recompiles nothing else.
#include "kernels/exec/executor.hpp"

#include <cstddef>
#include <type_traits>

namespace kindred::kernels::inline KINDRED_TARGET {

struct DiagonalSums;
struct DistanceBounds;
struct GatherRows;
struct NeighbourKeys;
struct PavfBasis;
struct PavfMatching;
struct SpectralDistance;
template <class T>
struct BlockNorm;
template <class T>
struct CrossProduct;
template <class T>
struct DelayEmbedding;
template <class T>
struct MarkFailed;
template <class T>
struct NuclearNorm;
template <class In, class Out>
struct PackColumns;
template <class T>
struct Pavf;
template <class T>
struct ScanValues;
template <class T>
struct Symmetrize;
template <class T>
struct UpperTriangle;

template <class... P>
struct ProgramList {
  static constexpr std::size_t size = sizeof...(P);

  /// Position of program Q, by which a backend finds its instance.
  template <class Q>
  static constexpr std::size_t index_of() {
    static_assert((std::is_same_v<P, Q> || ...), "not in the list of programs");
    std::size_t i = 0;
    (void)((std::is_same_v<P, Q> ? true : (++i, false)) || ...);
    return i;
  }
};

using Programs =
    ProgramList<DelayEmbedding<float>, DelayEmbedding<double>, DiagonalSums, GatherRows, MarkFailed<double>,
                Symmetrize<double>, UpperTriangle<double>, PavfBasis, PavfMatching, Pavf<float>, Pavf<double>,
                SpectralDistance, PackColumns<float, float>, PackColumns<float, double>, PackColumns<double, float>,
                PackColumns<double, double>, CrossProduct<float>, CrossProduct<double>, BlockNorm<float>,
                BlockNorm<double>, NuclearNorm<float>, NuclearNorm<double>, ScanValues<float>, ScanValues<double>,
                DistanceBounds, NeighbourKeys>;

}  // namespace kindred::kernels::inline KINDRED_TARGET
