#include "host/backend/cuda/order_rows.hpp"

#include "host/backend/cuda/check.hpp"
#include "host/backend/cuda/sort_rows.hpp"

#include <algorithm>

namespace kindred::host::cuda {

void order_rows(Backend& backend, const double* keys, index_t rows, index_t columns, index_t count, index_t* places,
                cudaStream_t stream) {
  if (rows == 0 || columns == 0 || count == 0) return;
  // Rows at once: what an eighth of the budget holds, and, as CUB counts the keys of short rows in an int, 2^30 keys.
  const auto held = static_cast<index_t>(backend.memory_budget() / 8 / (3 * sizeof(double)));
  const index_t keys_at_once = columns < RowSort::long_row ? std::min(held, index_t{1} << 30) : held;
  const index_t step = std::clamp<index_t>(keys_at_once / columns, 1, rows);
  const Buffer<double> sorted(backend, step * columns);
  const Buffer<index_t> numbers(backend, step * columns);
  Buffer<index_t> all;
  if (count < columns) all = Buffer<index_t>(backend, step * columns);
  check(number_places(numbers.data(), step, columns, stream), "thrust::tabulate");
  const auto part = [&](index_t first, index_t many) {
    index_t* const order = count < columns ? all.data() : places + first * count;
    return RowSort{keys + first * columns, sorted.data(), numbers.data(), order, many, columns};
  };
  std::size_t bytes = 0;
  check(sort_rows(part(0, step), nullptr, bytes, stream), "cub SortPairs");
  const Buffer<std::byte> workspace(backend, static_cast<index_t>(bytes));
  for (index_t first = 0; first < rows; first += step) {
    const index_t many = std::min(step, rows - first);
    const RowSort sort = part(first, many);
    check(sort_rows(sort, workspace.data(), bytes, stream), "cub SortPairs");
    if (count == columns) continue;
    const auto row_bytes = [](index_t n) { return static_cast<std::size_t>(n) * sizeof(index_t); };
    check(cudaMemcpy2DAsync(places + first * count, row_bytes(count), sort.order, row_bytes(columns), row_bytes(count),
                            static_cast<std::size_t>(many), cudaMemcpyDeviceToDevice, stream),
          "cudaMemcpy2DAsync");
  }
}

}  // namespace kindred::host::cuda
