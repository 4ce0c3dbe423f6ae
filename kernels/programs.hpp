#pragma once
/// The list of all block programs: the one place from which both backends instantiate them.
#include "kernels/exec/executor.hpp"
#include "kernels/program/delay_embedding.hpp"
#include "kernels/program/gather_rows.hpp"

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

using Programs = ProgramList<DelayEmbedding<float>, DelayEmbedding<double>, GatherRows>;

}  // namespace kindred::kernels::inline KINDRED_TARGET
