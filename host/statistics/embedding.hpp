#pragma once
#include <kindred/statistics.hpp>

namespace kindred::statistics {

/// classical_mds of complete distances (n x n, row-major), unchecked. Dimensions beyond n are zero.
[[nodiscard]] Embedding embed(const std::vector<double>& distances, index_t n, index_t dimensions);

}  // namespace kindred::statistics
