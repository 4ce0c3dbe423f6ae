#pragma once
/// Sorts of the rows of a matrix by CUB's radix sorts, which are stable.
#include <kindred/types.hpp>

#include <cuda_runtime_api.h>

#include <cstddef>

namespace kindred::host::cuda {

/// One call sorts `rows` rows of `columns` keys. Rows of `long_row` keys and more are sorted one after the other, each
/// by the whole device; shorter ones side by side, each by a block of threads. The order is the same.
struct RowSort {
  static constexpr index_t long_row = index_t{1} << 16;

  const double* keys = nullptr;     ///< rows x columns
  double* sorted = nullptr;         ///< rows x columns, for the keys in order
  const index_t* places = nullptr;  ///< rows x columns, what `number_places` writes
  index_t* order = nullptr;         ///< rows x columns, out
  index_t rows = 0, columns = 0;    ///< rows below long_row: at most 2^31 - 1 keys in all
};

/// places[i] = i mod columns.
cudaError_t number_places(index_t* places, index_t rows, index_t columns, cudaStream_t stream);

/// Sorts where `workspace` is device memory of `bytes` bytes; without it says in `bytes` how many are needed.
cudaError_t sort_rows(const RowSort& sort, void* workspace, std::size_t& bytes, cudaStream_t stream);

}  // namespace kindred::host::cuda
