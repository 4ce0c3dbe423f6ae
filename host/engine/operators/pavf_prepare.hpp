#pragma once
/// What PAVF needs of one operator alone: O(N) work, once per system.
#include "host/backend/backend.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace kindred::host {

/// One operator, ready for alignment: A = scale (mean I + norm A0), tr A0 = 0, ||A0||_F = 1.
/// Matrices are row-major r x ld with ld rows, ld = kernels::pavf_padded(r), zero padded.
struct PavfSystem {
  bool finite = true;               ///< false: an entry is not, or its spectra were not found; the rest means nothing
  bool scalar = false;              ///< A0 = 0, a multiple of the identity
  double scale = 1;                 ///< largest |entry|
  double mean = 0;                  ///< tr A / (r scale)
  double norm = 0;                  ///< ||A - (tr A / r) I||_F / scale
  std::uint64_t key = 0;            ///< of the bits of A / scale
  std::int32_t paired = 0;          ///< complex pairs among the blocks of the basis
  std::vector<double> basis;        ///< Q (r x r, no padding): A0 = Q op Q^T
  std::vector<double> op;           ///< A0 in the nearest-normal basis
  std::vector<double> normal_part;  ///< (a, b) per index, ld each
  std::vector<double> pencils;      ///< per angle Re U, Im U, Re X, Im X
  /// Invariants of A0, 2 r a kind: eigenvalues of sym A0 and singular values of skew A0; then, for phi = 60, 75 and 45
  /// degrees, eigenvalues of H(phi) = cos phi sym A0 + i sin phi skew A0 and of H(90 - phi). The squared norm of each
  /// kind is that of A0.
  std::vector<double> invariants;
};

/// Operators of one size r (row-major, r x r, contiguous). Deterministic, and independent of the other operators.
/// Cost an operator: a real Schur form, a few hundred r x r products, a Hermitian eigenproblem
/// for each pencil.
[[nodiscard]] std::vector<PavfSystem> pavf_prepare(Backend& backend, std::span<const double* const> operators,
                                                   index_t r);

}  // namespace kindred::host
