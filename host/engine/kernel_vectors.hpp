#pragma once
/// Systems as vectors over pairs of samples: Gram matrices and dissimilarity matrices, flattened so that a comparison
/// is one inner product. A vector is a factor of one column.
#include "host/engine/factor.hpp"

#include <kindred/metrics.hpp>

#include <functional>
#include <span>
#include <vector>

namespace kindred::host {

/// Vectors and the factors that view them.
struct KernelVectors {
  std::vector<std::vector<double>> values;
  std::vector<TrajectorySet> sets;
  std::vector<Factor> factors;
};

/// The vector of one usable factor; an empty one makes the factor unusable.
using VectorOf = std::function<std::vector<double>(const Factor&)>;

[[nodiscard]] KernelVectors make_vectors(std::span<const Factor> factors, index_t length, const VectorOf& vector_of);

/// ||x_k||^2 of each sample of the centred, scaled recording (m).
[[nodiscard]] std::vector<double> sample_norms(const Factor& factor);

/// Gram matrix F F^T flattened to m (m + 1) / 2 entries, those off the diagonal times sqrt 2, so that inner products
/// are those of the matrices. song: without the diagonal and U-centred, so that inner products are m (m - 3) times the
/// unbiased estimator. Cost 2 m^2 C flops.
[[nodiscard]] std::vector<double> gram_vector(Backend& backend, const Factor& factor, CkaEstimator estimator);

/// Dissimilarity matrix of the samples, above the diagonal: m (m - 1) / 2 entries, prepared so that the comparison is a
/// cosine: centred (pearson), replaced by centred ranks with ties averaged (spearman), or as they are (cosine). Empty
/// when a dissimilarity is undefined (a sample that is constant over channels, for Rdm::correlation).
[[nodiscard]] std::vector<double> rdm_vector(Backend& backend, const Factor& factor, Rdm rdm, RdmComparison comparison);

}  // namespace kindred::host
