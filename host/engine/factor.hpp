#pragma once
/// What a comparison of representations keeps of one system: how to make its factor F = (X - mean) scale [basis], so
/// that every pair needs F_i^T F_j alone. F itself is made when it is needed, straight into the operand of a product.
#include "host/backend/backend.hpp"

#include <kindred/trajectories.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kindred::host {

struct Factor {
  const TrajectorySet* system = nullptr;
  index_t rows = 0;           ///< m: all steps of all trials
  index_t channels = 0;       ///< C
  index_t columns = 0;        ///< of F: C, or those of the basis
  bool usable = false;        ///< finite, and not constant
  int exponent = 0;           ///< scale = 2^-exponent, which brings ||F||_F of the channels near 1
  int unit = 0;               ///< F is in units of 2^unit of the data: the exponent, unless the basis says otherwise
  double squared_norm = 0;    ///< ||(X - mean) scale||_F^2
  std::vector<double> mean;   ///< C
  std::vector<double> basis;  ///< C x columns, row-major; empty: the channels themselves
  std::uint64_t content = 0;  ///< hash of shape and values: equal systems have equal hashes

  [[nodiscard]] double scale() const;
  /// A total order of systems by shape and content, so that nothing depends on the order in which they were given.
  friend bool operator<(const Factor& a, const Factor& b) {
    if (a.columns != b.columns) return a.columns < b.columns;
    return a.content < b.content;
  }
  /// Equal recordings: the same shape, hash, means and norm.
  friend bool operator==(const Factor& a, const Factor& b) {
    return a.content == b.content && a.rows == b.rows && a.channels == b.channels && a.columns == b.columns &&
           a.exponent == b.exponent && a.unit == b.unit && a.squared_norm == b.squared_norm && a.mean == b.mean;
  }
};

/// Means, scale and hash of each system, two passes over its values. Cost 5 flops a value.
/// Throws Error{invalid_data} for a system without trials or steps, with trials of different channels, or with a NaN or
/// Inf (naming trial, time and channel).
[[nodiscard]] std::vector<Factor> survey(std::span<const TrajectorySet> systems, int threads);

/// Throws Error{invalid_data} that names two systems with different sample counts.
void require_equal_rows(std::span<const Factor> first, std::span<const Factor> second);

/// All rows of a system as one m x C row-major array of float64.
[[nodiscard]] std::vector<double> dense_rows(const TrajectorySet& system);

/// Writes F into columns column .. column + f.columns - 1 of `panels`.
template <class T>
void write_factor(Backend& backend, const Factor& f, const kernels::Panels<T>& panels, index_t column);

/// Bytes that write_factor takes for itself.
[[nodiscard]] std::size_t write_factor_bytes(const Backend& backend, const Factor& f);

}  // namespace kindred::host
