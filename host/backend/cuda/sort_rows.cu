#include "host/backend/cuda/sort_rows.hpp"

#include <thrust/execution_policy.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/system_error.h>
#include <thrust/tabulate.h>

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_segmented_radix_sort.cuh>

namespace kindred::host::cuda {
namespace {

struct PlaceInRow {
  index_t columns;
  __host__ __device__ index_t operator()(index_t i) const { return i % columns; }
};

struct RowStart {
  index_t columns;
  __host__ __device__ index_t operator()(index_t row) const { return row * columns; }
};

constexpr int all_bits = 8 * sizeof(double);

}  // namespace

cudaError_t number_places(index_t* places, index_t rows, index_t columns, cudaStream_t stream) {
  try {
    thrust::tabulate(thrust::cuda::par_nosync.on(stream), places, places + rows * columns, PlaceInRow{columns});
  } catch (const thrust::system_error&) {
    return cudaGetLastError();
  }
  return cudaPeekAtLastError();
}

cudaError_t sort_rows(const RowSort& s, void* workspace, std::size_t& bytes, cudaStream_t stream) {
  if (s.columns < RowSort::long_row) {
    const auto starts =
        thrust::make_transform_iterator(thrust::make_counting_iterator<index_t>(0), RowStart{s.columns});
    return cub::DeviceSegmentedRadixSort::SortPairs(workspace, bytes, s.keys, s.sorted, s.places, s.order,
                                                    static_cast<int>(s.rows * s.columns), static_cast<int>(s.rows),
                                                    starts, starts + 1, 0, all_bits, stream);
  }
  const index_t rows = workspace == nullptr ? 1 : s.rows;  // a row needs what any other does
  for (index_t row = 0; row < rows; ++row) {
    const index_t first = row * s.columns;
    const cudaError_t status =
        cub::DeviceRadixSort::SortPairs(workspace, bytes, s.keys + first, s.sorted + first, s.places + first,
                                        s.order + first, s.columns, 0, all_bits, stream);
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

}  // namespace kindred::host::cuda
