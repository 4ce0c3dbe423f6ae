#pragma once
/// F, the centred and scaled data matrix of one system, F = (X - mean) scale [basis]: every comparison of
/// representations is made of the products F_i^T F_j of its pairs. F is not kept: it is made when it is needed,
/// straight into the operand of a product.
#include "host/backend/backend.hpp"

#include <kindred/progress.hpp>
#include <kindred/trajectories.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kindred::host {

/// What a pass over a recording tells of it.
struct Survey {
  const TrajectorySet* system = nullptr;
  index_t samples = 0;        ///< m: all steps of all trials
  index_t channels = 0;       ///< C
  bool usable = false;        ///< finite, and not constant
  int exponent = 0;           ///< scale = 2^-exponent, which brings ||(X - mean) scale||_F near 1
  double squared_norm = 0;    ///< ||(X - mean) scale||_F^2
  std::vector<double> mean;   ///< C
  std::uint64_t content = 0;  ///< hash of shape and values

  [[nodiscard]] double scale() const;
  /// Equal recordings: the same shape, hash, means and norm.
  friend bool operator==(const Survey& a, const Survey& b) {
    return a.content == b.content && a.samples == b.samples && a.channels == b.channels && a.exponent == b.exponent &&
           a.squared_norm == b.squared_norm && a.mean == b.mean;
  }
};

/// Columns of F: the centred, scaled channels themselves.
struct Channels {};
/// Their product with a basis, C x columns, row-major.
struct Projected {
  std::vector<double> basis;
};
/// One column of any length, made anew whenever it is packed.
struct Generated {
  std::function<std::vector<double>()> make;
  std::size_t bytes = 0;  ///< that a call of it takes
};

struct Factor {
  Survey survey;
  std::variant<Channels, Projected, Generated> source;
  index_t rows = 0;         ///< of F: the samples, unless it is generated
  index_t columns = 0;      ///< of F
  bool usable = false;      ///< F can be made, and is not zero
  int unit = 0;             ///< F is in units of 2^unit of the data: the exponent, unless a basis says otherwise
  double squared_norm = 0;  ///< ||F||_F^2, of channels and of what is projected

  /// All channels of a recording.
  [[nodiscard]] static Factor of(Survey survey);
};

/// A total order of different recordings' factors by shape and content, so that the result of a pair does not depend on
/// which of its systems comes first.
[[nodiscard]] inline bool precedes(const Factor& a, const Factor& b) {
  if (a.columns != b.columns) return a.columns < b.columns;
  return a.survey.content < b.survey.content;
}

/// Means, scale and hash of each system, two passes over its values. Cost 5 flops a value. Without `centre` the means
/// are 0, and a constant recording is usable unless it is 0.
/// Throws Error{invalid_data} for a system with a NaN or Inf (naming trial, time and channel), Error{cancelled}.
/// Precondition: shapes are checked (recordings/recordings.hpp), values lie on the host.
[[nodiscard]] std::vector<Factor> survey(std::span<const TrajectorySet> systems, int threads,
                                         const Progress& progress = {}, bool centre = true);

/// Throws Error{invalid_data} that names two systems with different sample counts.
void require_equal_rows(std::span<const Factor> first, std::span<const Factor> second);

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
