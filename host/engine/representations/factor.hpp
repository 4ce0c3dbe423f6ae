#pragma once
/// What a comparison of representations keeps of one system: how to make its factor F = (X - mean) scale [basis], so
/// that every pair needs F_i^T F_j alone. F itself is made when it is needed, straight into the operand of a product.
#include "host/backend/backend.hpp"

#include <kindred/trajectories.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
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
  /// If set, F is the one column that it returns (rows values), made whenever it is packed.
  std::function<std::vector<double>()> vector;
  std::size_t vector_bytes = 0;  ///< that a call of it takes

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

/// Calls f(row) with each row of the system, as C float64 values.
template <class F>
void for_each_row(const TrajectorySet& set, F&& f) {
  std::vector<double> row(static_cast<std::size_t>(set.channels()));
  std::visit(
      [&](const auto& trials) {
        for (const auto& x : trials) {
          for (index_t t = 0; t < x.steps; ++t) {
            const auto* in = x.data + t * x.time_stride;
            if constexpr (std::is_same_v<decltype(in), const double*>) {
              if (x.channel_stride == 1) {
                f(in);
                continue;
              }
            }
            for (index_t c = 0; c < x.channels; ++c) {
              row[static_cast<std::size_t>(c)] = static_cast<double>(in[c * x.channel_stride]);
            }
            f(static_cast<const double*>(row.data()));
          }
        }
      },
      set.trials);
}

/// Writes the factors F side by side, from column `column` of `panels` on.
template <class T>
void write_factors(Backend& backend, std::span<const Factor* const> factors, const kernels::Panels<T>& panels,
                   index_t column);

template <class T>
void write_factor(Backend& backend, const Factor& f, const kernels::Panels<T>& panels, index_t column) {
  const Factor* one[] = {&f};
  write_factors<T>(backend, one, panels, column);
}

/// Bytes that write_factors takes for itself, where f is the factor that takes most.
[[nodiscard]] std::size_t write_factor_bytes(const Backend& backend, const Factor& f);

}  // namespace kindred::host
