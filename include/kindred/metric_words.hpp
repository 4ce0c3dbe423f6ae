#pragma once
/// The words that stand for the enumerators of the metrics' fields wherever people read or write them.
#include <kindred/metrics.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace kindred {

/// The word that stands for one enumerator outside C++.
template <class E>
struct Word {
  std::string_view word;
  E value;
};

/// The words of an enumeration, in the order of its enumerators.
template <class E>
inline constexpr auto words = nullptr;
template <>
inline constexpr auto words<RankExcess> = std::to_array<Word<RankExcess>>({{"warn", RankExcess::warn},
                                                                           {"clip", RankExcess::clip},
                                                                           {"error", RankExcess::error}});
template <>
inline constexpr auto words<RankShared> = std::to_array<Word<RankShared>>(
    {{"none", RankShared::none}, {"min", RankShared::min}, {"median", RankShared::median}, {"max", RankShared::max}});
template <>
inline constexpr auto words<Regression> =
    std::to_array<Word<Regression>>({{"principal-components", Regression::principal_components},
                                     {"reduced-rank", Regression::reduced_rank},
                                     {"total-least-squares", Regression::total_least_squares},
                                     {"forward-backward", Regression::forward_backward},
                                     {"n4sid", Regression::n4sid},
                                     {"projected-subspace", Regression::projected_subspace}});
template <>
inline constexpr auto words<Effort> = std::to_array<Word<Effort>>(
    {{"fast", Effort::fast}, {"standard", Effort::standard}, {"thorough", Effort::thorough}, {"bound", Effort::bound}});
template <>
inline constexpr auto words<Precision> =
    std::to_array<Word<Precision>>({{"mixed", Precision::mixed}, {"f64", Precision::f64}, {"f32", Precision::f32}});
template <>
inline constexpr auto words<ProductPrecision> = std::to_array<Word<ProductPrecision>>({{"f64", ProductPrecision::f64},
                                                                                       {"f32", ProductPrecision::f32}});
template <>
inline constexpr auto words<Group> = std::to_array<Word<Group>>({{"orthogonal", Group::orthogonal},
                                                                 {"special-orthogonal", Group::special_orthogonal}});
template <>
inline constexpr auto words<DsaScore> = std::to_array<Word<DsaScore>>({{"angular", DsaScore::angular},
                                                                       {"euclidean", DsaScore::euclidean}});
template <>
inline constexpr auto words<SpectralScore> = std::to_array<Word<SpectralScore>>({{"squared", SpectralScore::squared},
                                                                                 {"root", SpectralScore::root}});
template <>
inline constexpr auto words<SimilarityScore> =
    std::to_array<Word<SimilarityScore>>({{"angular", SimilarityScore::angular},
                                          {"similarity", SimilarityScore::similarity},
                                          {"euclidean", SimilarityScore::euclidean},
                                          {"one-minus", SimilarityScore::one_minus}});
template <>
inline constexpr auto words<SpectralMeasure> =
    std::to_array<Word<SpectralMeasure>>({{"transport", SpectralMeasure::transport},
                                          {"hausdorff", SpectralMeasure::hausdorff},
                                          {"directed-hausdorff", SpectralMeasure::directed_hausdorff}});
template <>
inline constexpr auto words<SpectralMass> = std::to_array<Word<SpectralMass>>({{"pad", SpectralMass::pad},
                                                                               {"share", SpectralMass::share}});
template <>
inline constexpr auto words<SpectralWeights> =
    std::to_array<Word<SpectralWeights>>({{"uniform", SpectralWeights::uniform},
                                          {"modulus", SpectralWeights::modulus},
                                          {"inverse-residual", SpectralWeights::inverse_residual}});
template <>
inline constexpr auto words<Subspace> = std::to_array<Word<Subspace>>({{"chordal", Subspace::chordal},
                                                                       {"geodesic", Subspace::geodesic},
                                                                       {"procrustes", Subspace::procrustes},
                                                                       {"martin", Subspace::martin}});
template <>
inline constexpr auto words<StochasticForm> =
    std::to_array<Word<StochasticForm>>({{"gaussian", StochasticForm::gaussian}, {"energy", StochasticForm::energy}});
template <>
inline constexpr auto words<StochasticScore> = std::to_array<Word<StochasticScore>>(
    {{"distance", StochasticScore::distance}, {"squared", StochasticScore::squared}});
