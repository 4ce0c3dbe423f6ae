#include "host/base/text.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_names.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace kindred {
namespace {

struct Entry {
  MetricName name;
  Metric metric;
};

template <std::size_t N>
using Aliases = std::array<std::string_view, N>;

constexpr Aliases<1> dsa_aliases{"dsa-angular"};
constexpr Aliases<1> spectral_aliases{"wasserstein"};
constexpr Aliases<1> spectral_root_aliases{"wasserstein-root"};
constexpr Aliases<3> cka_aliases{"cka-angular", "cka-kernel=linear-hsic=gretton",
                                 "cka-kernel=linear-hsic=gretton-distance=angular"};
constexpr Aliases<1> cka_score_aliases{"cka-kernel=linear-hsic=gretton-score"};
constexpr Aliases<2> song_aliases{"cka-kernel=linear-hsic=song", "cka-kernel=linear-hsic=song-distance=angular"};
constexpr Aliases<1> song_score_aliases{"cka-kernel=linear-hsic=song-score"};
constexpr Aliases<3> procrustes_aliases{"procrustes-angular", "procrustes-distance=angular", "nbs-distance=angular"};
constexpr Aliases<1> procrustes_euclidean_aliases{"procrustes-distance=euclidean"};
constexpr Aliases<2> procrustes_squared_aliases{"procrustes-distance=squared_euclidean", "bures-distance=squared"};
constexpr Aliases<2> procrustes_score_aliases{"nbs-score", "nbs"};
constexpr Aliases<2> shape_aliases{"shape_metric", "shape_metric-distance=angular"};
constexpr Aliases<2> cca_aliases{"cca-distance=angular", "mean-cca"};
constexpr Aliases<1> cca_score_aliases{"mean_cca_corr"};
constexpr Aliases<1> cca_squared_score_aliases{"cca-squared_score"};
constexpr Aliases<2> svcca_aliases{"svcca-variance=99", "svcca-var99"};
constexpr Aliases<2> svcca95_aliases{"svcca-variance=95", "svcca-var95"};
constexpr Aliases<1> rsa_aliases{"rsa-rdm=correlation-compare=pearson"};
constexpr Aliases<1> rsa_spearman_aliases{"rsa-rdm=correlation-compare=spearman"};
constexpr Aliases<1> rsa_cosine_aliases{"rsa-rdm=correlation-compare=cosine"};
constexpr Aliases<1> rsa_euclidean_aliases{"rsa-rdm=squared_euclidean-compare=pearson"};
constexpr Aliases<1> rsa_euclidean_spearman_aliases{"rsa-rdm=squared_euclidean-compare=spearman"};
constexpr Aliases<1> rsa_euclidean_cosine_aliases{"rsa-rdm=squared_euclidean-compare=cosine"};
constexpr Aliases<2> regression_aliases{"linreg", "linear_regression"};
constexpr Aliases<2> regression_score_aliases{"linreg-r2", "linear_regression-r2"};
constexpr Aliases<1> regression_cv_score_aliases{"linreg-r2#5folds_cv"};
constexpr Aliases<1> cka_one_minus_aliases{"cka-kernel=linear-hsic=gretton-distance=one_minus_score"};
constexpr Aliases<2> lange_aliases{"cka-kernel=linear-hsic=lange", "cka-kernel=linear-hsic=lange-distance=angular"};
constexpr Aliases<1> lange_score_aliases{"cka-kernel=linear-hsic=lange-score"};
constexpr Aliases<1> procrustes_cv_aliases{"procrustes-distance=angular-cv=5folds"};
constexpr Aliases<1> shape_cv_aliases{"shape_metric-distance=angular-cv=5folds"};
constexpr Aliases<1> svcca10_aliases{"svcca-dim=10"};
constexpr Aliases<1> svcca10_score_aliases{"svcca-dim=10-score"};
constexpr Aliases<1> pwcca_aliases{"pwcca-distance=angular"};
constexpr Aliases<1> pwcca_one_minus_aliases{"pwcca-distance=one_minus_score"};
constexpr Aliases<1> rsa_kendall_aliases{"rsa-rdm=correlation-compare=kendall"};
constexpr Aliases<1> rsa_kendall_a_aliases{"rsa-rdm=correlation-compare=tau_a"};
constexpr Aliases<1> rsa_whitened_aliases{"rsa-rdm=squared_euclidean-compare=cosine_cov"};
constexpr Aliases<1> rsa_whitened_pearson_aliases{"rsa-rdm=squared_euclidean-compare=corr_cov"};
constexpr Aliases<1> permutation_aliases{"permutation_metric-distance=angular"};
constexpr Aliases<1> permutation_euclidean_aliases{"permutation_metric-distance=euclidean"};
constexpr Aliases<1> permutation_score_aliases{"permutation_metric-score"};
constexpr Aliases<1> hard_aliases{"hard-correlation-match"};
constexpr Aliases<1> hard_score_aliases{"hard_correlation_match"};
constexpr Aliases<1> soft_aliases{"soft-correlation-match"};
constexpr Aliases<1> soft_score_aliases{"soft_correlation_match"};
constexpr Aliases<1> mutual_aliases{"mutual_knn"};
constexpr Aliases<1> mutual_score_aliases{"mutual_knn-topk=10"};
constexpr Aliases<1> cknna_score_aliases{"cknna-topk=10"};
constexpr Aliases<1> jaccard_score_aliases{"jaccard_similarity"};
constexpr Aliases<1> second_order_score_aliases{"second_order_cosine_similarity"};
constexpr Aliases<1> sgot_aliases{"spectral-grassmann"};
constexpr Aliases<2> stochastic_aliases{"stochastic-gaussian", "gaussian_stochastic_metric"};
constexpr Aliases<1> stochastic_energy_aliases{"energy_stochastic_metric"};
constexpr Aliases<1> pls_cv_score_aliases{"pls-r2#5folds_cv"};
constexpr Aliases<1> distance_correlation_score_aliases{"distance_correlation"};

const std::vector<Entry>& registry() {
  using enum SimilarityScore;
  using P = ProcrustesScore;
  using C = RdmComparison;
  using N = NeighbourOverlap;
  static const std::vector<Entry> entries = {
      {{"dsa", dsa_aliases, "dynamical similarity: alignment of DMD operators, angle in radians"}, Dsa{}},
      {{"dsa-euclidean", {}, "dynamical similarity, Frobenius distance in [0, 2]"}, Dsa{.score = DsaScore::euclidean}},
      {{"spectral", spectral_aliases, "squared 2-Wasserstein distance between DMD eigenvalues"}, Spectral{}},
      {{"spectral-root", spectral_root_aliases, "2-Wasserstein distance between DMD eigenvalues"},
       Spectral{.score = SpectralScore::root}},
      {{"spectral-share", {}, "the same where spectra of unequal size have the same mass, not padded with zeros"},
       Spectral{.mass = SpectralMass::share}},
      {{"spectral-1", {}, "1-Wasserstein distance between DMD eigenvalues"},
       Spectral{.score = SpectralScore::root, .order = 1}},
      {{"spectral-modulus", {}, "2-Wasserstein distance between DMD eigenvalues weighted by their modulus"},
       Spectral{.score = SpectralScore::root, .weights = SpectralWeights::modulus}},
      {{"spectral-residual", {}, "2-Wasserstein distance between DMD eigenvalues weighted by 1 / their residual"},
       Spectral{.score = SpectralScore::root, .weights = SpectralWeights::inverse_residual}},
      {{"spectral-hausdorff", {}, "Hausdorff distance between DMD eigenvalues"},
       Spectral{.score = SpectralScore::root, .measure = SpectralMeasure::hausdorff}},
      {{"sgot", sgot_aliases, "spectral-Grassmann transport: eigenvalues and eigenspaces, in shared coordinates"},
       SpectralGrassmann{}},
      {{"input-joint", {}, "operators with inputs: alignment of A and B together, angle in radians"}, InputDsa{}},
      {{"input-control", {}, "operators with inputs: alignment of B alone, angle in radians"},
       InputDsa{.compare = InputComparison::control}},
      {{"input-joint-state", {}, "difference of A under the alignment of input-joint, angle in radians"},
       InputDsa{.compare = InputComparison::joint_state}},
      {{"input-joint-control", {}, "difference of B under the alignment of input-joint, angle in radians"},
       InputDsa{.compare = InputComparison::joint_control}},
      {{"cka", cka_aliases, "linear centred kernel alignment, angle in radians"}, Cka{}},
      {{"cka-score", cka_score_aliases, "the same as a similarity in [0, 1]"}, Cka{.score = similarity}},
      {{"cka-song", song_aliases, "linear CKA by the unbiased estimator, angle in radians"},
       Cka{.estimator = CkaEstimator::song}},
      {{"cka-song-score", song_score_aliases, "the same as a similarity"},
       Cka{.estimator = CkaEstimator::song, .score = similarity}},
      {{"cka-lange", lange_aliases, "linear CKA without the diagonals of the Gram matrices, angle in radians"},
       Cka{.estimator = CkaEstimator::lange}},
      {{"cka-lange-score", lange_score_aliases, "the same as a similarity"},
       Cka{.estimator = CkaEstimator::lange, .score = similarity}},
      {{"cka-one-minus", cka_one_minus_aliases, "1 - linear CKA"}, Cka{.score = one_minus}},
      {{"cka-uncentred", {}, "linear kernel alignment of the recordings as they are, angle in radians"},
       Cka{.centre = false}},
      {{"cka-rbf", {}, "CKA with the RBF kernel of the median distance, angle in radians"},
       Cka{.kernel = CkaKernel::rbf}},
      {{"cka-laplace", {}, "CKA with the Laplace kernel of the median distance, angle in radians"},
       Cka{.kernel = CkaKernel::laplace}},
      {{"procrustes", procrustes_aliases, "Procrustes analysis of the recordings, angle in radians"}, Procrustes{}},
      {{"procrustes-euclidean", procrustes_euclidean_aliases, "Procrustes distance of the recordings"},
       Procrustes{.score = P::euclidean}},
      {{"procrustes-squared", procrustes_squared_aliases, "its square"}, Procrustes{.score = P::squared}},
      {{"procrustes-score", procrustes_score_aliases, "Procrustes similarity in [0, 1] (normalized Bures similarity)"},
       Procrustes{.score = P::similarity}},
      {{"procrustes-uncentred", {}, "Procrustes analysis of the recordings as they are, angle in radians"},
       Procrustes{.centre = false}},
      {{"procrustes-cv", procrustes_cv_aliases, "Procrustes fitted and scored on different samples, 5 folds, angle"},
       Procrustes{.folds = 5}},
      {{"shape", shape_aliases, "Procrustes after partial whitening (alpha), angle in radians"}, Shape{}},
      {{"shape-cv", shape_cv_aliases, "the same, fitted and scored on different samples, 5 folds"}, Shape{.folds = 5}},
      {{"cca", cca_aliases, "mean canonical correlation, angle in radians"}, Cca{}},
      {{"cca-score", cca_score_aliases, "mean canonical correlation in [0, 1]"}, Cca{.score = similarity}},
      {{"cca-squared", {}, "mean squared canonical correlation, angle in radians"}, Cca{.squared = true}},
      {{"cca-squared-score", cca_squared_score_aliases, "mean squared canonical correlation in [0, 1]"},
       Cca{.squared = true, .score = similarity}},
      {{"svcca", svcca_aliases, "mean canonical correlation of the components with 99 % of the variance, angle"},
       Cca{.explained_variance = 0.99}},
      {{"svcca-95", svcca95_aliases, "the same with 95 % of the variance"}, Cca{.explained_variance = 0.95}},
      {{"svcca-10", svcca10_aliases, "mean canonical correlation of 10 principal components, angle in radians"},
       Cca{.dimensions = 10}},
      {{"svcca-10-score", svcca10_score_aliases, "the same as a similarity"},
       Cca{.dimensions = 10, .score = similarity}},
      {{"pwcca", pwcca_aliases, "canonical correlations weighted by projections, mean of both directions, angle"},
       Cca{.weights = CcaWeights::projection}},
      {{"pwcca-score", {}, "the same as a similarity in [0, 1]"},
       Cca{.weights = CcaWeights::projection, .score = similarity}},
      {{"pwcca-one-minus", pwcca_one_minus_aliases, "1 - that similarity"},
       Cca{.weights = CcaWeights::projection, .score = one_minus}},
      {{"rsa", rsa_aliases, "correlation RDMs compared by Pearson correlation, angle in radians"}, Rsa{}},
      {{"rsa-spearman", rsa_spearman_aliases, "correlation RDMs compared by rank correlation, angle"},
       Rsa{.comparison = C::spearman}},
      {{"rsa-cosine", rsa_cosine_aliases, "correlation RDMs compared by cosine, angle"}, Rsa{.comparison = C::cosine}},
      {{"rsa-euclidean", rsa_euclidean_aliases, "squared Euclidean RDMs compared by Pearson correlation, angle"},
       Rsa{.rdm = Rdm::squared_euclidean}},
      {{"rsa-euclidean-spearman", rsa_euclidean_spearman_aliases, "squared Euclidean RDMs compared by ranks, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::spearman}},
      {{"rsa-euclidean-cosine", rsa_euclidean_cosine_aliases, "squared Euclidean RDMs compared by cosine, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::cosine}},
      {{"rsa-kendall", rsa_kendall_aliases, "correlation RDMs compared by Kendall's tau-b, angle"},
       Rsa{.comparison = C::kendall}},
      {{"rsa-kendall-a", rsa_kendall_a_aliases, "correlation RDMs compared by Kendall's tau-a, angle"},
       Rsa{.comparison = C::kendall_a}},
      {{"rsa-whitened", rsa_whitened_aliases, "squared Euclidean RDMs compared by whitened cosine, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::whitened_cosine}},
      {{"rsa-whitened-pearson", rsa_whitened_pearson_aliases, "the same by whitened Pearson correlation"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::whitened_pearson}},
      {{"rsa-crossnobis", {}, "RDMs across trials, free of the bias of noise, compared by cosine, angle"},
       Rsa{.rdm = Rdm::crossnobis, .comparison = C::cosine}},
      {{"distance-correlation", {}, "distance correlation of the samples, angle in radians"}, DistanceCorrelation{}},
      {{"distance-correlation-score", distance_correlation_score_aliases, "the same as a similarity in [0, 1]"},
       DistanceCorrelation{.score = similarity}},
      {{"distance-correlation-unbiased", {}, "bias-corrected squared distance correlation, angle in radians"},
       DistanceCorrelation{.unbiased = true}},
      {{"distance-correlation-unbiased-score", {}, "the same as a similarity"},
       DistanceCorrelation{.unbiased = true, .score = similarity}},
      {{"permutation", permutation_aliases, "Procrustes analysis by permutations of channels, angle in radians"},
       Matching{}},
      {{"permutation-euclidean", permutation_euclidean_aliases, "the same as a distance of the recordings"},
       Matching{.score = P::euclidean}},
      {{"permutation-score", permutation_score_aliases, "the same as a similarity"}, Matching{.score = P::similarity}},
      {{"soft-matching", {}, "optimal transport between the channels, angle in radians"},
       Matching{.match = Match::soft}},
      {{"soft-matching-euclidean", {}, "the same as a 2-Wasserstein distance of the channels"},
       Matching{.match = Match::soft, .score = P::euclidean}},
      {{"soft-matching-score", {}, "the same as a similarity"}, Matching{.match = Match::soft, .score = P::similarity}},
      {{"matching-hard", hard_aliases, "mean correlation of channels matched one to one, angle in radians"},
       Matching{.match = Match::hard_correlation}},
      {{"matching-hard-score", hard_score_aliases, "the same as a similarity"},
       Matching{.match = Match::hard_correlation, .score = P::similarity}},
      {{"matching-soft", soft_aliases, "mean correlation of each channel with its best match, angle in radians"},
       Matching{.match = Match::soft_correlation}},
      {{"matching-soft-score", soft_score_aliases, "the same as a similarity"},
       Matching{.match = Match::soft_correlation, .score = P::similarity}},
      {{"mutual-knn", mutual_aliases, "1 - mean share of the 10 nearest samples that both have"}, NeighbourGraph{}},
      {{"mutual-knn-score", mutual_score_aliases, "that share"}, NeighbourGraph{.score = OverlapScore::similarity}},
      {{"jaccard", {}, "1 - mean Jaccard similarity of the 10 nearest samples by cosine"},
       NeighbourGraph{.overlap = N::jaccard, .near = NeighbourBy::cosine}},
      {{"jaccard-score", jaccard_score_aliases, "that similarity"},
       NeighbourGraph{.overlap = N::jaccard, .near = NeighbourBy::cosine, .score = OverlapScore::similarity}},
      {{"cknna", {}, "1 - unbiased CKA over mutual nearest samples"}, NeighbourGraph{.overlap = N::cknna}},
      {{"cknna-score", cknna_score_aliases, "that similarity"},
       NeighbourGraph{.overlap = N::cknna, .score = OverlapScore::similarity}},
      {{"second-order-cosine", {}, "1 - mean cosine of the cosine distances to the nearest samples of both"},
       NeighbourGraph{.overlap = N::second_order_cosine, .near = NeighbourBy::cosine}},
      {{"second-order-cosine-score", second_order_score_aliases, "that cosine"},
       NeighbourGraph{
           .overlap = N::second_order_cosine, .near = NeighbourBy::cosine, .score = OverlapScore::similarity}},
      {{"linear-regression", regression_aliases, "1 - R^2 of linear regression, mean of both directions"},
       LinearRegression{}},
      {{"linear-regression-score", regression_score_aliases, "R^2 of linear regression, mean of both directions"},
       LinearRegression{.score = RegressionScore::similarity}},
      {{"linear-regression-cv", {}, "1 - R^2 of linear regression, cross-validated in 5 folds"},
       LinearRegression{.folds = 5}},
      {{"linear-regression-cv-score", regression_cv_score_aliases, "R^2 of linear regression, in 5 folds"},
       LinearRegression{.score = RegressionScore::similarity, .folds = 5}},
      {{"ridge", {}, "1 - R^2 of ridge regression with penalty 1, mean of both directions"},
       LinearRegression{.penalty = 1}},
      {{"ridge-score", {}, "R^2 of ridge regression with penalty 1, mean of both directions"},
       LinearRegression{.score = RegressionScore::similarity, .penalty = 1}},
      {{"pls", {}, "1 - R^2 of partial least squares with 25 components, mean of both directions"},
       LinearRegression{.pls_components = 25}},
      {{"pls-score", {}, "R^2 of partial least squares with 25 components, mean of both directions"},
       LinearRegression{.score = RegressionScore::similarity, .pls_components = 25}},
      {{"pls-cv", {}, "1 - R^2 of partial least squares with 25 components, cross-validated in 5 folds"},
       LinearRegression{.pls_components = 25, .folds = 5}},
      {{"pls-cv-score", pls_cv_score_aliases, "R^2 of partial least squares with 25 components, in 5 folds"},
       LinearRegression{.score = RegressionScore::similarity, .pls_components = 25, .folds = 5}},
      {{"stochastic", stochastic_aliases, "shape distance of means and covariances over repeated trials"},
       StochasticShape{}},
      {{"stochastic-energy", stochastic_energy_aliases, "shape distance of responses in repeated trials, by energy"},
       StochasticShape{.form = StochasticForm::energy}},
  };
  return entries;
}

}  // namespace

std::span<const MetricName> metric_names() {
  static const std::vector<MetricName> names = [] {
    std::vector<MetricName> out;
    for (const Entry& entry : registry()) out.push_back(entry.name);
    return out;
  }();
  return names;
}

Metric make_metric(std::string_view spelt) {
  std::string name(spelt);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view nearest;
  std::size_t best = std::string_view::npos;
  for (const auto& [known, metric] : registry()) {
    std::vector<std::string_view> all(known.aliases.begin(), known.aliases.end());
    all.insert(all.begin(), known.name);
    for (const std::string_view candidate : all) {
      if (candidate == name) return metric;
      const std::size_t distance = host::edit_distance(candidate, name);
      if (distance < best) {
        best = distance;
        nearest = candidate;
      }
    }
  }
  throw Error(ErrorCode::invalid_argument,
              "unknown metric '" + std::string(spelt) + "'; the nearest known name is '" + std::string(nearest) + "'");
}

}  // namespace kindred
