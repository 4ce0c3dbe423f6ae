#pragma once
/// Eigenvalues of an operator by the step, with the residuals that second moments give (Eigenvalue of kindred/dmd.hpp).
#include "host/engine/fit/estimators/whitened.hpp"

#include <vector>

namespace kindred::host {

/// Eigenvalues, with their residuals, of the operator in `estimate`. `w` holds the moments from which it was made:
/// those of its r directions, for reduced-rank regression those of all p, for a system with inputs those that
/// without_inputs gives. Empty if the eigenvalues do not converge.
///
/// With v the eigenfunction's coefficients (A^T g = mu g; v = g, of reduced rank v = lead^T g):
///     ||U+ v - mu U- v||^2 = v^* N v - 2 Re(conj(mu) v^* C v) + |mu|^2 v^* G v,    ||U- v||^2 = v^* G v
[[nodiscard]] std::vector<Eigenvalue> spectrum_of(const Whitened& w, const Estimate& estimate);

/// v of each eigenvalue in the order of spectrum_of, in columns: their real and imaginary parts.
struct Eigenvectors {
  DenseMatrix re, im;
};
/// None if the eigenvalues do not converge.
[[nodiscard]] Eigenvectors eigenvectors_of(const Estimate& estimate);

/// Eigenvalues of the step become those of the generator: log(mu) / time.
void to_generator(std::vector<Eigenvalue>& spectrum, double time);

}  // namespace kindred::host
