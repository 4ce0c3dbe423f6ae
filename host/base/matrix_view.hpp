#pragma once
/// Views of row-major matrices, indexed with index_t like everything else.
#include <kindred/types.hpp>

#include <type_traits>

namespace kindred::host {

/// `rows` x `columns` values; element (i, j) at data[i * ld + j].
template <class T>
struct View2 {
  T* data = nullptr;
  index_t rows = 0, columns = 0;
  index_t ld = 0;  ///< elements from a row to the next

  [[nodiscard]] T& operator()(index_t i, index_t j) const { return data[i * ld + j]; }
  [[nodiscard]] T* row(index_t i) const { return data + i * ld; }
};

/// Equal matrices of a batch, in one memory; matrix b starts at data + b * stride.
template <class T>
struct MatrixBatch {
  T* data = nullptr;
  index_t rows = 0, columns = 0;
  index_t ld = 0;      ///< elements from a row to the next
  index_t stride = 0;  ///< elements from a matrix to the next

  [[nodiscard]] MatrixBatch block(index_t row, index_t column, index_t block_rows, index_t block_columns) const {
    return {data + row * ld + column, block_rows, block_columns, ld, stride};
  }
  [[nodiscard]] View2<T> operator[](index_t b) const { return {data + b * stride, rows, columns, ld}; }
  /// A batch that may be read where one that may not be written is asked for.
  operator MatrixBatch<const T>() const  // NOLINT(google-explicit-constructor)
      requires(!std::is_const_v<T>) {
    return {data, rows, columns, ld, stride};
  }
};

/// A batch without gaps: matrices of rows x columns one after another.
template <class T>
[[nodiscard]] MatrixBatch<T> packed(T* data, index_t rows, index_t columns) {
  return {data, rows, columns, columns, rows * columns};
}

}  // namespace kindred::host
