#include "host/engine/fit/fit_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kindred::host {

FitInputs::FitInputs(const TrajectorySet& system, std::vector<double> rows, index_t count)
    : count_(count), rows_(std::move(rows)) {
  index_t first = 0;
  for (index_t k = 0; k < system.trial_count(); ++k) {
    first_.push_back(first);
    first += system.steps(k);
  }
  for (index_t j = 0; j < count; ++j) {
    double largest = 0, squares = 0;
    for (index_t i = j; i < std::ssize(rows_); i += count) largest = std::max(largest, std::abs(rows_[i]));
    for (index_t i = j; i < std::ssize(rows_); i += count) {
      const double x = largest > 0 ? rows_[i] / largest : 0;
      squares += x * x;
    }
    norms_.push_back(largest * std::sqrt(squares));
    for (index_t i = j; i < std::ssize(rows_); i += count) {
      if (norms_.back() > 0) rows_[i] /= norms_.back();
    }
  }
}

std::vector<double> FitInputs::in_own_units(std::vector<double> input_matrix) const {
  for (std::size_t i = 0; i < input_matrix.size(); ++i) {
    const double norm = norms_[i % norms_.size()];
    if (norm > 0) input_matrix[i] /= norm;
  }
  return input_matrix;
}

void FitInputs::gather(const Panel& panel, index_t ahead, index_t reach, double* out) const {
  for (const Segment& segment : panel) {
    const index_t rows = segment.rows - ahead;
    if (rows <= 0) continue;
    const double* from = rows_.data() + (first_[segment.trial] + reach + segment.first) * count_;
    out = std::copy_n(from, rows * count_, out);
  }
}

}  // namespace kindred::host
