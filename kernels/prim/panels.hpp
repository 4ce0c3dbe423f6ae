#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// A dense matrix in column panels: panel p holds columns p w .. p w + w - 1 of all rows, row-major and contiguous.
/// With w = columns it is an ordinary row-major matrix.
template <class T>
struct Panels {
  T* data = nullptr;
  index_t rows = 0;
  index_t width = 0;  ///< w

  [[nodiscard]] KINDRED_FN T* at(index_t row, index_t column) const {
    return data + (column / width) * rows * width + row * width + column % width;
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
