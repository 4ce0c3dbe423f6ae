#pragma once
/// The operators of one size, prepared and on the device, and the search of their pairs.
#include "host/backend/backend.hpp"
#include "host/base/index.hpp"
#include "host/engine/operators/pavf_prepare.hpp"
#include "kernels/program/pavf.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// Throws Error{invalid_argument} where `config` cannot compare these operators: unequal sizes without zero_pad (names
/// two of them), an angular score of unscaled operators.
void check_comparable(std::span<const Operator* const> operators, const Dsa& config);

/// Bytes that an operator of size r takes at most while it is prepared and kept.
[[nodiscard]] std::size_t prepared_bytes(index_t r, const Dsa& config);

/// Values of an operator in the upper left corner of an r x r matrix of zeros.
[[nodiscard]] std::vector<double> embedded(const Operator& op, index_t r);

class PreparedOperators {
 public:
  /// `operators`: row-major, r x r, contiguous. They are read here and not kept.
  PreparedOperators(Backend& backend, std::span<const double* const> operators, index_t r, const Dsa& config);

  [[nodiscard]] const PavfSystem& system(index_t i) const { return systems_[at(i)]; }

  /// Aligns pairs of systems that pavf_needs_alignment holds for. `alignments`, if not null, receives each pair's C in
  /// the prepared bases (r x ld with ld rows, ld = kernels::pavf_padded(r)).
  void align(std::span<const kernels::PavfPair> pairs, std::span<kernels::PavfOutcome> outcomes,
             std::vector<double>* alignments = nullptr);

 private:
  /// What the program reads of all systems, in the precision of the search.
  template <class T>
  struct Copies {
    Buffer<T> operators, normal_parts, pencils;
  };

  template <class T>
  [[nodiscard]] Buffer<T> device_copy(std::vector<double> PavfSystem::*member, index_t stride) const;
  template <class T>
  void launch(const Copies<T>& copies, const kernels::PavfPair* pairs, const std::int32_t* matching,
              kernels::PavfOutcome* outcomes, double* alignments, index_t count);

  Backend& backend_;
  index_t r_;
  Dsa config_;
  std::vector<PavfSystem> systems_;  // without their pencils, which are large and only the device needs
  Buffer<kernels::PavfFacts> facts_;
  Copies<double> double_;
  Copies<float> single_;  // empty where the search is in float64
};

}  // namespace kindred::host
