#pragma once
#include "host/base/index.hpp"

#include <kindred/types.hpp>

#include <vector>

namespace kindred::host {

/// A matrix that owns its values; zero at first.
class DenseMatrix {
 public:
  DenseMatrix() = default;
  DenseMatrix(index_t rows, index_t columns) : rows_(rows), columns_(columns), values_(at(rows * columns)) {}

  [[nodiscard]] index_t rows() const { return rows_; }
  [[nodiscard]] index_t columns() const { return columns_; }
  [[nodiscard]] double* data() { return values_.data(); }
  [[nodiscard]] const double* data() const { return values_.data(); }
  [[nodiscard]] double& operator()(index_t i, index_t j) { return values_[at(i * columns_ + j)]; }
  [[nodiscard]] double operator()(index_t i, index_t j) const { return values_[at(i * columns_ + j)]; }
  [[nodiscard]] double* row(index_t i) { return values_.data() + i * columns_; }
  [[nodiscard]] const double* row(index_t i) const { return values_.data() + i * columns_; }

 private:
  index_t rows_ = 0, columns_ = 0;
  std::vector<double> values_;
};

}  // namespace kindred::host
