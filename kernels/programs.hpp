#pragma once
/// The list of all block programs: the one place from which both backends instantiate them (for CUDA, each also has a
/// line in a file under kernels/launch/instances_cuda, so that they compile apart).
#include "kernels/exec/executor.hpp"
#include "kernels/program/block_norm.hpp"
#include "kernels/program/cross_product.hpp"
#include "kernels/program/delay_embedding.hpp"
#include "kernels/program/diagonal_sums.hpp"
#include "kernels/program/gather_rows.hpp"
#include "kernels/program/mark_failed.hpp"
#include "kernels/program/nuclear_norm.hpp"
#include "kernels/program/pack_columns.hpp"
#include "kernels/program/pavf.hpp"
#include "kernels/program/pavf_basis.hpp"
#include "kernels/program/pavf_matching.hpp"
#include "kernels/program/scan_values.hpp"
#include "kernels/program/spectral.hpp"
#include "kernels/program/symmetrize.hpp"
#include "kernels/program/upper_triangle.hpp"

#include <cstddef>
#include <type_traits>

namespace kindred::kernels::inline KINDRED_TARGET {

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
                BlockNorm<double>, NuclearNorm<float>, NuclearNorm<double>, ScanValues<float>, ScanValues<double>>;

}  // namespace kindred::kernels::inline KINDRED_TARGET
