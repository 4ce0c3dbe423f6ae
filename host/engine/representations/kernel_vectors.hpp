#pragma once
/// Systems as vectors over pairs of samples, flattened so that a comparison is one inner product: factors of one
/// column, made as they are packed.
#include "host/engine/representations/factor.hpp"

#include <kindred/metrics.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// ||x_k||^2 of each sample of the centred, scaled recording (m). The factors given are read later, when the vectors
/// are packed; so are the backend and the recordings. Likewise below.
[[nodiscard]] std::vector<Factor> sample_norms(std::span<const Factor> factors);

/// How a matrix over pairs of samples is centred.
enum class Centring {
  none,
  biased,    ///< rows and columns have mean 0
  unbiased,  ///< U-centred, without diagonal (Song et al. 2012; Szekely and Rizzo 2013)
  hollow,    ///< biased, then the diagonal set to 0
};
[[nodiscard]] Centring centring_of(CkaEstimator estimator);

/// Centres a symmetric matrix given by its entries i <= j, row by row, and multiplies those off the diagonal by sqrt 2,
/// so that inner products are those of the matrices; for `unbiased` they are m (m - 3) times the unbiased estimator.
void flatten(std::vector<double>& k, index_t rows, Centring how);

/// Gram matrices F F^T flattened to m (m + 1) / 2 entries, as flatten does it (those of centred samples are centred
/// already). Cost m^2 C flops.
[[nodiscard]] std::vector<Factor> gram_vectors(Backend& backend, std::span<const Factor> factors,
                                               CkaEstimator estimator);

/// Kernel matrices of the samples' distances (Cka::kernel rbf or laplace), centred and flattened. A recording whose
/// median distance is 0 becomes a zero vector. Distances that are 0 but for rounding are 0. Cost m^2 C flops, m^2
/// exponentials and a selection of the median.
[[nodiscard]] std::vector<Factor> distance_kernel_vectors(Backend& backend, std::span<const Factor> factors,
                                                          const Cka& metric);

/// Matrices of the samples' distances, centred and flattened. Cost m^2 C flops, m^2 roots.
[[nodiscard]] std::vector<Factor> distance_vectors(Backend& backend, std::span<const Factor> factors, bool unbiased);

/// ||a / |a| - b / |b|||, right to eps whatever its size.
[[nodiscard]] double chord(std::span<const double> a, std::span<const double> b);

/// Whether Gram matrices of the samples cost fewer flops than cross-products of the channels over the collection, and
/// take no more memory than the recordings: both sides in units of one flop,
///
///     sum over systems of m^2 C_i + pairs 2 m (m + 1) / 2     against     sum over pairs of 2 m C_i C_j,
///
/// C_i the channels, at most m. Independent of the device, its memory and its threads.
[[nodiscard]] bool samples_are_cheaper(std::span<const Factor> rows, std::span<const Factor> columns, bool symmetric);

}  // namespace kindred::host