template <>
inline constexpr auto words<InputComparison> =
    std::to_array<Word<InputComparison>>({{"joint", InputComparison::joint},
                                          {"control", InputComparison::control},
                                          {"joint-state", InputComparison::joint_state},
                                          {"joint-control", InputComparison::joint_control}});
template <>
inline constexpr auto words<Direction> = std::to_array<Word<Direction>>({{"both", Direction::both},
                                                                         {"forward", Direction::forward},
                                                                         {"back", Direction::back}});
template <>
inline constexpr auto words<CcaWeights> = std::to_array<Word<CcaWeights>>({{"uniform", CcaWeights::uniform},
                                                                           {"projection", CcaWeights::projection}});
template <>
inline constexpr auto words<Match> = std::to_array<Word<Match>>({{"permutation", Match::permutation},
                                                                 {"soft", Match::soft},
                                                                 {"hard-correlation", Match::hard_correlation},
                                                                 {"soft-correlation", Match::soft_correlation}});
template <>
inline constexpr auto words<NeighbourOverlap> =
    std::to_array<Word<NeighbourOverlap>>({{"mutual", NeighbourOverlap::mutual},
                                           {"jaccard", NeighbourOverlap::jaccard},
                                           {"cknna", NeighbourOverlap::cknna},
                                           {"second-order-cosine", NeighbourOverlap::second_order_cosine}});
template <>
inline constexpr auto words<NeighbourBy> = std::to_array<Word<NeighbourBy>>({{"inner-product",
                                                                              NeighbourBy::inner_product},
                                                                             {"cosine", NeighbourBy::cosine},
                                                                             {"euclidean", NeighbourBy::euclidean}});
template <>
inline constexpr auto words<OverlapScore> =
    std::to_array<Word<OverlapScore>>({{"distance", OverlapScore::distance}, {"similarity", OverlapScore::similarity}});
template <>
inline constexpr auto words<CkaEstimator> = std::to_array<Word<CkaEstimator>>({{"gretton", CkaEstimator::gretton},
                                                                               {"song", CkaEstimator::song},
                                                                               {"lange", CkaEstimator::lange}});
template <>
inline constexpr auto words<CkaKernel> = std::to_array<Word<CkaKernel>>({{"linear", CkaKernel::linear},
                                                                         {"rbf", CkaKernel::rbf},
                                                                         {"laplace", CkaKernel::laplace}});
template <>
inline constexpr auto words<ProcrustesScore> =
    std::to_array<Word<ProcrustesScore>>({{"angular", ProcrustesScore::angular},
                                          {"euclidean", ProcrustesScore::euclidean},
                                          {"squared", ProcrustesScore::squared},
                                          {"similarity", ProcrustesScore::similarity}});
template <>
inline constexpr auto words<Rdm> = std::to_array<Word<Rdm>>({{"correlation", Rdm::correlation},
                                                             {"squared-euclidean", Rdm::squared_euclidean},
                                                             {"euclidean", Rdm::euclidean},
                                                             {"cosine", Rdm::cosine},
                                                             {"crossnobis", Rdm::crossnobis}});
template <>
inline constexpr auto words<RdmComparison> =
    std::to_array<Word<RdmComparison>>({{"pearson", RdmComparison::pearson},
                                        {"spearman", RdmComparison::spearman},
                                        {"cosine", RdmComparison::cosine},
                                        {"kendall", RdmComparison::kendall},
                                        {"kendall-a", RdmComparison::kendall_a},
                                        {"whitened-cosine", RdmComparison::whitened_cosine},
                                        {"whitened-pearson", RdmComparison::whitened_pearson}});
template <>
inline constexpr auto words<FoldBy> = std::to_array<Word<FoldBy>>({{"blocks", FoldBy::blocks},
                                                                   {"trials", FoldBy::trials}});
template <>
inline constexpr auto words<RegressionScore> = std::to_array<Word<RegressionScore>>(
    {{"distance", RegressionScore::distance}, {"similarity", RegressionScore::similarity}});

template <class E>
[[nodiscard]] constexpr std::string_view word_of(E value) {
  for (const Word<E>& known : words<E>) {
    if (known.value == value) return known.word;
  }
  return {};
}

template <class E>
[[nodiscard]] constexpr std::optional<E> value_of(std::string_view word) {
  for (const Word<E>& known : words<E>) {
    if (known.word == word) return known.value;
  }
  return std::nullopt;
}

}  // namespace kindred
