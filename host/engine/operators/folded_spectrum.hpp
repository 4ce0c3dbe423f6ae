#pragma once
/// Spectra as the scorers compare them.
#include "host/backend/backend.hpp"

#include <kindred/dmd.hpp>
#include <kindred/progress.hpp>

#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// Eigenvalues in canonical order: by real, then imaginary part, then residual. A spectrum that is closed under
/// conjugation, as that of every real operator, is folded onto the upper half plane: of a pair that with im > 0 stands
/// for both. Another, which can only have been given, is as it is.
struct FoldedSpectrum {
  std::vector<double> re;
  std::vector<double> im;            ///< >= 0 where closed
  std::vector<double> residual;      ///< Eigenvalue::residual; infinite where it is not known
  std::vector<std::int32_t> supply;  ///< 2: a conjugate pair, 1: one eigenvalue
  bool closed = true;
  bool usable = false;  ///< false: an entry is not finite, or an eigenvalue above 1e150, or no convergence

  /// Number of eigenvalues.
  [[nodiscard]] index_t size() const { return std::accumulate(supply.begin(), supply.end(), index_t{0}); }
};

[[nodiscard]] FoldedSpectrum folded(std::span<const Eigenvalue> eigenvalues);

/// All eigenvalues, each with supply 1.
[[nodiscard]] FoldedSpectrum unfolded(const FoldedSpectrum& spectrum);

/// The eigenvalues of an operator by LAPACK dgeev, or those that it was given with (has_spectrum_alone). Cost 10 r^3
/// flops.
[[nodiscard]] FoldedSpectrum folded_spectrum(const Operator& op);

/// spectrum(op) of all operators; where one is not closed, all follow once more, unfolded. A pair is compared folded if
/// both are closed and unfolded otherwise, so that its result does not depend on other systems.
[[nodiscard]] std::vector<FoldedSpectrum> folded_spectra(const Backend& backend,
                                                         const std::vector<const Operator*>& operators,
                                                         const Progress& progress,
                                                         FoldedSpectrum (*spectrum)(const Operator&) = folded_spectrum);

/// Where the spectra of two of `count` operators stand in the list of folded_spectra, `closed`: whether both are.
[[nodiscard]] inline std::pair<std::size_t, std::size_t> places_in_list(std::pair<std::size_t, std::size_t> pair,
                                                                        bool closed, std::size_t count) {
  return closed ? pair : std::pair{pair.first + count, pair.second + count};
}

/// Whether it is known how well the data bear out the eigenvalues of an operator (FitFacts::spectrum).
[[nodiscard]] bool has_residuals(const Operator& op);

/// Systems of those eigenvalues alone whose residual is at most `limit`, with the facts of before. One of which nothing
/// is left has size 0. Throws Error{invalid_argument} for a limit that is not a number above 0, and for an operator of
/// which no residuals are known.
[[nodiscard]] OperatorSet pruned(std::span<const Operator> operators, double limit);

/// Throws Error{invalid_argument} that names a system of which the eigenvalues alone are known, if there is one: for
/// metrics that compare more.
void require_matrices(std::span<const Operator> operators);

}  // namespace kindred::host
