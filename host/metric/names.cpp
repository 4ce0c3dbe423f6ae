#include "host/base/text.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_names.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace kindred {
namespace {

struct Naming {
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::string_view summary;
};

struct Entry {
  Naming known;
  Metric metric;
};

const std::vector<Entry>& registry() {
  using enum SimilarityScore;
  using P = ProcrustesScore;
  using C = RdmComparison;
  using N = NeighbourOverlap;
  static const std::vector<Entry> entries = {
      {{"dsa", {"dsa-angular"}, "dynamical similarity: alignment of DMD operators, angle in radians"}, Dsa{}},
      {{"dsa-euclidean", {}, "dynamical similarity, Frobenius distance in [0, 2]"}, Dsa{.score = DsaScore::euclidean}},
      {{"spectral", {"wasserstein"}, "squared 2-Wasserstein distance between DMD eigenvalues"}, Spectral{}},
      {{"spectral-root", {"wasserstein-root"}, "2-Wasserstein distance between DMD eigenvalues"},
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
      {{"sgot",
        {"spectral-grassmann"},
        "spectral-Grassmann transport: eigenvalues and eigenspaces, in shared coordinates"},
       SpectralGrassmann{}},
      {{"input-joint", {}, "operators with inputs: alignment of A and B together, angle in radians"}, InputDsa{}},
      {{"input-control", {}, "operators with inputs: alignment of B alone, angle in radians"},
       InputDsa{.compare = InputComparison::control}},
      {{"input-joint-state", {}, "difference of A under the alignment of input-joint, angle in radians"},
       InputDsa{.compare = InputComparison::joint_state}},
      {{"input-joint-control", {}, "difference of B under the alignment of input-joint, angle in radians"},
       InputDsa{.compare = InputComparison::joint_control}},
      {{"cka",
        {"cka-angular", "cka-kernel=linear-hsic=gretton", "cka-kernel=linear-hsic=gretton-distance=angular"},
        "linear centred kernel alignment, angle in radians"},
       Cka{}},
      {{"cka-score", {"cka-kernel=linear-hsic=gretton-score"}, "the same as a similarity in [0, 1]"},
       Cka{.score = similarity}},
      {{"cka-song",
        {"cka-kernel=linear-hsic=song", "cka-kernel=linear-hsic=song-distance=angular"},
        "linear CKA by the unbiased estimator, angle in radians"},
       Cka{.estimator = CkaEstimator::song}},
      {{"cka-song-score", {"cka-kernel=linear-hsic=song-score"}, "the same as a similarity"},
       Cka{.estimator = CkaEstimator::song, .score = similarity}},
      {{"cka-lange",
        {"cka-kernel=linear-hsic=lange", "cka-kernel=linear-hsic=lange-distance=angular"},
        "linear CKA without the diagonals of the Gram matrices, angle in radians"},
       Cka{.estimator = CkaEstimator::lange}},
      {{"cka-lange-score", {"cka-kernel=linear-hsic=lange-score"}, "the same as a similarity"},
       Cka{.estimator = CkaEstimator::lange, .score = similarity}},
      {{"cka-one-minus", {"cka-kernel=linear-hsic=gretton-distance=one_minus_score"}, "1 - linear CKA"},
       Cka{.score = one_minus}},
      {{"cka-uncentred", {}, "linear kernel alignment of the recordings as they are, angle in radians"},
       Cka{.centre = false}},
      {{"cka-rbf", {}, "CKA with the RBF kernel of the median distance, angle in radians"},
       Cka{.kernel = CkaKernel::rbf}},
      {{"cka-laplace", {}, "CKA with the Laplace kernel of the median distance, angle in radians"},
       Cka{.kernel = CkaKernel::laplace}},
      {{"procrustes",
        {"procrustes-angular", "procrustes-distance=angular", "nbs-distance=angular"},
        "Procrustes analysis of the recordings, angle in radians"},
       Procrustes{}},
      {{"procrustes-euclidean", {"procrustes-distance=euclidean"}, "Procrustes distance of the recordings"},
       Procrustes{.score = P::euclidean}},
      {{"procrustes-squared", {"procrustes-distance=squared_euclidean", "bures-distance=squared"}, "its square"},
       Procrustes{.score = P::squared}},
      {{"procrustes-score", {"nbs-score", "nbs"}, "Procrustes similarity in [0, 1] (normalized Bures similarity)"},
       Procrustes{.score = P::similarity}},
      {{"procrustes-uncentred", {}, "Procrustes analysis of the recordings as they are, angle in radians"},
       Procrustes{.centre = false}},
      {{"procrustes-cv",
        {"procrustes-distance=angular-cv=5folds"},
        "Procrustes fitted and scored on different samples, 5 folds, angle"},
       Procrustes{.folds = 5}},
      {{"shape",
        {"shape_metric", "shape_metric-distance=angular"},
        "Procrustes after partial whitening (alpha), angle in radians"},
       Shape{}},
      {{"shape-cv",
        {"shape_metric-distance=angular-cv=5folds"},
        "the same, fitted and scored on different samples, 5 folds"},
       Shape{.folds = 5}},
      {{"cca", {"cca-distance=angular", "mean-cca"}, "mean canonical correlation, angle in radians"}, Cca{}},
      {{"cca-score", {"mean_cca_corr"}, "mean canonical correlation in [0, 1]"}, Cca{.score = similarity}},
      {{"cca-squared", {}, "mean squared canonical correlation, angle in radians"}, Cca{.squared = true}},
      {{"cca-squared-score", {"cca-squared_score"}, "mean squared canonical correlation in [0, 1]"},
       Cca{.squared = true, .score = similarity}},
      {{"svcca",
        {"svcca-variance=99", "svcca-var99"},
        "mean canonical correlation of the components with 99 % of the variance, angle"},
       Cca{.explained_variance = 0.99}},
      {{"svcca-95", {"svcca-variance=95", "svcca-var95"}, "the same with 95 % of the variance"},
       Cca{.explained_variance = 0.95}},
      {{"svcca-10", {"svcca-dim=10"}, "mean canonical correlation of 10 principal components, angle in radians"},
       Cca{.dimensions = 10}},
      {{"svcca-10-score", {"svcca-dim=10-score"}, "the same as a similarity"},
       Cca{.dimensions = 10, .score = similarity}},
      {{"pwcca",
        {"pwcca-distance=angular"},
        "canonical correlations weighted by projections, mean of both directions, angle"},
       Cca{.weights = CcaWeights::projection}},
      {{"pwcca-score", {}, "the same as a similarity in [0, 1]"},
       Cca{.weights = CcaWeights::projection, .score = similarity}},
      {{"pwcca-one-minus", {"pwcca-distance=one_minus_score"}, "1 - that similarity"},
       Cca{.weights = CcaWeights::projection, .score = one_minus}},
      {{"rsa",
        {"rsa-rdm=correlation-compare=pearson"},
        "correlation RDMs compared by Pearson correlation, angle in radians"},
       Rsa{}},
      {{"rsa-spearman",
        {"rsa-rdm=correlation-compare=spearman"},
        "correlation RDMs compared by rank correlation, angle"},
       Rsa{.comparison = C::spearman}},
      {{"rsa-cosine", {"rsa-rdm=correlation-compare=cosine"}, "correlation RDMs compared by cosine, angle"},
       Rsa{.comparison = C::cosine}},
      {{"rsa-euclidean",
        {"rsa-rdm=squared_euclidean-compare=pearson"},
        "squared Euclidean RDMs compared by Pearson correlation, angle"},
       Rsa{.rdm = Rdm::squared_euclidean}},
      {{"rsa-euclidean-spearman",
        {"rsa-rdm=squared_euclidean-compare=spearman"},
        "squared Euclidean RDMs compared by ranks, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::spearman}},
      {{"rsa-euclidean-cosine",
        {"rsa-rdm=squared_euclidean-compare=cosine"},
        "squared Euclidean RDMs compared by cosine, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::cosine}},
      {{"rsa-kendall", {"rsa-rdm=correlation-compare=kendall"}, "correlation RDMs compared by Kendall's tau-b, angle"},
       Rsa{.comparison = C::kendall}},
      {{"rsa-kendall-a", {"rsa-rdm=correlation-compare=tau_a"}, "correlation RDMs compared by Kendall's tau-a, angle"},
       Rsa{.comparison = C::kendall_a}},
      {{"rsa-whitened",
        {"rsa-rdm=squared_euclidean-compare=cosine_cov"},
        "squared Euclidean RDMs compared by whitened cosine, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::whitened_cosine}},
      {{"rsa-whitened-pearson",
        {"rsa-rdm=squared_euclidean-compare=corr_cov"},
        "the same by whitened Pearson correlation"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::whitened_pearson}},
      {{"rsa-crossnobis", {}, "RDMs across trials, free of the bias of noise, compared by cosine, angle"},
       Rsa{.rdm = Rdm::crossnobis, .comparison = C::cosine}},
      {{"distance-correlation", {}, "distance correlation of the samples, angle in radians"}, DistanceCorrelation{}},
      {{"distance-correlation-score", {"distance_correlation"}, "the same as a similarity in [0, 1]"},
       DistanceCorrelation{.score = similarity}},
      {{"distance-correlation-unbiased", {}, "bias-corrected squared distance correlation, angle in radians"},
       DistanceCorrelation{.unbiased = true}},
      {{"distance-correlation-unbiased-score", {}, "the same as a similarity"},
       DistanceCorrelation{.unbiased = true, .score = similarity}},
      {{"permutation",
        {"permutation_metric-distance=angular"},
        "Procrustes analysis by permutations of channels, angle in radians"},
       Matching{}},
      {{"permutation-euclidean", {"permutation_metric-distance=euclidean"}, "the same as a distance of the recordings"},
       Matching{.score = P::euclidean}},
      {{"permutation-score", {"permutation_metric-score"}, "the same as a similarity"},
       Matching{.score = P::similarity}},
      {{"soft-matching", {}, "optimal transport between the channels, angle in radians"},
       Matching{.match = Match::soft}},
      {{"soft-matching-euclidean", {}, "the same as a 2-Wasserstein distance of the channels"},
       Matching{.match = Match::soft, .score = P::euclidean}},
      {{"soft-matching-score", {}, "the same as a similarity"}, Matching{.match = Match::soft, .score = P::similarity}},
      {{"matching-hard",
        {"hard-correlation-match"},
        "mean correlation of channels matched one to one, angle in radians"},
       Matching{.match = Match::hard_correlation}},
      {{"matching-hard-score", {"hard_correlation_match"}, "the same as a similarity"},
       Matching{.match = Match::hard_correlation, .score = P::similarity}},
      {{"matching-soft",
        {"soft-correlation-match"},
        "mean correlation of each channel with its best match, angle in radians"},
       Matching{.match = Match::soft_correlation}},
      {{"matching-soft-score", {"soft_correlation_match"}, "the same as a similarity"},
       Matching{.match = Match::soft_correlation, .score = P::similarity}},
      {{"mutual-knn", {"mutual_knn"}, "1 - mean share of the 10 nearest samples that both have"}, NeighbourGraph{}},
      {{"mutual-knn-score", {"mutual_knn-topk=10"}, "that share"}, NeighbourGraph{.score = OverlapScore::similarity}},
      {{"jaccard", {}, "1 - mean Jaccard similarity of the 10 nearest samples by cosine"},
       NeighbourGraph{.overlap = N::jaccard, .near = NeighbourBy::cosine}},
      {{"jaccard-score", {"jaccard_similarity"}, "that similarity"},
       NeighbourGraph{.overlap = N::jaccard, .near = NeighbourBy::cosine, .score = OverlapScore::similarity}},
      {{"cknna", {}, "1 - unbiased CKA over mutual nearest samples"}, NeighbourGraph{.overlap = N::cknna}},
      {{"cknna-score", {"cknna-topk=10"}, "that similarity"},
       NeighbourGraph{.overlap = N::cknna, .score = OverlapScore::similarity}},
      {{"second-order-cosine", {}, "1 - mean cosine of the cosine distances to the nearest samples of both"},
       NeighbourGraph{.overlap = N::second_order_cosine, .near = NeighbourBy::cosine}},
      {{"second-order-cosine-score", {"second_order_cosine_similarity"}, "that cosine"},
       NeighbourGraph{
           .overlap = N::second_order_cosine, .near = NeighbourBy::cosine, .score = OverlapScore::similarity}},
      {{"linear-regression", {"linreg", "linear_regression"}, "1 - R^2 of linear regression, mean of both directions"},
       LinearRegression{}},
      {{"linear-regression-score",
        {"linreg-r2", "linear_regression-r2"},
        "R^2 of linear regression, mean of both directions"},
       LinearRegression{.score = RegressionScore::similarity}},
      {{"linear-regression-cv", {}, "1 - R^2 of linear regression, cross-validated in 5 folds"},
       LinearRegression{.folds = 5}},
      {{"linear-regression-cv-score", {"linreg-r2#5folds_cv"}, "R^2 of linear regression, in 5 folds"},
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
      {{"pls-cv-score", {"pls-r2#5folds_cv"}, "R^2 of partial least squares with 25 components, in 5 folds"},
       LinearRegression{.score = RegressionScore::similarity, .pls_components = 25, .folds = 5}},
      {{"stochastic",
        {"stochastic-gaussian", "gaussian_stochastic_metric"},
        "shape distance of means and covariances over repeated trials"},
       StochasticShape{}},
      {{"stochastic-energy", {"energy_stochastic_metric"}, "shape distance of responses in repeated trials, by energy"},
       StochasticShape{.form = StochasticForm::energy}},
  };
  return entries;
}

}  // namespace

std::span<const MetricName> metric_names() {
  static const std::vector<MetricName> names = [] {
    std::vector<MetricName> out;
    for (const auto& [known, metric] : registry()) out.push_back({known.name, known.aliases, known.summary});
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
    std::vector<std::string_view> all = known.aliases;
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
