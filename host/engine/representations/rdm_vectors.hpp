#pragma once
/// Representational dissimilarity matrices of recordings, flattened so that a comparison is one inner product, or as
/// ranks.
#include "host/engine/representations/factor.hpp"

#include <kindred/metrics.hpp>

#include <span>
#include <string>
#include <vector>

namespace kindred::host {

/// The conditions between which dissimilarities are taken: samples, or the steps of trials (crossnobis).
[[nodiscard]] index_t conditions_of(const Factor& f, Rdm rdm);

/// Throws Error{invalid_data} for systems of one trial, or of trials whose numbers of steps differ. `of` is what
/// compares them, for messages.
void require_repeats(std::span<const Factor> first, std::span<const Factor> second, const std::string& of);

/// Throws Error{invalid_data} for fewer than 3 conditions; for trials that do not correspond, where they must
/// (crossnobis).
void require_conditions(std::span<const Factor> first, std::span<const Factor> second, Rdm rdm);

/// Whether every dissimilarity is defined: not for a sample without direction (correlation, cosine).
[[nodiscard]] bool has_rdm(const Factor& f, Rdm rdm);

/// Dissimilarity matrices above the diagonal, of m conditions m (m - 1) / 2 entries, prepared so that the comparison is
/// a cosine: centred (pearson), replaced by centred ranks with ties averaged (spearman), or as they are (cosine).
/// Whitened: with the diagonal, doubly centred, as d^T V^-1 e = <H D H, H E H> / 4 for V = the covariance
/// (C C^T) o (C C^T) of the dissimilarities of conditions with independent, equal noise, C the contrasts of the pairs
/// (arXiv 2007.02789, equation 8). Entries that are equal but for rounding are ties; a matrix whose entries are all
/// equal (for cosine: zero) becomes a zero vector. A factor is unusable where has_rdm is false. Cost m^2 C flops, and a
/// sort for ranks. The factors given are read later, when the vectors are packed; so are the backend and the
/// recordings.
[[nodiscard]] std::vector<Factor> rdm_vectors(Backend& backend, std::span<const Factor> factors, const Rsa& metric);

/// For each array of keys, without NaN, the places of its keys in ascending order, equal ones in the order of their
/// places. Sorted on the device.
[[nodiscard]] std::vector<std::vector<index_t>> orders_of(Backend& backend,
                                                          std::span<const std::vector<double>> arrays);

/// Ranks of the dissimilarities from 1, above the diagonal; those that are equal but for rounding share their mean
/// rank.
[[nodiscard]] std::vector<double> rdm_ranks(Backend& backend, const Factor& factor, Rdm rdm);

}  // namespace kindred::host
