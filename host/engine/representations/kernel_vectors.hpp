#pragma once
/// Systems as vectors over pairs of samples: Gram matrices and dissimilarity matrices, flattened so that a comparison
/// is one inner product. A vector is a factor of one column, computed when it is packed and not kept.
#include "host/engine/representations/factor.hpp"

#include <kindred/metrics.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// ||x_k||^2 of each sample of the centred, scaled recording (m). The factors given are read later, when the vectors
/// are packed; so are the backend and the recordings. Likewise below.
[[nodiscard]] std::vector<Factor> sample_norms(std::span<const Factor> factors);

/// Gram matrices F F^T flattened to m (m + 1) / 2 entries, those off the diagonal times sqrt 2, so that inner products
/// are those of the matrices. song: without the diagonal and U-centred, so that inner products are m (m - 3) times the
/// unbiased estimator. Cost m^2 C flops.
[[nodiscard]] std::vector<Factor> gram_vectors(Backend& backend, std::span<const Factor> factors,
                                               CkaEstimator estimator);

/// Centred kernel matrices of the samples' distances (Cka::kernel rbf or laplace), flattened as those of gram_vectors: H K H,
/// or for song U-centred without the diagonal. A recording whose median distance is 0 becomes a zero vector. Distances that
/// are 0 but for rounding are 0. Cost m^2 C flops, m^2 exponentials and a selection of the median.
[[nodiscard]] std::vector<Factor> distance_kernel_vectors(Backend& backend, std::span<const Factor> factors,
                                                          const Cka& metric);

/// Dissimilarity matrices of the samples, above the diagonal: m (m - 1) / 2 entries, prepared so that the comparison is
/// a cosine: centred (pearson), replaced by centred ranks with ties averaged (spearman), or as they are (cosine).
/// Entries that are equal but for rounding are ties; a matrix whose entries are all equal (for cosine: zero) becomes a
/// zero vector. A factor is unusable where a dissimilarity is undefined (a sample that is constant over channels, for
/// Rdm::correlation). Cost m^2 C flops, and a sort for ranks.
[[nodiscard]] std::vector<Factor> rdm_vectors(Backend& backend, std::span<const Factor> factors, Rdm rdm,
                                              RdmComparison comparison);

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
